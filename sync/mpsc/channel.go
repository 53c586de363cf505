package mpsc

import (
	"fmt"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
)

// Channel makes an unbounded channel and returns its first two handles: a send never
// waits. Memory is the only limit, so use it where the number of messages under way is
// bounded by other means; otherwise [SyncChannel] pushes back.
//
// It allocates nothing for messages before the first one is sent.
func Channel[T any]() (*Sender[T], *Receiver[T]) {
	tx, rx := new(Sender[T]), new(Receiver[T])
	tx.c = open(channel.Unlimited, &tx.h, rx, "mpsc.Sender")
	return tx, rx
}

// SyncChannel makes a channel that holds at most bound messages and returns its first
// two handles: a send waits while it is full. A bound of 0 makes a rendezvous channel,
// where a send returns only after a receive has taken its message.
//
// It panics if bound is negative. A large bound costs nothing by itself: memory is
// allocated for messages, not for room.
func SyncChannel[T any](bound int) (*SyncSender[T], *Receiver[T]) {
	if bound < 0 {
		panic(fmt.Sprintf("mpsc: SyncChannel with negative bound %d", bound))
	}
	tx, rx := new(SyncSender[T]), new(Receiver[T])
	tx.c = open(uint64(bound), &tx.h, rx, "mpsc.SyncSender")
	return tx, rx
}

// blockSlots is set by tests that want to cross the end of a block often; 0 is
// the default length.
var blockSlots = 0

func open[T any](limit uint64, tx *channel.Handle[T], rx *Receiver[T], sender string) *channel.Chan[T] {
	rx.c = channel.New[T](channel.Options{Limit: limit, Solo: true, BlockSlots: blockSlots}, tx, &rx.h)
	if leak.On() {
		rx.c.TrackSender(tx, nil, sender)
		rx.c.TrackReceiver(&rx.h, nil, "mpsc.Receiver")
	}
	return rx.c
}
