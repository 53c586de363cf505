//go:build handoff_sched

package channel

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/handoff-go/handoff/internal/sched"
)

// operations are what the threads of a random program choose from. Those of a sender may
// wait for a receiver, but not the other way round: in the end each receiver receives all
// there is, so every program ends.
type operations struct {
	send, recv []func(*actor)
}

// blockingOperations are those of package mpsc. Some end with a context, and one ends that.
func blockingOperations() operations {
	ctx, cancel := context.WithCancel(context.Background())
	return operations{
		send: []func(*actor){
			func(a *actor) { a.send() },
			func(a *actor) { a.send() },
			(*actor).trySend,
			(*actor).sendWithin,
			func(a *actor) { a.sendMany(3) },
			func(a *actor) { a.sendManyWithin(3) },
			func(a *actor) { a.cloned(func(clone *actor) { clone.send() }) },
			func(*actor) { sched.Point(); cancel() },
			(*actor).drop,
		},
		recv: []func(*actor){
			func(a *actor) { a.recv() },
			(*actor).tryRecv,
			(*actor).recvWithin,
			func(a *actor) { a.recvMany(2) },
			func(a *actor) { a.recvManyWithin(2) },
			func(a *actor) { a.recvUnder(ctx) },
			func(a *actor) { a.recvUnder(taskUnder(ctx)) },
			(*actor).selects,
		},
	}
}

// and are those of package async besides.
func (o *operations) and(limit uint64) {
	o.send = append(o.send,
		func(a *actor) { a.pollSend(1) },
		func(a *actor) { a.pollSend(0) },
		func(a *actor) { a.awaitClosed(1) },
		func(a *actor) { a.upgraded(true, func(up *actor) { up.send() }) },
		(*actor).closeIfOpen,
	)
	if limit > 0 {
		o.send = append(o.send,
			(*actor).forceSend,
			func(a *actor) { a.permit(1, 1) },
			func(a *actor) { a.pollPermit(1, 1, 1) },
			func(a *actor) { a.permitWithin(int(min(limit, 2)), 1) },
		)
	}
	o.recv = append(o.recv,
		func(a *actor) { a.pollRecv(1) },
		func(a *actor) { a.pollRecv(0) },
		func(a *actor) { a.observe(1) },
		func(a *actor) { a.cloned(func(clone *actor) { clone.recv() }) },
		func(a *actor) { a.upgraded(false, (*actor).tryRecv) },
		func(a *actor) { a.upgraded(true, (*actor).trySend) },
		(*actor).closeIfOpen,
	)
}

// randomProgram is a use of a channel by up to six threads with up to four operations
// each, all of which follow from the seed. Every other one has the single consumer that
// package mpsc has, and what that can do.
func randomProgram(seed uint64) *sched.Program {
	rnd := rand.New(rand.NewPCG(seed, 1))
	limit := every[rnd.IntN(len(every))]
	solo := rnd.IntN(2) == 0
	w := newWorld(Options{Limit: limit, Solo: solo, AnyEnd: !solo})
	all := blockingOperations()
	if !solo {
		all.and(limit)
	}
	some := func(from []func(*actor)) (ops []func(*actor)) {
		for range 1 + rnd.IntN(4) {
			ops = append(ops, from[rnd.IntN(len(from))])
		}
		return ops
	}
	var owners []*actor
	for i := range 1 + rnd.IntN(3) {
		ops := some(all.send)
		owners = append(owners, w.sender(fmt.Sprintf("S%d", i), func(a *actor) {
			for _, op := range ops {
				op(a)
			}
		}))
	}
	receivers := 1
	if !solo {
		receivers += rnd.IntN(2)
	}
	for i := range receivers {
		ops := some(all.recv)
		drops := rnd.IntN(4) == 0
		owners = append(owners, w.receiver(fmt.Sprintf("R%d", i), func(a *actor) {
			for _, op := range ops {
				op(a)
			}
			if drops {
				a.drop()
			} else {
				a.recvAll()
			}
		}))
	}
	if rnd.IntN(6) == 0 { // a handle goes while its owner is at work
		w.other("D", owners[rnd.IntN(len(owners))], (*actor).drop)
	}
	return w.program()
}

func TestSchedulesOfRandomProgramsAreCorrect(t *testing.T) {
	report, failure := sched.Random(randomProgram, 1, sched.Options{Runs: randomRuns()})
	if failure != nil {
		t.Fatal(failure)
	}
	t.Logf("%d programs, each in one order, %v", report.Runs, report.Elapsed)
}
