package differential

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// openAsync returns a function that makes channels of package async for a pair whose
// library has the given habits.
func openAsync(h habits) func(b *books, capacity int) (sender, receiver) {
	return func(b *books, capacity int) (sender, receiver) {
		f := asyncFace{habits: h, books: b}
		if capacity == Unbounded {
			tx, rx := async.Unbounded[message]()
			return &asyncSender{asyncFace: f, tx: tx}, &asyncReceiver{asyncFace: f, rx: rx}
		}
		tx, rx := async.Bounded[message](capacity)
		return &asyncSender{asyncFace: f, tx: tx}, &asyncReceiver{asyncFace: f, rx: rx}
	}
}

// habits are ways of a library that the other side follows, because they are a matter of
// its API and hide nothing.
type habits struct {
	exclusive bool // a receive borrows the receiver for itself
	quiet     bool // close does not return whether it closed
	loses     bool // a failed send drops its value
	drains    bool // a batch of nothing is no error
}

type asyncFace struct {
	habits
	books *books
}

// sent is the result of a send that may wait.
func (f asyncFace) sent(err error) string {
	text := sent(err)
	if !f.loses || err == nil {
		return text
	}
	var n int
	if _, scan := fmt.Sscanf(text, "closed(%d)", &n); scan != nil {
		return text
	}
	f.books.discard(n)
	return "closed"
}

func (f asyncFace) closed(first bool) string {
	if f.quiet {
		return "done"
	}
	return strconv.FormatBool(first)
}

// limited returns a context that gives a wait the time d.
func limited(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}

// questions are what handles of both sides answer.
type questions interface {
	Len() int
	IsEmpty() bool
	IsFull() bool
	Capacity() (int, bool)
	Available() int
	IsClosed() bool
	SenderCount() int
	ReceiverCount() int
}

func ask(q questions) string {
	capacity, free := "none", "none"
	if n, bounded := q.Capacity(); bounded {
		capacity = strconv.Itoa(n)
	}
	if n := q.Available(); n != math.MaxInt {
		free = strconv.Itoa(n)
	}
	return fmt.Sprintf("len=%d empty=%t full=%t cap=%s free=%s closed=%t disconnected=%[6]t senders=%[7]d receivers=%[8]d",
		q.Len(), q.IsEmpty(), q.IsFull(), capacity, free, q.IsClosed(), q.SenderCount(), q.ReceiverCount())
}

type asyncSender struct {
	noSender
	asyncFace
	tx *async.Sender[message]
}

func (s *asyncSender) dup() sender              { return &asyncSender{asyncFace: s.asyncFace, tx: s.tx.Clone()} }
func (s *asyncSender) drop()                    { s.tx.Drop() }
func (s *asyncSender) trySend(m message) string { return sent(s.tx.TrySend(m)) }
func (s *asyncSender) close() string            { return s.asyncFace.closed(s.tx.Close()) }
func (s *asyncSender) ask() string              { return ask(s.tx) }

func (s *asyncSender) force(m message) string {
	old, replaced, err := s.tx.ForceSend(m)
	if replaced {
		return fmt.Sprintf("evicted(%d)", old.n)
	}
	return sent(err)
}

// sending is a send whose message is dropped with it, as in Rust, unless it went out or was
// returned.
type sending struct {
	*async.SendFuture[message]
	books *books
	over  bool
}

func (s *asyncSender) sending(m message) *sending {
	return &sending{SendFuture: s.tx.Send(m), books: s.books}
}

func (s *sending) drop() {
	if m, ok := s.Unsent(); ok && !s.over {
		s.books.discard(m.n)
	}
	s.over = true
}

// sendWith is a future that has a send inside, and is dropped with it.
func sendWith[T any](s *sending, f future.Future[T], render func(T, error) out) pending {
	p := wrap(f, render)
	p.drop = func() {
		f.Drop()
		s.drop()
	}
	return p
}

func (s *asyncSender) send(m message) pending {
	send := s.sending(m)
	return sendWith(send, send.SendFuture, func(_ struct{}, err error) out {
		send.over = true
		return out{text: s.sent(err)}
	})
}

func (s *asyncSender) sendWithin(m message, d time.Duration) pending {
	send := s.sending(m)
	return sendWith(send, future.Timeout(d, send.SendFuture), func(_ struct{}, err error) out {
		if timedOut(err) {
			send.drop()
			return out{text: "timeout"}
		}
		send.over = true
		return out{text: s.sent(err)}
	})
}

func (s *asyncSender) sendBlocking(m message) string { return s.sent(s.tx.SendBlocking(m)) }

func (s *asyncSender) sendFor(m message, d time.Duration) string {
	ctx, cancel := limited(d)
	defer cancel()
	return sent(s.tx.Send(m).Await(ctx))
}

func (s *asyncSender) closed() pending {
	return wrap(s.tx.Closed(), func(_ struct{}, err error) out {
		if err != nil {
			return out{text: reason(err)}
		}
		return out{text: "ended"}
	})
}

func (s *asyncSender) reserve() pending          { return wrap(s.tx.Reserve(), reserved) }
func (s *asyncSender) reserveMany(n int) pending { return wrap(s.tx.ReserveMany(n), reservedMany) }
func (s *asyncSender) tryReserve() out           { return reserved(s.tx.TryReserve()) }
func (s *asyncSender) tryReserveMany(n int) out  { return reservedMany(s.tx.TryReserveMany(n)) }
func (s *asyncSender) down() weak                { return weakSender{s.asyncFace, s.tx.Downgrade()} }
func reservedMany(p *async.Permits[message], err error) out {
	if err != nil {
		return out{text: reason(err)}
	}
	return out{text: "permit", permit: asyncPermits{p}}
}

func reserved(p *async.Permit[message], err error) out {
	if err != nil {
		return out{text: reason(err)}
	}
	return out{text: "permit", permit: &asyncPermit{p, 1}}
}

func (s *asyncSender) same(o sender) string {
	return strconv.FormatBool(s.tx.SameChannel(o.(*asyncSender).tx))
}

type asyncPermit struct {
	p *async.Permit[message]
	n int
}

func (p *asyncPermit) send(m message) string { p.n = 0; return sent(p.p.Send(m)) }
func (p *asyncPermit) left() int             { return p.n }
func (p *asyncPermit) drop()                 { p.p.Drop() }

type asyncPermits struct{ p *async.Permits[message] }

func (p asyncPermits) send(m message) string {
	if p.p.Len() == 0 {
		return fmt.Sprintf("used(%d)", m.n)
	}
	return sent(p.p.Send(m))
}
func (p asyncPermits) left() int { return p.p.Len() }
func (p asyncPermits) drop()     { p.p.Drop() }

type asyncReceiver struct {
	asyncFace
	rx *async.Receiver[message]
}

func (r *asyncReceiver) exclusive() bool { return r.habits.exclusive }
func (r *asyncReceiver) dup() receiver {
	return &asyncReceiver{asyncFace: r.asyncFace, rx: r.rx.Clone()}
}
func (r *asyncReceiver) drop()           { r.rx.Drop() }
func (r *asyncReceiver) tryRecv() string { return received(r.rx.TryRecv()) }
func (r *asyncReceiver) close() string   { return r.closed(r.rx.Close()) }
func (r *asyncReceiver) ask() string     { return ask(r.rx) }
func (r *asyncReceiver) down() weak      { return weakReceiver{r.asyncFace, r.rx.Downgrade()} }
func (r *asyncReceiver) recvBlocking() string {
	return received(r.rx.RecvBlocking())
}

func (r *asyncReceiver) recv() pending {
	return wrap(r.rx.Recv(), func(m message, err error) out { return out{text: received(m, err)} })
}

func (r *asyncReceiver) recvWithin(d time.Duration) pending {
	return wrap(future.Timeout(d, r.rx.Recv()), func(m message, err error) out { return out{text: received(m, err)} })
}

func (r *asyncReceiver) recvMany(n int) pending {
	buf := make([]message, n)
	return wrap(r.rx.RecvMany(buf), func(n int, err error) out { return out{text: receivedMany(buf[:n], err)} })
}

func (r *asyncReceiver) recvFor(d time.Duration) string {
	ctx, cancel := limited(d)
	defer cancel()
	return received(r.rx.Recv().Await(ctx))
}

// drain receives what is there, with room for all of it.
func (r *asyncReceiver) drain() string {
	buf := make([]message, 64)
	n, err := r.rx.TryRecvMany(buf)
	if r.drains {
		err = nil
	}
	return receivedMany(buf[:n], err)
}

func (r *asyncReceiver) same(o receiver) string {
	return strconv.FormatBool(r.rx.SameChannel(o.(*asyncReceiver).rx))
}

type weakSender struct {
	asyncFace
	w *async.WeakSender[message]
}

func (w weakSender) up() (sender, receiver, bool) {
	tx, ok := w.w.Upgrade()
	if !ok {
		return nil, nil, false
	}
	return &asyncSender{asyncFace: w.asyncFace, tx: tx}, nil, true
}

type weakReceiver struct {
	asyncFace
	w *async.WeakReceiver[message]
}

func (w weakReceiver) up() (sender, receiver, bool) {
	rx, ok := w.w.Upgrade()
	if !ok {
		return nil, nil, false
	}
	return nil, &asyncReceiver{asyncFace: w.asyncFace, rx: rx}, true
}
