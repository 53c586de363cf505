package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// batches publishes several messages at once: the fast batches of nats-server 2.14,
// which nats.go has no call for. Every message says in its reply subject which batch it
// belongs to and its place in it; the server answers now and then how far it has stored,
// and at the end. With "fail" it stores nothing behind a message that is missing.
type batches struct {
	o     *outbox
	inbox string
	sub   *nats.Subscription
	news  chan struct{}

	id     string // of the batch on its way; this and the rest under the lock of the outbox
	stored int    // of it, as far as the server has said
	final  bool
	told   bool // stored is all of it that is stored, or ever will be
	err    error
}

// Operations of a message in a batch.
const (
	opStart = iota
	opAppend
	opCommit
	_
	opPing
)

const (
	flow   = 128 // an answer every so many messages, at most
	window = 2048
	// windowBytes keeps few large messages from filling the buffers of the server.
	windowBytes = 8 << 20
)

// pubAnswer is what the server answers to a publish, in a batch or not.
type pubAnswer struct {
	Type  string              `json:"type"`
	Seq   uint64              `json:"seq"`
	Batch string              `json:"batch"`
	Count uint64              `json:"count"`
	Error *jetstream.APIError `json:"error"`
}

func (a *pubAnswer) parse(data []byte) error {
	if err := json.Unmarshal(data, a); err != nil {
		return fmt.Errorf("remote: answer to a publish: %w: %q", err, data)
	}
	return nil
}

func (a *pubAnswer) failure() error {
	if a.Error == nil {
		return nil
	}
	return explain(a.Error)
}

// publish sends items and waits until the server has stored them all, or will not. It
// returns how many are stored for certain, from the front, and why the next is not.
func (b *batches) publish(items []item) (int, error) {
	nc := b.o.l.conn.nc
	b.o.sure = true
	if err := b.open(); err != nil {
		return 0, b.o.failure(err)
	}
	id := b.begin()
	prefix := fmt.Sprintf("%s.%s.%d.fail.", b.inbox, id, answers(items))
	flying, first := 0, 0 // bytes, and the first message of those
	var stall stall
	for n, it := range items {
		for {
			stored, over, err := b.progress()
			if over {
				return stored, err
			}
			for ; first < stored; first++ {
				flying -= len(items[first].message().data)
			}
			if n-stored < window && (flying < windowBytes || n == stored) {
				break
			}
			if err := b.wait(&stall, prefix, n); err != nil {
				return b.give(err)
			}
		}
		op := opAppend
		switch {
		case n == len(items)-1:
			op = opCommit
		case n == 0:
			op = opStart
		}
		m := it.message()
		msg := b.o.l.message(m)
		msg.Reply = prefix + strconv.Itoa(n+1) + "." + strconv.Itoa(op) + ".$FI"
		if err := nc.PublishMsg(msg); err != nil {
			return b.give(b.o.failure(err))
		}
		flying += len(m.data)
	}
	for {
		stored, over, err := b.progress()
		if over {
			return stored, err
		}
		if err := b.wait(&stall, prefix, len(items)); err != nil {
			return b.give(err)
		}
	}
}

// answers is after how many messages the server is to answer: often enough that there are
// two answers in a full window, or the sender would stall.
func answers(items []item) int {
	largest := 1
	for _, it := range items {
		largest = max(largest, len(it.message().data))
	}
	return min(flow, max(1, windowBytes/2/largest))
}

// open subscribes to the answers, once.
func (b *batches) open() error {
	b.o.mu.Lock()
	defer b.o.mu.Unlock()
	if b.sub != nil {
		return nil
	}
	inbox := b.o.l.conn.nc.NewInbox()
	sub, err := b.o.l.conn.nc.Subscribe(inbox+".>", b.answer)
	if err != nil {
		return err
	}
	b.inbox, b.sub, b.news = inbox, sub, make(chan struct{}, 1)
	return nil
}

func (b *batches) close() {
	if b.sub != nil {
		_ = b.sub.Unsubscribe() // the connection is closed, or nearly
	}
}

func (b *batches) begin() string {
	b.o.mu.Lock()
	defer b.o.mu.Unlock()
	b.id, b.stored, b.final, b.told, b.err = newID(), 0, false, false, nil
	return b.id
}

// answer takes in what the server says.
func (b *batches) answer(m *nats.Msg) {
	rest, _ := strings.CutPrefix(m.Subject, b.inbox+".")
	id, _, _ := strings.Cut(rest, ".")
	b.o.mu.Lock()
	defer b.o.mu.Unlock()
	if id != b.id || b.final {
		return // of a batch that was given up
	}
	var a pubAnswer
	switch {
	case m.Header.Get("Status") == "503" && len(m.Data) == 0:
		b.final, b.told, b.err = true, b.refused(m), nats.ErrNoResponders
	case a.parse(m.Data) != nil:
		return
	case a.Type == "ack":
		b.stored = max(b.stored, int(a.Seq))
	case a.Type == "gap": // the end follows
	case a.Type == "err":
		b.err = a.failure() // the end follows
	case a.Error != nil:
		b.final, b.told, b.err = true, b.refused(m), a.failure()
	case a.Batch == "" || a.Batch == id:
		b.final, b.told, b.stored = true, true, max(b.stored, int(a.Count))
	}
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// refused reports whether nothing behind what the server has confirmed can be stored, when
// all it says is that it did not take the message of m: the place of that is in the reply
// subject. Those before it may be stored, and no answer said so.
func (b *batches) refused(m *nats.Msg) bool {
	parts := strings.Split(m.Subject, ".")
	if len(parts) < 3 {
		return false
	}
	place, err := strconv.Atoi(parts[len(parts)-3])
	return err == nil && place <= b.stored+1
}

// progress returns how much is stored, whether the server has ended the batch, and then
// why at that place.
func (b *batches) progress() (stored int, over bool, err error) {
	b.o.mu.Lock()
	stored, over, err = b.stored, b.final, b.err
	b.o.sure = !over || b.told
	b.o.mu.Unlock()
	if !over {
		return stored, false, nil
	}
	if err == nil {
		err = errGap // unless all is stored
	} else if !isOurs(err) {
		err = b.o.failure(err)
	}
	return stored, true, err
}

// errGap: messages of a batch were lost on the way.
var errGap = fmt.Errorf("%w: messages were lost on the way", ErrUnavailable)

// isOurs distinguishes an error that was explained from the client's ErrNoResponders.
func isOurs(err error) bool { return err != nats.ErrNoResponders } //nolint:errorlint // stored as it is by answer

// give ends the wait for a batch that may go on without us.
func (b *batches) give(err error) (int, error) {
	b.o.mu.Lock()
	defer b.o.mu.Unlock()
	b.id = ""
	b.o.sure = errors.Is(err, ErrAuth)
	return b.stored, err
}

// stall counts waits without news.
type stall struct{ n int }

// wait returns when there are news. After some time without any it asks the server, and
// when that does not help either it gives up.
func (b *batches) wait(s *stall, prefix string, sent int) error {
	t := time.NewTimer(attempt / 4)
	defer t.Stop()
	select {
	case <-b.o.ctx.Done():
		return b.o.ctx.Err()
	case <-b.news:
		s.n = 0
		return nil
	case <-t.C:
	}
	if s.n++; s.n > 4 {
		return b.o.failure(fmt.Errorf("%w: nothing heard for %v", ErrUnavailable, time.Duration(s.n)*attempt/4))
	}
	if err := b.o.l.conn.nc.PublishRequest(b.o.l.subject, prefix+strconv.Itoa(sent)+"."+strconv.Itoa(opPing)+".$FI", nil); err != nil {
		return b.o.failure(err)
	}
	return nil
}
