package mpsc

import (
	"fmt"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
)

// Channel makes an unbounded channel and returns its first two handles: a send never
// waits. Memory is the only limit, so use it where the number of in-flight messages is
// bounded by other means; [SyncChannel] applies backpressure.
//
// It allocates nothing for messages before the first one is sent. opts are usually none;
// see [Named].
func Channel[T any](opts ...Option) (*Sender[T], *Receiver[T]) {
	tx, rx := new(Sender[T]), new(Receiver[T])
	tx.c = open(channel.Unlimited, &tx.h, rx, "mpsc.Sender", opts)
	return tx, rx
}

// SyncChannel makes a channel that holds at most bound messages and returns its first
// two handles: a send waits while it is full. A bound of 0 makes a rendezvous channel,
// where a send returns only after a receive has taken its message.
//
// It panics if bound is negative. A large bound costs nothing by itself: memory is
// allocated for messages, not for room. opts are usually none; see [Named].
func SyncChannel[T any](bound int, opts ...Option) (*SyncSender[T], *Receiver[T]) {
	if bound < 0 {
		panic(fmt.Sprintf("mpsc: SyncChannel with negative bound %d", bound))
	}
	tx, rx := new(SyncSender[T]), new(Receiver[T])
	tx.c = open(uint64(bound), &tx.h, rx, "mpsc.SyncSender", opts)
	return tx, rx
}

// An Option configures a channel when it is made.
type Option = channel.Option

// Named gives a channel a name: its handles print it, and package observe reports it.
// Names need not be unique.
func Named(name string) Option { return channel.Named(name) }

// blockSlots is set by tests that want to cross the end of a block often; 0 is
// the default length.
var blockSlots = 0

func open[T any](limit uint64, tx *channel.Handle[T], rx *Receiver[T], sender string, opts []Option) *channel.Chan[T] {
	o := channel.Options{Limit: limit, Solo: true, BlockSlots: blockSlots}
	o.With(opts)
	o.Observe()
	rx.c = channel.New[T](o, tx, &rx.h)
	if leak.On() {
		rx.c.TrackNew(tx, &rx.h, sender, "mpsc.Receiver")
	}
	return rx.c
}
