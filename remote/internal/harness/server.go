package harness

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
)

// patience is how long a server may take for what takes it a moment when nothing else runs.
const patience = 60 * time.Second

// options are those of a server that takes part in a test.
func options(dir string) *server.Options {
	return &server.Options{
		Host:                   "127.0.0.1",
		Port:                   server.RANDOM_PORT,
		JetStream:              true,
		StoreDir:               dir,
		DisableJetStreamBanner: true,
		NoLog:                  true,
		NoSigs:                 true,
	}
}

// Server starts one server, which ends with the test. change may set what the defaults are
// not good for: credentials, TLS, limits.
func Server(t testing.TB, change ...func(*server.Options)) *server.Server {
	t.Helper()
	opts := options(t.TempDir())
	for _, c := range change {
		c(opts)
	}
	s := start(t, opts)
	t.Cleanup(func() { Stop(s) })
	return s
}

func start(t testing.TB, opts *server.Options) *server.Server {
	t.Helper()
	s, err := server.NewServer(opts)
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(patience), "the server does not come up")
	return s
}

// Stop ends a server and waits until it has exited and written its data.
func Stop(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}
