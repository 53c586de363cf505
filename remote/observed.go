package remote

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/handoff-go/handoff/observe"
)

// The server is asked about a channel in the background, and only after a snapshot
// was taken: package observe asks while recording is on and a snapshot is taken.
// So a program that is not observed sends no request for it, and one that is observed
// shows what was known a moment ago instead of waiting.
const (
	lookEvery = time.Second // from the end of one round to the beginning of the next, at least
	lookers   = 8           // channels that are asked about at once
)

// looks are the rounds of a connection. Under Conn.mu.
type looks struct {
	busy bool
	next time.Time
}

// sight is what the server has said of a channel.
type sight struct {
	mu  sync.Mutex
	row observe.Remote // its part of the row
	err error          // why the last request failed
}

// show has the link appear in snapshots, until hide.
func (l *link) show() {
	about := observe.Remote{
		Name: l.name, Site: caller(), Where: l.conn.where(), Flavour: "remote unbounded", Capacity: -1, Opened: time.Now(),
	}
	about.Message, _, _ = strings.Cut(l.set.typeName, "#") // the fingerprint says nothing to people
	if l.set.capacity > 0 {
		about.Flavour, about.Capacity = "remote bounded", l.set.capacity
	}
	if l.set.transient {
		about.Flavour += " transient"
	}
	l.unobserve = observe.Register(about, l.tell)
}

func (l *link) hide() {
	if l.unobserve != nil {
		l.unobserve()
	}
}

// tell fills in what is known, and starts a request to the server if that is old.
func (l *link) tell(r *observe.Remote) {
	l.conn.look()
	l.sight.mu.Lock()
	s, err := l.sight.row, l.sight.err
	l.sight.mu.Unlock()
	r.Len, r.Lag, r.Pending, r.Redelivered, r.Dead, r.Known = s.Len, s.Lag, s.Pending, s.Redelivered, s.Dead, s.Known
	r.Sent, r.Received = l.sent.Load(), l.received.Load()
	r.Repeated, r.GivenUp = uint64(l.again.Load()), uint64(l.dead.Load())
	if where := l.conn.where(); where != "" {
		r.Where = where
	}
	if cause := l.closedErr(); cause != nil {
		r.Closed = true
		if why, ok := errors.AsType[*closedWith](cause); ok {
			r.Cause = why.cause.Error()
		}
	}
	waiting, failed := l.out.waiting()
	r.WaitingSenders, r.WaitingReceivers = waiting, l.pull.waiting()
	r.Senders, r.Receivers = l.leases.count(asSender), l.leases.count(asReceiver)
	if down := l.conn.down(); down != nil {
		err = down
	} else if err == nil {
		err = failed
	}
	if err != nil {
		r.Err = strings.TrimPrefix(err.Error(), "remote: ")
	}
}

// waiting is how many messages are not stored yet, and why the last attempt has failed.
func (o *outbox) waiting() (n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, j := range o.queue {
		if !j.done && !j.withdrawn {
			n += len(j.msgs) - j.stored
		}
	}
	if n > 0 && !errors.Is(o.last, ErrFull) {
		err = o.last
	}
	return n, err
}

func (p *puller) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiters)
}

// count returns how many leases a side holds, according to the watch.
func (s *leases) count(as side) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.others[as])
}

// where is the server, without credentials.
func (c *Conn) where() string {
	if c.srv == nil {
		return c.nc.ConnectedUrlRedacted()
	}
	if at := c.srv.srv.Addr(); at != nil {
		return "in this process, at " + at.String()
	}
	return "in this process"
}

// down returns why no request can be made now, or nil.
func (c *Conn) down() error {
	if err := c.lost(); err != nil {
		return err
	}
	if c.nc.IsConnected() {
		return nil
	}
	if err := c.nc.LastError(); err != nil {
		return fmt.Errorf("not connected: %w", err)
	}
	return errors.New("not connected")
}

// look begins a round of questions if the last one is old enough. A server that is slow is
// not asked all the time: the pause is as long as the round was.
func (c *Conn) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.looks.busy || time.Now().Before(c.looks.next) {
		return
	}
	c.looks.busy = true
	c.work.Go(c.lookAtAll)
}

func (c *Conn) lookAtAll() {
	begun := time.Now()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.looks = looks{next: time.Now().Add(max(lookEvery, time.Since(begun)))}
	}()
	if c.down() != nil {
		return
	}
	links := c.snapshot()
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(lookers, len(links)) {
		all.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(links); i = next.Add(1) - 1 {
				links[i].see()
			}
		})
	}
	all.Wait()
}

// see asks the server. It ends with the link, and so with the connection.
func (l *link) see() {
	ctx, cancel := context.WithTimeout(l.ctx, attempt)
	defer cancel()
	row, err := l.ask(ctx)
	if l.ctx.Err() != nil {
		return
	}
	l.sight.mu.Lock()
	defer l.sight.mu.Unlock()
	l.sight.err = explain(err)
	if row.Known.IsZero() {
		return
	}
	if err != nil {
		row.Dead = l.sight.row.Dead
	}
	l.sight.row = row
}

// ask returns what the server says. With an error it may be all but the dead letters: the
// credentials that allow using a channel may not allow reading those.
func (l *link) ask(ctx context.Context) (row observe.Remote, err error) {
	stream, err := l.conn.js.Stream(ctx, l.stream)
	if err != nil {
		return row, err
	}
	consumer, err := l.conn.js.Consumer(ctx, l.stream, consumerName)
	if err != nil {
		return row, err
	}
	info := consumer.CachedInfo()
	row.Len, row.Lag = stream.CachedInfo().State.Msgs, info.NumPending
	row.Pending, row.Redelivered = uint64(info.NumAckPending), uint64(info.NumRedelivered)
	row.Known = time.Now()
	if !l.eternal { // the dead letters have none
		dead, err := l.conn.js.Stream(ctx, deadStreamName(l.name))
		switch {
		case err == nil:
			row.Dead = dead.CachedInfo().State.Msgs
		case !errors.Is(err, jetstream.ErrStreamNotFound): // it is made for the first one
			return row, fmt.Errorf("dead letters: %w", err)
		}
	}
	return row, nil
}

// caller is the place in the program that opens a channel.
func caller() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		inside := strings.HasPrefix(f.Function, "github.com/handoff-go/handoff/remote.")
		if f.File != "" && (!inside || strings.HasSuffix(f.File, "_test.go")) {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return ""
		}
	}
}
