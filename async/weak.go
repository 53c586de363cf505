package async

import (
	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
)

// WeakSender refers to a channel without keeping it open: made by [Sender.Downgrade],
// for code that should send only while another sender is live, such as an actor that
// sends to itself. It needs no Drop, may be copied, and may be used from any goroutine.
type WeakSender[T any] struct{ c *channel.Chan[T] }

// Downgrade returns a weak handle to the channel; this one stays as it is. A handle
// made from a dropped one is dropped too: it never upgrades. It never blocks.
func (s *Sender[T]) Downgrade() *WeakSender[T] {
	if !s.live() {
		return new(WeakSender[T])
	}
	w := &WeakSender[T]{s.c}
	channel.CountWeak(s.c, w)
	return w
}

// Upgrade returns a new sender, which needs a Drop of its own, and true; or nil and false once the
// channel is closed or its last sender was dropped. It costs one allocation and never
// blocks.
func (w *WeakSender[T]) Upgrade() (*Sender[T], bool) {
	if w.c == nil {
		return nil, false
	}
	s := new(Sender[T])
	s.c = w.c
	if !w.c.UpgradeSender(&s.h) {
		return nil, false
	}
	if leak.On() {
		w.c.TrackSender(&s.h, nil, "async.Sender")
	}
	return s, true
}

// String describes the channel as [Sender.String] does.
func (w *WeakSender[T]) String() string { return describeWeak("async.WeakSender", w.c) }

// WeakReceiver refers to a channel without keeping it open for senders: made by
// [Receiver.Downgrade]. It needs no Drop, may be copied, and may be used from any
// goroutine.
type WeakReceiver[T any] struct{ c *channel.Chan[T] }

// Downgrade returns a weak handle to the channel; this one stays as it is. A handle
// made from a dropped one is dropped too: it never upgrades. It never blocks.
func (r *Receiver[T]) Downgrade() *WeakReceiver[T] {
	if !r.live() {
		return new(WeakReceiver[T])
	}
	w := &WeakReceiver[T]{r.c}
	channel.CountWeak(r.c, w)
	return w
}

// Upgrade returns a new receiver, which needs a Drop of its own, and true; or nil and false once
// the channel is closed or its last receiver was dropped. It costs one allocation and never
// blocks.
func (w *WeakReceiver[T]) Upgrade() (*Receiver[T], bool) {
	if w.c == nil {
		return nil, false
	}
	r := new(Receiver[T])
	r.c = w.c
	if !w.c.UpgradeReceiver(&r.h) {
		return nil, false
	}
	if leak.On() {
		w.c.TrackReceiver(&r.h, nil, "async.Receiver")
	}
	return r, true
}

// String describes the channel as [Receiver.String] does.
func (w *WeakReceiver[T]) String() string { return describeWeak("async.WeakReceiver", w.c) }

// describeWeak prints a weak handle, which is never dropped.
func describeWeak[T any](kind string, c *channel.Chan[T]) string {
	var s handle[T]
	s.c = c
	s.h.State.Store(channel.Live)
	return s.describe(kind)
}
