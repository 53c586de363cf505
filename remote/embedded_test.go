package remote

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two servers in one directory would overwrite each other's messages.
func TestADataDirectoryBelongsToOneServer(t *testing.T) {
	ctx := within(t)
	dir := filepath.Join(t.TempDir(), "data")
	a, err := Open(ctx, "embedded:"+dir)
	require.NoError(t, err)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	for _, same := range []string{dir, dir + "/.", link} {
		_, err = Open(ctx, "embedded:"+same)
		require.ErrorContains(t, err, "used by another server", same)
	}
	require.NoError(t, a.Close())

	if runtime.GOOS == "windows" {
		return
	}
	// Another process, which knows nothing of ours.
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	require.NoError(t, err)
	require.NoError(t, lockFile(f))
	_, err = Open(ctx, "embedded:"+dir)
	require.ErrorContains(t, err, "used by another server")
	require.NoError(t, f.Close())
	b, err := Open(ctx, "embedded:"+link)
	require.NoError(t, err)
	require.NoError(t, b.Close())
}

func TestAnEmbeddedServerThatCannotStartIsAnErrorInTime(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, open := range map[string]func(context.Context) (*Conn, error){
		"taken port": func(ctx context.Context) (*Conn, error) { return Open(ctx, "", Listen(l.Addr().String())) },
		"a file":     func(ctx context.Context) (*Conn, error) { return Open(ctx, "embedded:"+file) },
		"no JetStream": func(ctx context.Context) (*Conn, error) {
			return Open(ctx, "", Server(func(o *server.Options) { o.JetStream = false }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			_, err := open(ctx)
			require.Error(t, err)
			t.Log(time.Since(start), err)
			assert.Less(t, time.Since(start), 5*time.Second)
		})
	}
}
