package harness

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Fault is what a [Proxy] does to everything that passes it. The zero value is a good network.
type Fault struct {
	// Delay is how long every piece of data is held back, in both directions.
	Delay time.Duration
	// Silent lets nothing pass, and keeps the connections: what a firewall or a pulled plug
	// does. What was written before the fault ended arrives after it, unless [Proxy.Cut]
	// comes first.
	Silent bool
	// Deaf lets requests pass and throws the answers away: the server has stored a message,
	// and the client gets no answer. The connection is useless from then on, because its
	// protocol has a hole, so end this fault with [Proxy.Cut].
	Deaf bool
	// Refuse closes every new connection at once.
	Refuse bool
}

// Proxy stands between clients and a server, and does what networks do.
type Proxy struct {
	listener net.Listener
	target   string
	wg       sync.WaitGroup

	mu      sync.Mutex
	fault   Fault
	changed chan struct{} // closed when fault is another one
	open    map[net.Conn]bool
	closed  bool
}

// NewProxy starts a proxy for a server's URL, without credentials. It ends with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &Proxy{
		listener: l,
		target:   strings.TrimPrefix(target, "nats://"),
		changed:  make(chan struct{}),
		open:     make(map[net.Conn]bool),
	}
	p.wg.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// URL is what a client is given instead of the server's.
func (p *Proxy) URL() string { return "nats://" + p.listener.Addr().String() }

// Set replaces the fault, also for the connections that exist.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	close(p.changed)
	p.changed = make(chan struct{})
}

// Cut closes all connections, with whatever is on its way in them.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		// A reset rather than an orderly end: the kernel throws away what it has buffered.
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
}

// Connections is how many clients are connected.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open) / 2
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close()
	p.Set(Fault{})
	p.Cut()
	p.wg.Wait()
}

func (p *Proxy) now() (Fault, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault, p.changed
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		if f, _ := p.now(); f.Refuse {
			_ = client.Close()
			continue
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil || !p.add(client, server) {
			_ = client.Close()
			if err == nil {
				_ = server.Close()
			}
			continue
		}
		p.wg.Go(func() { p.pump(server, client, false) })
		p.wg.Go(func() { p.pump(client, server, true) })
	}
}

// add makes the two ends of a connection known, unless the proxy is at its end.
func (p *Proxy) add(ends ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	for _, c := range ends {
		p.open[c] = true
	}
	return true
}

// piece is data on its way.
type piece struct {
	data  []byte
	since time.Time
}

// pump moves data from one end to the other until either is closed, and closes both.
func (p *Proxy) pump(to, from net.Conn, answers bool) {
	gone, end := context.WithCancel(context.Background())
	pieces := make(chan piece, 64)
	var reader sync.WaitGroup
	// It reads on while a fault holds data back: it is how the end of a connection is noticed.
	reader.Go(func() {
		defer end()
		defer close(pieces)
		for {
			buf := make([]byte, 32<<10)
			n, err := from.Read(buf)
			if n > 0 {
				pieces <- piece{buf[:n], time.Now()}
			}
			if err != nil {
				return
			}
		}
	})
	for b := range pieces {
		if p.pass(gone, b.since, answers) {
			if _, err := to.Write(b.data); err != nil {
				break
			}
		}
	}
	_ = from.Close()
	_ = to.Close()
	for range pieces { // lets the reader end
	}
	reader.Wait()
	p.mu.Lock()
	delete(p.open, from)
	p.mu.Unlock()
}

// pass holds a piece of data back for as long as the fault wants it, and reports whether it
// goes on after that. The delay counts from when the piece came in: it makes a way longer,
// and no narrower.
func (p *Proxy) pass(gone context.Context, since time.Time, answers bool) bool {
	for {
		f, changed := p.now()
		switch {
		case f.Deaf && answers:
			return false
		case f.Silent:
			select {
			case <-changed:
				continue
			case <-gone.Done():
				return false
			}
		}
		rest := time.Until(since.Add(f.Delay))
		if rest <= 0 {
			return true
		}
		select {
		case <-time.After(rest):
		case <-changed:
		case <-gone.Done():
			return false
		}
	}
}
