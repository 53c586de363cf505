package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Conn is a connection to JetStream, and the embedded server if there is one. It is safe
// for concurrent use and serves any number of channels.
type Conn struct {
	nc  *nats.Conn
	js  jetstream.JetStream
	srv *embedded
	by  string // the name of this process

	acks *ackers
	bury *undertaker

	mu     sync.Mutex
	links  map[*link]struct{}
	closed bool
	looks  looks
	stop   chan struct{}
	work   sync.WaitGroup // all goroutines
}

// attempt is how long one try of an operation waits for its answer. The context of the
// caller says how long there are more.
const attempt = 2 * time.Second

// tick is how often the connection looks after its receivers.
const tick = 100 * time.Millisecond

// Open connects to the servers of url, "nats://host:4222" or several of them separated by
// commas, or starts a server in this process: "embedded:DIR" keeps its data in DIR, and
// "embedded:" or "" in a temporary directory that Close removes.
//
// It returns when the connection stands and JetStream answers, and fails when ctx ends
// first, when no server can be reached, when they refuse the credentials ([ErrAuth]), or
// when JetStream is off. Later the connection is renewed for as long as it takes.
func Open(ctx context.Context, url string, opts ...OpenOption) (*Conn, error) {
	var o openOptions
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return nil, err
		}
	}
	c := &Conn{by: o.name, links: map[*link]struct{}{}, stop: make(chan struct{})}
	if c.by == "" {
		host, _ := os.Hostname()
		c.by = fmt.Sprintf("%s pid %d", host, os.Getpid())
	}
	settings := []nats.Option{
		nats.Name("handoff " + c.by),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(100 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.ReconnectBufSize(-1), // every send is answered for; a buffer would only hide where it is
		nats.PingInterval(10 * time.Second),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // the default prints; the calls concerned return the error
	}
	dir, local := strings.CutPrefix(url, "embedded:")
	if local || url == "" {
		srv, err := startEmbedded(ctx, dir, &o)
		if err != nil {
			return nil, err
		}
		c.srv = srv
		settings = append(settings, nats.InProcessServer(srv.srv))
		url = ""
	}
	if err := c.connect(ctx, url, append(settings, o.nats...)); err != nil {
		if c.nc != nil {
			c.nc.Close()
		}
		if c.srv != nil {
			c.srv.stop()
		}
		return nil, err
	}
	c.bury = newUndertaker(c)
	acks, err := newAckers(c)
	c.acks = acks
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.work.Go(c.tick)
	return c, nil
}

func (c *Conn) connect(ctx context.Context, url string, opts []nats.Option) error {
	type result struct {
		nc  *nats.Conn
		err error
	}
	done := make(chan result, 1)
	go func() { // the client knows no contexts here; its own timeout ends this
		nc, err := nats.Connect(url, opts...)
		done <- result{nc, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return explain(fmt.Errorf("remote: connect to %s: %w", url, r.err))
		}
		c.nc = r.nc
	case <-ctx.Done():
		go func() {
			if r := <-done; r.nc != nil {
				r.nc.Close()
			}
		}()
		return fmt.Errorf("remote: connect to %s: %w", url, ctx.Err())
	}
	js, err := jetstream.New(c.nc, jetstream.WithDefaultTimeout(attempt))
	if err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	c.js = js
	// A cluster that has just started answers after a while.
	return c.retry(ctx, func(ctx context.Context) error {
		_, err := js.AccountInfo(ctx)
		return err
	})
}

// NATS returns the connection below, for what this package does not offer. Closing it
// is for [Conn.Close].
func (c *Conn) NATS() *nats.Conn { return c.nc }

// URL is where other processes reach the server this connection uses: the address of the
// embedded server, "" if that does not listen.
func (c *Conn) URL() string {
	if c.srv != nil {
		if c.srv.srv.Addr() == nil {
			return ""
		}
		return c.srv.srv.ClientURL()
	}
	return c.nc.ConnectedUrl()
}

// Close drops every handle of the connection, sends what acknowledgements are on their
// way, and stops the embedded server. Sends that wait fail with their values. Messages
// that were fetched and not received go back to the stream.
//
// It reports acknowledgements that could not be confirmed within 5 seconds: those
// messages will be delivered again. It may be called any number of times.
func (c *Conn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	links := make([]*link, 0, len(c.links))
	for l := range c.links {
		links = append(links, l)
	}
	close(c.stop)
	c.mu.Unlock()
	for _, l := range links {
		l.shut(ErrConn)
	}
	err := c.bury.wait(5 * time.Second)
	c.work.Wait()
	err = errors.Join(err, c.acks.close(5*time.Second))
	c.nc.Close()
	if c.srv != nil {
		c.srv.stop()
	}
	return err
}

// tick looks after receivers and acknowledgements: nothing in it waits for an answer.
func (c *Conn) tick() {
	t := time.NewTicker(tick)
	defer t.Stop()
	status := c.nc.StatusChanged(nats.CONNECTED)
	defer c.nc.RemoveStatusListener(status)
	for {
		fresh := false
		select {
		case <-c.stop:
			return
		case <-t.C:
		case _, ok := <-status:
			if !ok {
				status = nil
				continue
			}
			fresh = true
		}
		lost := c.lost()
		c.acks.tick(fresh)
		for _, l := range c.snapshot() {
			if lost != nil { // for good: the credentials are not taken any more
				l.endSenders(lost)
				l.pull.finish(lost, true)
			}
			l.pull.tick(fresh)
			if fresh {
				l.leases.reconnected()
				l.out.kick()
			}
		}
	}
}

func (c *Conn) snapshot() []*link {
	c.mu.Lock()
	defer c.mu.Unlock()
	links := make([]*link, 0, len(c.links))
	for l := range c.links {
		links = append(links, l)
	}
	return links
}

// add registers an open channel, unless the connection is closed. Its goroutine starts
// under the lock, so that Close, which waits for all, does not miss it.
func (c *Conn) add(l *link) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrConn
	}
	c.links[l] = struct{}{}
	c.work.Go(l.leases.run)
	return nil
}

func (c *Conn) remove(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.links, l)
}

// lost returns why the connection is closed for good, or nil.
func (c *Conn) lost() error {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	switch {
	case closed:
		return ErrConn
	case !c.nc.IsClosed():
		return nil
	}
	if err := c.nc.LastError(); err != nil {
		return explain(fmt.Errorf("remote: connection lost: %w", err))
	}
	return fmt.Errorf("remote: connection lost: %w", nats.ErrConnectionClosed)
}
