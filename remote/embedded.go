package remote

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// embedded is a server in this process.
type embedded struct {
	srv  *server.Server
	dir  string
	temp bool
	lock *os.File
}

// A data directory belongs to one server: two would overwrite each other's messages,
// and the server itself does not look. Processes find out by a lock on a file; where
// there is none, those of this process do by the name.
var (
	dirsMu sync.Mutex
	dirs   = map[string]bool{}
)

const lockName = "handoff.lock"

func startEmbedded(ctx context.Context, dir string, o *openOptions) (_ *embedded, err error) {
	e := &embedded{dir: dir}
	if dir == "" {
		if e.dir, err = os.MkdirTemp("", "handoff-remote-"); err != nil {
			return nil, fmt.Errorf("remote: data directory: %w", err)
		}
		e.temp = true
	} else if e.dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("remote: data directory: %w", err)
	} else if err = os.MkdirAll(e.dir, 0o700); err != nil {
		return nil, fmt.Errorf("remote: data directory: %w", err)
	}
	if err := e.take(); err != nil {
		return nil, err
	}
	opts := &server.Options{
		ServerName: fmt.Sprintf("handoff-%d", os.Getpid()),
		JetStream:  true,
		StoreDir:   e.dir,
		DontListen: o.host == "",
		Host:       o.host,
		Port:       o.port,
		NoSigs:     true, // signals belong to the program
		NoLog:      true,
	}
	if o.server != nil {
		o.server(opts)
	}
	if e.srv, err = server.NewServer(opts); err != nil {
		e.free()
		return nil, fmt.Errorf("remote: embedded server: %w", err)
	}
	e.srv.Start()
	for end := time.Now().Add(10 * time.Second); !e.srv.ReadyForConnections(tick); {
		if ctx.Err() == nil && time.Now().Before(end) {
			continue
		}
		e.stop()
		err := fmt.Errorf("remote: the embedded server did not come up in %s; is the address free and the directory writable?", e.dir)
		if ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", err, ctx.Err())
		}
		return nil, err
	}
	return e, nil
}

// take makes the directory ours, until free.
func (e *embedded) take() (err error) {
	used := fmt.Errorf("remote: data directory %s is used by another server", e.dir)
	dirsMu.Lock()
	defer dirsMu.Unlock()
	if dirs[e.dir] {
		return used
	}
	if e.lock, err = os.OpenFile(filepath.Join(e.dir, lockName), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return fmt.Errorf("remote: data directory: %w", err)
	}
	if lockFile(e.lock) != nil {
		_ = e.lock.Close()
		return used
	}
	dirs[e.dir] = true
	return nil
}

// writeError is what went wrong when the server last wrote for a stream, or "". It answers
// no publish then, so that a full disk would look like a lost connection.
func (e *embedded) writeError(stream string) string {
	if e == nil {
		return ""
	}
	for _, err := range e.srv.Healthz(&server.HealthzOptions{Details: true}).Errors {
		if err.Stream == stream {
			return err.Error
		}
	}
	return ""
}

func (e *embedded) stop() {
	e.srv.Shutdown()
	e.srv.WaitForShutdown()
	e.free()
}

func (e *embedded) free() {
	dirsMu.Lock()
	delete(dirs, e.dir)
	_ = e.lock.Close() // it was only held
	dirsMu.Unlock()
	if e.temp {
		_ = os.RemoveAll(e.dir) // what stays is in the folder for temporary files
	}
}
