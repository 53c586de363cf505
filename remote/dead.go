package remote

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DeadLetter is a message that its channel has given up.
type DeadLetter struct {
	Reason     string // of Term, or why it did not decode, or how often it was delivered
	Data       []byte // as it was sent; less of it, if it leaves no room for the headers
	Type       string // codec and type, as the header says them
	ID         string // its message id
	Sequence   uint64 // its place in the channel
	Deliveries int
}

const (
	reasonHeader     = "Handoff-Reason"
	idHeader         = "Handoff-Id"
	sequenceHeader   = "Handoff-Sequence"
	deliveriesHeader = "Handoff-Deliveries"
)

// DeadLetters returns a receiver of what the channel name has given up: messages that
// were delivered too often, that did not decode, and those of [Delivery.Term]. They are
// kept until they are acknowledged. It waits for the server, until ctx ends, and fails
// with [ErrDeleted] if there is no such channel.
func DeadLetters(ctx context.Context, c *Conn, name string) (*Receiver[DeadLetter], error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	set, err := c.deadSettings(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("remote: dead letters of %q: %w", name, err)
	}
	l := newLink(c, name+"=dead", deadStreamName(name), deadSubject(name), set)
	l.eternal = true
	err = c.retry(ctx, func(ctx context.Context) error {
		_, err := ensure(ctx, c, l)
		return err
	})
	if err == nil {
		err = l.start(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("remote: dead letters of %q: %w", name, err)
	}
	return newReceiver(l, func(m *nats.Msg) (DeadLetter, error) {
		n, _ := strconv.Atoi(m.Header.Get(deliveriesHeader))
		seq, _ := strconv.ParseUint(m.Header.Get(sequenceHeader), 10, 64)
		return DeadLetter{
			Reason: m.Header.Get(reasonHeader), Data: m.Data, Type: m.Header.Get(typeHeader),
			ID: m.Header.Get(idHeader), Sequence: seq, Deliveries: n,
		}, nil
	}), nil
}

// deadSettings are those of the stream for dead letters: as safe as the channel's own.
func (c *Conn) deadSettings(ctx context.Context, name string) (settings, error) {
	var info *jetstream.StreamInfo
	err := c.retry(ctx, func(ctx context.Context) error {
		s, err := c.js.Stream(ctx, streamName(name))
		if err == nil {
			info = s.CachedInfo()
		}
		return err
	})
	if err != nil {
		return settings{}, err
	}
	set := defaults()
	set.codec, set.typeName, set.deliveries = Raw, "dead letter", 1<<30
	set.replicas = info.Config.Replicas
	set.transient = info.Config.Storage == jetstream.MemoryStorage
	return set, nil
}

// undertaker moves messages to the dead letters. A message is stored there before it
// leaves its channel, with an id, so that it is there once whatever happens on the way.
type undertaker struct {
	c      *Conn
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	queue   []body
	running bool
	known   map[string]bool // streams that are there
	idle    chan struct{}   // closed while nothing is to be done
}

type body struct {
	l      *link
	m      *nats.Msg
	seq    uint64
	count  int
	reason string
}

func newUndertaker(c *Conn) *undertaker {
	u := &undertaker{c: c, known: map[string]bool{}, idle: make(chan struct{})}
	close(u.idle)
	u.ctx, u.cancel = context.WithCancel(context.Background())
	return u
}

func (u *undertaker) add(l *link, m *nats.Msg, seq uint64, count int, reason string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ctx.Err() != nil {
		return // it comes back after the ack wait
	}
	l.dead.Add(1)
	u.queue = append(u.queue, body{l, m, seq, count, reason})
	if !u.running {
		u.running, u.idle = true, make(chan struct{})
		go u.run() // Conn.Close waits for it
	}
}

func (u *undertaker) run() {
	for {
		u.mu.Lock()
		if len(u.queue) == 0 || u.ctx.Err() != nil {
			u.running = false
			close(u.idle)
			u.mu.Unlock()
			return
		}
		b := u.queue[0]
		u.queue = u.queue[1:]
		u.mu.Unlock()
		if err := u.bury(b); err != nil {
			_ = b.m.NakWithDelay(retryAfter) // another process may succeed
		}
	}
}

func (u *undertaker) bury(b body) error {
	return u.c.retry(u.ctx, func(ctx context.Context) error {
		if b.l.eternal {
			return u.term(ctx, b) // a dead letter that was given up too
		}
		_ = b.m.InProgress() // so that it is not redelivered to another process during this
		if err := u.ensure(ctx, b.l); err != nil {
			return err
		}
		h := nats.Header{}
		h.Set(nats.MsgIdHdr, fmt.Sprintf("%s-%d", b.l.stream, b.seq))
		h.Set(reasonHeader, headerText(b.reason))
		h.Set(typeHeader, b.m.Header.Get(typeHeader))
		h.Set(idHeader, b.m.Header.Get(nats.MsgIdHdr))
		h.Set(sequenceHeader, strconv.FormatUint(b.seq, 10))
		h.Set(deliveriesHeader, strconv.Itoa(b.count))
		msg := &nats.Msg{Subject: deadSubject(b.l.name), Header: h, Data: b.m.Data}
		_, err := u.c.js.PublishMsg(ctx, msg)
		if errors.Is(err, nats.ErrMaxPayload) { // not one of ours, which leave room for the headers
			cut(msg, int(u.c.nc.MaxPayload()))
			_, err = u.c.js.PublishMsg(ctx, msg)
		}
		if err != nil {
			u.unknow(b.l.name)
			return err
		}
		return u.term(ctx, b)
	})
}

// cut takes away what is too much of a message: first of its data, then of the headers
// that are not ours.
func cut(m *nats.Msg, most int) {
	h := m.Header
	h.Set(reasonHeader, fmt.Sprintf("%s (cut: it had %d bytes)", h.Get(reasonHeader), len(m.Data)))
	for _, key := range []string{typeHeader, idHeader} {
		h.Set(key, h.Get(key)[:min(len(h.Get(key)), maxDeadHeader)])
	}
	size := m.Size() - len(m.Subject) - len(m.Reply) - len(m.Data)
	m.Data = m.Data[:max(0, min(len(m.Data), most-size))]
}

// maxDeadHeader limits the headers kept of a message that was not published by this package.
const maxDeadHeader = 1 << 10

// term removes the message from its channel.
func (u *undertaker) term(ctx context.Context, b body) error {
	_, err := u.c.nc.RequestWithContext(ctx, b.m.Reply, []byte("+TERM "+headerText(b.reason)))
	return err
}

// ensure makes the stream for dead letters when there is the first one.
func (u *undertaker) ensure(ctx context.Context, l *link) error {
	u.mu.Lock()
	known := u.known[l.name]
	u.mu.Unlock()
	if known {
		return nil
	}
	set, err := u.c.deadSettings(ctx, l.name)
	if err != nil {
		return err
	}
	_, err = u.c.js.CreateStream(ctx, set.streamConfig(deadStreamName(l.name), deadSubject(l.name), u.c.by))
	if err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return err
	}
	u.mu.Lock()
	u.known[l.name] = true
	u.mu.Unlock()
	return nil
}

func (u *undertaker) unknow(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.known, name)
}

// wait returns when nothing is left to do, or after d, when it reports what is.
func (u *undertaker) wait(d time.Duration) error {
	u.mu.Lock()
	idle := u.idle
	u.mu.Unlock()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-idle:
		u.cancel()
		return nil
	case <-t.C:
	}
	u.cancel()
	<-idle
	u.mu.Lock()
	defer u.mu.Unlock()
	return fmt.Errorf("remote: %d messages did not get to the dead letters: they will be delivered again", 1+len(u.queue))
}

// headerText fits a reason into a header line.
func headerText(s string) string {
	const most = 512
	b := []byte(s)
	for i, c := range b {
		if c < ' ' {
			b[i] = ' '
		}
	}
	return string(b[:min(len(b), most)])
}
