package async

import (
	"fmt"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
)

// Bounded makes a channel that holds at most capacity messages and returns its first
// two handles: a send waits while it is full. A capacity of 0 makes a rendezvous
// channel, where a send is complete only when a receive has taken its message.
//
// It panics if capacity is negative. A large capacity costs nothing by itself: memory
// is allocated for messages, not for room.
func Bounded[T any](capacity int, opts ...Option) (*Sender[T], *Receiver[T]) {
	if capacity < 0 {
		panic(fmt.Sprintf("async: Bounded with negative capacity %d", capacity))
	}
	return open[T](uint64(capacity), opts)
}

// Unbounded makes a channel that is never full and returns its first two handles: a
// send never waits. Memory is the only limit, so use it where the number of in-flight
// messages is bounded by other means; [Bounded] applies backpressure.
func Unbounded[T any](opts ...Option) (*Sender[T], *Receiver[T]) {
	return open[T](channel.Unlimited, opts)
}

// An Option configures a channel when it is made.
type Option = channel.Option

// Named gives a channel a name: its handles print it, and package observe reports it.
// Names need not be unique.
func Named(name string) Option { return channel.Named(name) }

// blockSlots is set by tests that want to cross the end of a block often; 0 is the
// default length.
var blockSlots = 0

// parts are a channel and its first two handles in one allocation, which is as large
// as theirs together (256 bytes).
type parts[T any] struct {
	c  channel.Chan[T]
	tx Sender[T]
	rx Receiver[T]
}

func open[T any](limit uint64, opts []Option) (*Sender[T], *Receiver[T]) {
	options := channel.Options{Limit: limit, AnyEnd: true, BlockSlots: blockSlots}
	options.With(opts)
	if options.Observe() || leak.On() {
		return openApart[T](options)
	}
	p := new(parts[T])
	p.tx.c, p.rx.c = &p.c, &p.c
	p.c.Init(options, &p.tx.h, &p.rx.h)
	return &p.tx, &p.rx
}

// openApart is open with an allocation for each part. Leak tracking and observing need it to
// see each handle collected: parts of one allocation are collected together.
func openApart[T any](o channel.Options) (*Sender[T], *Receiver[T]) {
	tx, rx := new(Sender[T]), new(Receiver[T])
	tx.c = channel.New(o, &tx.h, &rx.h)
	rx.c = tx.c
	if leak.On() {
		tx.c.TrackNew(&tx.h, &rx.h, "async.Sender", "async.Receiver")
	}
	return tx, rx
}
