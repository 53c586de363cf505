// Package copies does what go vet is to complain about, on each line that says so.
package copies

import (
	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// Blocking copies the handles of package mpsc.
func Blocking(tx *mpsc.Sender[int], stx *mpsc.SyncSender[int], rx *mpsc.Receiver[int]) {
	a := *tx  // copied
	b := *stx // copied
	c := *rx  // copied
	_, _, _ = &a, &b, &c
}

// Awaitable copies what package async hands out.
func Awaitable(tx *async.Sender[int], rx *async.Receiver[int], p *async.Permit[int], ps *async.Permits[int], s *async.Selector[int]) {
	a := *tx // copied
	b := *rx // copied
	c := *p  // copied
	d := *ps // copied
	e := *s  // copied
	f := *tx.Downgrade()
	g := *rx.Downgrade() // weak handles may be copied
	_, _, _, _, _, _, _ = &a, &b, &c, &d, &e, &f, &g
}

// Futures copies the futures of package async.
func Futures(tx *async.Sender[int], rx *async.Receiver[int], s *async.Selector[int]) {
	send, many, slot, slots := tx.Send(1), tx.SendMany(nil), tx.Reserve(), tx.ReserveMany(1)
	recv, into, next := rx.Recv(), rx.RecvMany(nil), s.Next()
	a := *send  // copied
	b := *many  // copied
	c := *slot  // copied
	d := *slots // copied
	e := *recv  // copied
	f := *into  // copied
	g := *next  // copied
	_, _, _, _, _, _, _ = &a, &b, &c, &d, &e, &f, &g
}

// Tasks copies what packages future and task hand out.
func Tasks(p *future.Promise[int], h *task.JoinHandle[int], set *task.JoinSet[int], rt *task.Runtime) {
	a := *p   // copied
	b := *h   // copied
	c := *set // copied
	d := *rt  // copied
	_, _, _, _ = &a, &b, &c, &d
}

// Passed takes a handle by value.
func Passed(tx mpsc.Sender[int]) {} // copied

// Ranged copies handles out of a slice.
func Ranged(all []async.Receiver[int]) {
	for _, rx := range all { // copied
		_ = &rx
	}
}
