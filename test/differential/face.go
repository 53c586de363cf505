package differential

import (
	"time"

	"github.com/handoff-go/handoff/future"
)

// far is a limit that no program reaches.
const far = time.Hour

// message records that it was discarded.
type message struct {
	n     int
	books *books
}

// Discarded implements async.Discarder.
func (m message) Discarded() { m.books.discard(m.n) }

// out is what a future returns: the text for the trace, and the permit of a reservation.
type out struct {
	text   string
	permit permit
}

// pending is a future of any type.
type pending struct {
	poll func(cx *future.Context) (out, bool)
	drop func()
}

func wrap[T any](f future.Future[T], render func(T, error) out) pending {
	return pending{
		poll: func(cx *future.Context) (out, bool) {
			v, ready, err := f.Poll(cx)
			if !ready {
				return out{}, false
			}
			return render(v, err), true
		},
		drop: f.Drop,
	}
}

// sender is what a world asks of a sender. The embedded noSender answers what a face does
// not have.
type sender interface {
	dup() sender
	drop()
	trySend(m message) string
	force(m message) string
	send(m message) pending
	sendBlocking(m message) string
	sendWithin(m message, d time.Duration) pending
	sendFor(m message, d time.Duration) string
	closed() pending
	closedBlocking() string
	selectSend(m message, o receiver) pending
	selectSendBlocking(m message, o receiver) string
	reserve() pending
	reserveMany(n int) pending
	tryReserve() out
	tryReserveMany(n int) out
	close() string
	down() weak
	same(o sender) string
	ask() string
	once() bool
}

// receiver is what a world asks of a receiver.
type receiver interface {
	exclusive() bool
	dup() receiver
	drop()
	tryRecv() string
	recv() pending
	recvMany(n int) pending
	recvWithin(d time.Duration) pending
	selectBiased(o receiver) pending
	recvBlocking() string
	recvFor(d time.Duration) string
	selectBlocking(o receiver) string
	drain() string
	close() string
	down() weak
	same(o receiver) string
	ask() string
}

// weak is a weak handle of either side.
type weak interface {
	up() (sender, receiver, bool)
}

// permit is one reserved slot or several.
type permit interface {
	send(m message) string
	left() int
	drop()
}

const unsupported = "unsupported"

var noFuture = pending{
	poll: func(*future.Context) (out, bool) { return out{text: unsupported}, true },
	drop: func() {},
}

type noSender struct{}

func (noSender) force(message) string                        { return unsupported }
func (noSender) send(message) pending                        { return noFuture }
func (noSender) sendBlocking(message) string                 { return unsupported }
func (noSender) sendFor(message, time.Duration) string       { return unsupported }
func (noSender) sendWithin(message, time.Duration) pending   { return noFuture }
func (noSender) closed() pending                             { return noFuture }
func (noSender) closedBlocking() string                      { return unsupported }
func (noSender) selectSend(message, receiver) pending        { return noFuture }
func (noSender) selectSendBlocking(message, receiver) string { return unsupported }
func (noSender) reserve() pending                            { return noFuture }
func (noSender) reserveMany(int) pending                     { return noFuture }
func (noSender) tryReserve() out                             { return out{text: unsupported} }
func (noSender) tryReserveMany(int) out                      { return out{text: unsupported} }
func (noSender) close() string                               { return unsupported }
func (noSender) down() weak                                  { return nil }
func (noSender) same(sender) string                          { return unsupported }
func (noSender) dup() sender                                 { return nil }
func (noSender) once() bool                                  { return false }

type noReceiver struct{}

func (noReceiver) dup() receiver                    { return nil }
func (noReceiver) recv() pending                    { return noFuture }
func (noReceiver) recvMany(int) pending             { return noFuture }
func (noReceiver) recvWithin(time.Duration) pending { return noFuture }
func (noReceiver) selectBiased(receiver) pending    { return noFuture }
func (noReceiver) recvBlocking() string             { return unsupported }
func (noReceiver) recvFor(time.Duration) string     { return unsupported }
func (noReceiver) selectBlocking(receiver) string   { return unsupported }
func (noReceiver) drain() string                    { return unsupported }
func (noReceiver) close() string                    { return unsupported }
func (noReceiver) down() weak                       { return nil }
func (noReceiver) same(receiver) string             { return unsupported }
