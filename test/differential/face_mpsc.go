package differential

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// openMPSC makes a channel of package mpsc.
func openMPSC(b *books, capacity int) (sender, receiver) {
	if capacity == Unbounded {
		tx, rx := mpsc.Channel[message]()
		return &mpscSender{tx: tx}, &mpscReceiver{rx: rx}
	}
	tx, rx := mpsc.SyncChannel[message](capacity)
	return &mpscSyncSender{tx: tx}, &mpscReceiver{rx: rx}
}

type mpscSender struct {
	noSender
	tx *mpsc.Sender[message]
}

func (s *mpscSender) dup() sender                               { return &mpscSender{tx: s.tx.Clone()} }
func (s *mpscSender) drop()                                     { s.tx.Drop() }
func (s *mpscSender) trySend(m message) string                  { return sent(s.tx.Send(m)) }
func (s *mpscSender) sendBlocking(m message) string             { return sent(s.tx.Send(m)) }
func (s *mpscSender) sendFor(m message, _ time.Duration) string { return sent(s.tx.Send(m)) }
func (s *mpscSender) ask() string                               { return fmt.Sprintf("disconnected=%t", s.tx.IsDisconnected()) }
func (s *mpscSender) same(o sender) string {
	other, ok := o.(*mpscSender)
	return strconv.FormatBool(ok && s.tx.SameChannel(other.tx))
}

type mpscSyncSender struct {
	noSender
	tx *mpsc.SyncSender[message]
}

func (s *mpscSyncSender) dup() sender                   { return &mpscSyncSender{tx: s.tx.Clone()} }
func (s *mpscSyncSender) drop()                         { s.tx.Drop() }
func (s *mpscSyncSender) trySend(m message) string      { return sent(s.tx.TrySend(m)) }
func (s *mpscSyncSender) sendBlocking(m message) string { return sent(s.tx.Send(m)) }
func (s *mpscSyncSender) sendFor(m message, d time.Duration) string {
	return sent(s.tx.SendTimeout(m, d))
}
func (s *mpscSyncSender) ask() string { return fmt.Sprintf("disconnected=%t", s.tx.IsDisconnected()) }
func (s *mpscSyncSender) same(o sender) string {
	other, ok := o.(*mpscSyncSender)
	return strconv.FormatBool(ok && s.tx.SameChannel(other.tx))
}

type mpscReceiver struct {
	noReceiver
	rx *mpsc.Receiver[message]
}

func (r *mpscReceiver) exclusive() bool      { return true }
func (r *mpscReceiver) drop()                { r.rx.Drop() }
func (r *mpscReceiver) tryRecv() string      { return received(r.rx.TryRecv()) }
func (r *mpscReceiver) recvBlocking() string { return received(r.rx.Recv()) }
func (r *mpscReceiver) recvFor(d time.Duration) string {
	return received(r.rx.RecvTimeout(d))
}
func (r *mpscReceiver) drain() string {
	return batch(slices.Collect(r.rx.TryAll()))
}
func (r *mpscReceiver) ask() string {
	return fmt.Sprintf("len=%d empty=%t disconnected=%t", r.rx.Len(), r.rx.IsEmpty(), r.rx.IsDisconnected())
}
