//go:build handoff_sched

package channel

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/sched"
	"github.com/handoff-go/handoff/internal/waitq"
)

// actor is a thread of a program and does what a user of a handle can do. It calls
// the core as packages mpsc and async do.
type actor struct {
	w      *world
	name   string
	h      *Handle[int]
	sender bool
	id     int
	count  int
	eager  int         // so many times a future is polled without a wake
	ready  *Ready[int] // of the latest ready, to be asked for again
}

// next is a message that must not be received before those that are offered already.
func (a *actor) next() int {
	a.count++
	v := 100*a.id + a.count
	a.w.behind[v] = slices.Clone(a.w.offered)
	return v
}

// ended checks that an operation failed for a reason it may fail for.
func (a *actor) ended(err error, also ...error) {
	switch {
	case errors.Is(err, errs.ErrDropped):
		if a.h.live() {
			a.w.complain("%s: %v, and the handle was not dropped", a.name, err)
		}
		return
	case errors.Is(err, errs.ErrDisconnected):
		if !a.w.c.Closed() {
			a.w.complain("%s: %v, and the channel is open", a.name, err)
		}
		if a.w.cause != nil && !errors.Is(err, a.w.cause) {
			a.w.complain("%s: %v, without the cause", a.name, err)
		}
		return
	}
	if !slices.Contains(also, err) {
		a.w.complain("%s: unexpected error %v", a.name, err)
	}
}

// sentN notes the outcome of sending vs, of which n were taken.
func (a *actor) sentN(vs []int, n int, err error, also ...error) {
	for _, v := range vs[:n] {
		a.w.sent[v] = true
	}
	for _, v := range vs[n:] {
		a.w.returned[v] = true
	}
	if err != nil {
		a.ended(err, also...)
	} else if n < len(vs) {
		a.w.complain("%s: %d of %v were sent, without an error", a.name, n, vs)
	}
}

func (a *actor) sentOne(v int, err error, also ...error) bool {
	n := 0
	if err == nil {
		n = 1
	}
	a.sentN([]int{v}, n, err, also...)
	return err == nil
}

func (a *actor) send() bool {
	v, c := a.next(), a.w.c
	if c.Push(v) {
		return a.sentOne(v, nil)
	}
	s, err := c.SendOrWait(a.h, v)
	if s.Begun() {
		s.Wait()
		err = c.SendAfter(a.h, s)
	}
	return a.sentOne(v, err)
}

func (a *actor) trySend() {
	v, c := a.next(), a.w.c
	done := c.Push(v)
	var err error
	if !done {
		err = c.TrySend(a.h, v)
	}
	a.sentOne(v, err, errs.ErrFull)
}

// sendWithin sends with a timeout that may pass at any time.
func (a *actor) sendWithin() {
	limit := waitq.For(time.Hour, errs.ErrTimeout)
	defer limit.Stop()
	v := a.next()
	done := a.w.c.Push(v)
	var err error
	if !done {
		err = a.w.c.Send(a.h, v, &limit)
	}
	a.sentOne(v, err, errs.ErrTimeout)
}

func (a *actor) sendMany(n int) {
	var vs []int
	for range n {
		vs = append(vs, a.next())
	}
	n, err := a.w.c.SendMany(a.h, vs, nil)
	a.sentN(vs, n, err)
}

// sendManyWithin is sendMany with a timeout that may pass at any time.
func (a *actor) sendManyWithin(n int) {
	limit := waitq.For(time.Hour, errs.ErrTimeout)
	defer limit.Stop()
	var vs []int
	for range n {
		vs = append(vs, a.next())
	}
	n, err := a.w.c.SendMany(a.h, vs, &limit)
	a.sentN(vs, n, err, errs.ErrTimeout)
}

// forceSend may throw a message away, which counts as received by the sender.
func (a *actor) forceSend() {
	v := a.next()
	delete(a.w.behind, v) // it overtakes
	old, replaced, err := a.w.c.ForceSend(a.h, v)
	if replaced {
		a.w.got[a.name] = append(a.w.got[a.name], old)
	}
	a.sentOne(v, err, errs.ErrFull)
}

func (a *actor) gotN(vs []int, err error, also ...error) bool {
	a.w.got[a.name] = append(a.w.got[a.name], vs...)
	if err != nil {
		a.ended(err, also...)
	} else if len(vs) == 0 {
		a.w.complain("%s: received nothing, without an error", a.name)
	}
	return err == nil
}

func (a *actor) gotOne(v int, err error, also ...error) bool {
	if err != nil {
		return a.gotN(nil, err, also...)
	}
	return a.gotN([]int{v}, nil)
}

func (a *actor) recv() bool {
	c := a.w.c
	var v int
	if c.Pop(&v) {
		c.Freed()
		return a.gotOne(v, nil)
	}
	v, s, err := c.RecvOrWait(a.h)
	if s.Begun() {
		s.Wait()
		v, err = c.RecvAfter(a.h, s)
	}
	return a.gotOne(v, err)
}

func (a *actor) recvAll() {
	for a.recv() {
	}
}

func (a *actor) receive(limit *waitq.Limit, also ...error) {
	var v int
	var err error
	if a.w.c.Pop(&v) {
		a.w.c.Freed()
	} else {
		v, err = a.w.c.Recv(a.h, limit)
	}
	a.gotOne(v, err, also...)
}

func (a *actor) tryRecv() {
	var v int
	var err error
	if a.w.c.Pop(&v) {
		a.w.c.Freed()
	} else {
		v, err = a.w.c.TryRecv(a.h)
	}
	a.gotOne(v, err, errs.ErrEmpty)
}

// recvWithin receives with a timeout that may pass at any time.
func (a *actor) recvWithin() {
	limit := waitq.For(time.Hour, errs.ErrTimeout)
	defer limit.Stop()
	a.receive(&limit, errs.ErrTimeout)
}

func (a *actor) recvUnder(ctx context.Context) {
	limit := waitq.Within(ctx, nil)
	defer limit.Stop()
	a.receive(&limit, context.Canceled)
}

func (a *actor) recvMany(n int) bool {
	buf := make([]int, n)
	n, err := a.w.c.RecvMany(a.h, buf, nil)
	return a.gotN(buf[:n], err)
}

// recvManyWithin is recvMany with a timeout that may pass at any time.
func (a *actor) recvManyWithin(n int) {
	limit := waitq.For(time.Hour, errs.ErrTimeout)
	defer limit.Stop()
	buf := make([]int, n)
	n, err := a.w.c.RecvMany(a.h, buf, &limit)
	a.gotN(buf[:n], err, errs.ErrTimeout)
}

// selects waits as in a native select, and takes what is there then, if anything is.
func (a *actor) selects() {
	var ready <-chan struct{}
	ready, a.ready = a.w.c.ready(a.h, a.ready)
	awaitToken(ready)
	a.tryRecv()
}

func (a *actor) drop() {
	if a.sender {
		a.w.c.DropSender(a.h)
	} else {
		a.w.c.DropReceiver(a.h)
	}
}

var errReason = errors.New("the reason")

func (a *actor) closeCause() {
	a.w.cause = errReason
	if !a.w.c.Close(a.h, errReason) {
		a.w.complain("%s: it was not the first to close", a.name)
	}
}

// closeIfOpen closes with a cause, unless the channel is closed.
func (a *actor) closeIfOpen() {
	if a.w.c.Close(a.h, errReason) {
		a.w.cause = errReason
	}
}

// sendAndSee sends and waits until the message was taken, so a receiver that is notified of it
// and does not take it must notify another.
func (a *actor) sendAndSee() {
	a.send()
	sched.Until(func() bool { return a.w.c.list.Len() == 0 }) // Len itself may wait, which a condition must not
}

// bellWaker is the waker of a future.
type bellWaker struct {
	rung  int
	eager bool // so that some wakes are for an earlier poll
}

func (b *bellWaker) Wake() {
	sched.Point()
	b.rung++
}

// wait waits for a wake, unless the actor is eager.
func (b *bellWaker) wait(a *actor) {
	if a.eager > 0 {
		a.eager--
		b.eager = true
		sched.Until(func() bool { return true })
		return
	}
	sched.Until(func() bool { return b.rung > 0 })
	if b.rung > 1 && !b.eager {
		a.w.complain("%s: woken %d times for one poll", a.name, b.rung)
	}
	b.rung = 0
}

// newActor is an actor with a handle that is still to be made, in the thread of another.
// Its messages are its own, however many such actors a thread has.
func newActor(of *actor, sender bool) *actor {
	of.w.made++
	return &actor{w: of.w, name: of.name, h: new(Handle[int]), sender: sender, id: 20 + of.w.made}
}

// cloned does something through a clone of the handle, which is dropped then.
func (a *actor) cloned(do func(*actor)) {
	clone := newActor(a, a.sender)
	if a.sender {
		a.w.c.CloneSender(a.h, clone.h)
	} else {
		a.w.c.CloneReceiver(a.h, clone.h)
	}
	do(clone)
	clone.drop()
}

// upgraded does something through a handle that is made from none, if the channel is open.
func (a *actor) upgraded(sender bool, do func(*actor)) {
	up, upgrade := newActor(a, sender), a.w.c.UpgradeReceiver
	if sender {
		upgrade = a.w.c.UpgradeSender
	}
	if upgrade(up.h) {
		do(up)
		up.drop()
	}
}

// awaitToken waits until a channel of Ready can be received from.
func awaitToken(ready <-chan struct{}) {
	sched.Until(func() bool { return len(ready) > 0 })
}
