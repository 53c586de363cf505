package remote

import (
	"fmt"
	"net"
	"strconv"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// OpenOption is a setting of a connection.
type OpenOption func(*openOptions) error

type openOptions struct {
	nats   []nats.Option
	host   string
	port   int
	server func(*server.Options)
	name   string
}

// NATS passes options on to nats.go: TLS, credentials, users, nkeys, handlers. They come
// after the ones that package remote sets: endless reconnects, no buffer for messages while
// there is no connection, and an error handler that prints nothing.
func NATS(opts ...nats.Option) OpenOption {
	return func(o *openOptions) error {
		o.nats = append(o.nats, opts...)
		return nil
	}
}

// Listen has the embedded server accept other processes at addr, "127.0.0.1:0" for any
// free port; [Conn.URL] returns which. Without it only this process can connect.
func Listen(addr string) OpenOption {
	return func(o *openOptions) error {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return fmt.Errorf("%w: listen address: %w", ErrOption, err)
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return fmt.Errorf("%w: listen address %q: %w", ErrOption, addr, err)
		}
		if host == "" {
			host = "0.0.0.0"
		}
		if o.host, o.port = host, int(n); n == 0 {
			o.port = server.RANDOM_PORT
		}
		return nil
	}
}

// Server changes the options of the embedded server before it starts: limits, users,
// TLS, logging.
func Server(change func(*server.Options)) OpenOption {
	return func(o *openOptions) error {
		o.server = change
		return nil
	}
}

// Name sets the name of this process in the errors that other processes get. Default: the
// host's name and the process id.
func Name(name string) OpenOption {
	return func(o *openOptions) error {
		o.name = name
		return nil
	}
}
