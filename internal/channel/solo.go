package channel

import "github.com/handoff-go/handoff/internal/queue"

// The single-consumer rule. A channel of mpsc has one receiver, which one goroutine at a time
// may use. A receive call sets the flag inside in the head word, and clears it when it returns;
// a call that finds it set panics. A fast path sets it with the same instruction that takes the
// head lock, and clears it with the one that releases that.
//
// A goroutine that is inside may be parked, without the head lock. Others that take that lock,
// such as the Drop of the receiver, release it with [queue.Cursor.Move], which leaves the flag
// as it is at that moment. If the flag of a parked goroutine were lost, the next call would queue
// the waiter of the handle a second time.

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

// unlockHead releases the head lock at the position of w. Of a single consumer it keeps the flag as
// it is at that moment: a TryRecv, which has none of its own, must not clear that of a call that
// another goroutine has begun since.
func (c *Chan[T]) unlockHead(w queue.Word) {
	if c.solo != 0 {
		c.list.Head.Move(w)
		return
	}
	c.list.UnlockHead(w)
}

// leave ends a receive call.
func (c *Chan[T]) leave() {
	if c.solo != 0 {
		c.list.Head.Clear(inside)
	}
}
