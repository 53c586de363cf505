package channel

import "github.com/handoff-go/handoff/internal/queue"

// The single-consumer rule. A channel of mpsc has one receiver, which one goroutine at a time
// may use. A receive call sets the flag inside in the head word, and clears it when it returns;
// a call that finds it set panics. A fast path sets it with the same instruction that takes the
// head lock, and clears it with the one that releases that.
//
// A goroutine that is inside may be parked, without the head lock. Others that take that lock,
// such as the Drop of the receiver, release it with [queue.Cursor.Move], which leaves the flag
// as it is at that moment.

// inside is the flag of the head word of a channel with a single consumer: a goroutine is
// inside a receive call, possibly parked.
const inside = queue.Flag0

const misuse = "mpsc: two goroutines receive from one Receiver at the same time; it has a single consumer"

// enter begins a receive call of a single consumer, after the fast path has failed. It panics
// if another goroutine is inside.
func (c *Chan[T]) enter() {
	if c.solo != 0 && !c.list.Head.Set(inside) {
		panic(misuse)
	}
}

// notInside is enter for a call that does not wait, which needs no flag of its own.
func (c *Chan[T]) notInside() {
	if c.solo != 0 && c.list.Head.Load().Has(inside) {
		panic(misuse)
	}
}

// leave ends a receive call.
func (c *Chan[T]) leave() {
	if c.solo != 0 {
		c.list.Head.Clear(inside)
	}
}
