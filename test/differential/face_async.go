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
	return fmt.Sprintf("len=%d empty=%t full=%t cap=%s free=%s closed=%t senders=%d receivers=%d",
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

func (s *asyncSender) send(m message) pending {
	f := s.tx.Send(m)
	over := false
	p := wrap(f, func(_ struct{}, err error) out {
		over = true
		return out{text: s.sent(err)}
	})
	p.drop = func() {
		f.Drop()
		if m, ok := f.Unsent(); ok && !over {
			s.books.discard(m.n) // Rust drops it with the future
		}
	}
	return p
}

// sendWithin is a send with a timeout. What a timeout leaves unsent is dropped, as in Rust.
func (s *asyncSender) sendWithin(m message, d time.Duration) pending {
	f := s.tx.Send(m)
	over := false
	discard := func() {
		if m, ok := f.Unsent(); ok && !over {
			s.books.discard(m.n)
		}
		over = true
	}
	within := future.Timeout(d, f)
	p := wrap(within, func(_ struct{}, err error) out {
		if timedOut(err) {
			discard()
			return out{text: "timeout"}
		}
		over = true
		return out{text: s.sent(err)}
	})
	p.drop = func() {
		within.Drop()
		discard()
	}
	return p
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

func (r *asyncReceiver) selector(o receiver) *async.NextFuture[string] {
	event := func(i string) func(message, error) string {
		return func(m message, err error) string { return i + ":" + received(m, err) }
	}
	return async.SelectBiased(async.On(r.rx, event("0")), async.On(o.(*asyncReceiver).rx, event("1"))).Next()
}

func (r *asyncReceiver) selectBiased(o receiver) pending {
	return wrap(r.selector(o), func(s string, err error) out {
		if err != nil {
			return out{text: reason(err)}
		}
		return out{text: s}
	})
}

func (r *asyncReceiver) raceBiased(o receiver) pending {
	race := future.RaceBiased(r.rx.Recv(), o.(*asyncReceiver).rx.Recv())
	return wrap(race, func(won future.Indexed[message], err error) out {
		return out{text: fmt.Sprintf("%d:%s", won.Index, received(won.Value, err))}
	})
}

func (r *asyncReceiver) selectBlocking(o receiver) string {
	s, err := r.selector(o).Await(context.Background())
	if err != nil {
		return reason(err)
	}
	return s
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
