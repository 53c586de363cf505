package faults_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/remote"
	"github.com/handoff-go/handoff/remote/internal/harness"
)

func TestMain(m *testing.M) {
	harness.Main(map[string]func() error{
		"holder":   holder,
		"finisher": finisher,
		"sender":   sender,
	})
	// A server that is stopped while it makes a stream leaves the goroutines of its store.
	const server = "github.com/nats-io/nats-server/v2/server"
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction(server+".(*fileStore).flushStreamStateLoop"),
		goleak.IgnoreTopFunction(server+"/ats.Register.func1"))
}

// limit is for what has to end by itself, long before that.
const limit = 60 * time.Second

// connect opens a connection that ends with the test.
func connect(t *testing.T, ctx context.Context, url string, opts ...remote.OpenOption) *remote.Conn {
	t.Helper()
	c, err := remote.Open(ctx, url, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() }) // tests that care about its error close it themselves
	return c
}

// ends reports whether an error is the regular end of a consumer in a test: the channel is
// closed, or its context is over.
func ends(err error) bool {
	return errors.Is(err, remote.ErrClosed) || errors.Is(err, context.Canceled)
}
