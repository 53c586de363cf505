package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// link is what the handles of one opened channel share: everything but the type of the
// messages.
type link struct {
	conn    *Conn
	name    string
	stream  string
	subject string
	kind    string // codec and type, as the header says them
	set     settings
	fast    bool // the stream takes fast batches

	out     *outbox
	pull    *puller
	leases  *leases
	ctx     context.Context // ends when both ends were dropped
	cancel  context.CancelFunc
	acks    *acker
	mute    atomic.Bool // tests: the process is as good as dead
	eternal bool        // no sender has a lease

	dead      atomic.Int64 // given up by this process
	undecoded atomic.Int64
	again     atomic.Int64 // deliveries that were not the first
	sent      atomic.Uint64
	received  atomic.Uint64
	sight     sight
	unobserve func()

	mu      sync.Mutex
	senders int // handles
	takers  int
	closed  error         // why no process can send any more
	gone    error         // why no sender of this link can send: closed, or no receiver is left
	done    chan struct{} // closed with gone
}

func newLink(c *Conn, name, stream, subject string, set settings) *link {
	l := &link{
		conn: c, name: name, stream: stream, subject: subject, set: set,
		kind: set.codec.Name() + " " + set.typeName,
		done: make(chan struct{}),
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.out = newOutbox(l)
	l.pull = newPuller(l)
	return l
}

func (l *link) start(ctx context.Context) error {
	err := l.conn.retry(ctx, func(ctx context.Context) (err error) {
		l.leases, err = openLeases(ctx, l)
		return err
	})
	if err != nil {
		l.cancel()
		return err
	}
	l.acks = l.conn.acks.add(l)
	l.show()
	if err := l.conn.add(l); err != nil {
		l.hide()
		l.cancel()
		return err
	}
	return nil
}

// shut ends the handles of the link, for err.
func (l *link) shut(err error) {
	l.out.shut(err)
	l.pull.shut(err)
	l.endSenders(err)
	l.retire()
}

// retire ends what the link itself runs. Its goroutine gives the leases up and ends
// soon; Conn.Close waits for that.
func (l *link) retire() {
	l.cancel()
	l.conn.remove(l)
	l.hide()
	l.acks.retire()
}

// dropSender counts a handle less; the last one ends the sending side.
func (l *link) dropSender() {
	l.mu.Lock()
	l.senders--
	last, both := l.senders == 0, l.senders+l.takers == 0
	l.mu.Unlock()
	if last {
		l.out.shut(ErrDropped)
		l.leases.end(asSender)
	}
	if both {
		l.retire()
	}
}

func (l *link) dropReceiver() {
	l.mu.Lock()
	l.takers--
	last, both := l.takers == 0, l.senders+l.takers == 0
	l.mu.Unlock()
	if last {
		l.pull.shut(ErrDropped)
		l.leases.end(asReceiver)
	}
	if both {
		l.retire()
	}
}

// observe takes from the stream's description whether the channel is closed.
func (l *link) observe(info *jetstream.StreamInfo) {
	cause, closed := info.Config.Metadata[metaClosed]
	if !closed {
		return
	}
	if cause == "" {
		l.markClosed(ErrClosed)
		return
	}
	l.markClosed(&closedWith{cause: errors.New(cause), by: info.Config.Metadata[metaClosedBy]})
}

// markClosed says that the channel was closed. The first cause stays.
func (l *link) markClosed(err error) {
	l.mu.Lock()
	if l.closed == nil {
		l.closed = err
	}
	l.mu.Unlock()
	l.endSenders(err)
	l.pull.draining()
}

// endSenders fails all sends of this link from now on.
func (l *link) endSenders(err error) {
	l.mu.Lock()
	first := l.gone == nil
	if first {
		l.gone = err
		close(l.done)
	}
	l.mu.Unlock()
	if first {
		l.out.kick()
	}
}

func (l *link) goneErr() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone
}

func (l *link) closedErr() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// inspect asks the server what became of the stream: nil if it is there and open.
func (l *link) inspect(ctx context.Context) (*jetstream.StreamInfo, error) {
	s, err := l.conn.js.Stream(ctx, l.stream)
	if err != nil {
		return nil, explain(err)
	}
	info := s.CachedInfo()
	l.observe(info)
	return info, nil
}

// close ends the channel for everybody. The stream gives up its subject, so that the
// server itself refuses what is sent after this, by whomever.
func (l *link) close(ctx context.Context, cause error) error {
	text := ""
	if cause != nil {
		if text = cause.Error(); text == "" {
			text = fmt.Sprintf("%T", cause)
		}
	}
	err := l.conn.retry(ctx, func(ctx context.Context) error {
		info, err := l.inspect(ctx)
		if err != nil || l.closedErr() != nil {
			return err
		}
		cfg := info.Config
		cfg.Subjects = []string{closedSubject(l.name)}
		cfg.Metadata[metaClosed] = text
		cfg.Metadata[metaClosedBy] = l.conn.by
		_, err = l.conn.js.UpdateStream(ctx, cfg)
		return err
	})
	if err != nil {
		return fmt.Errorf("remote: close channel %q: %w", l.name, err)
	}
	if cause == nil {
		l.markClosed(ErrClosed)
	} else {
		l.markClosed(&closedWith{cause: cause, by: l.conn.by})
	}
	// The others see it in the stream when they send, or when they run dry; this is so
	// that they need not wait for that.
	return l.conn.retry(ctx, l.leases.announce)
}

// describe is for the String of handles.
func (l *link) describe() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := "unbounded"
	if l.set.capacity > 0 {
		size = fmt.Sprintf("bounded %d", l.set.capacity)
	}
	state := "open"
	if l.closed != nil {
		state = "closed"
	}
	return fmt.Sprintf("%s, %s, %s, here %d senders and %d receivers", l.name, size, state, l.senders, l.takers)
}

func newID() string { return nuid.Next() }
