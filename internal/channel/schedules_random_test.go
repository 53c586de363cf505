//go:build handoff_sched

package channel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/handoff-go/handoff/internal/sched"
)

// randomProgram is a use of a channel by up to five threads with up to four operations
// each, all of which follow from the seed.
func randomProgram(seed uint64) *sched.Program {
	rnd := rand.New(rand.NewPCG(seed, 1))
	limit := every[rnd.IntN(len(every))]
	w := newWorld(Options{Limit: limit, AnyEnd: true})
	send := []func(*actor){
		func(a *actor) { a.send() },
		func(a *actor) { a.send() },
		(*actor).trySend,
		(*actor).sendWithin,
		func(a *actor) { a.sendMany(3) },
		func(a *actor) { a.pollSend(1) },
		func(a *actor) { a.pollSend(0) },
	}
	if limit > 0 {
		send = append(send,
			(*actor).forceSend,
			func(a *actor) { a.permit(1, 1) },
			func(a *actor) { a.pollPermit(1, 1, 1) },
			func(a *actor) { a.permitWithin(int(min(limit, 2)), 1) },
		)
	}
	recv := []func(*actor){
		func(a *actor) { a.recv() },
		(*actor).tryRecv,
		(*actor).recvWithin,
		func(a *actor) { a.recvMany(2) },
		func(a *actor) { a.pollRecv(1) },
		func(a *actor) { a.pollRecv(0) },
		func(a *actor) { a.observe(1) },
	}
	some := func(from []func(*actor)) (ops []func(*actor)) {
		for range 1 + rnd.IntN(4) {
			ops = append(ops, from[rnd.IntN(len(from))])
		}
		return ops
	}
	for i := range 1 + rnd.IntN(3) {
		ops := some(send)
		w.sender(fmt.Sprintf("S%d", i), func(a *actor) {
			for _, op := range ops {
				op(a)
			}
		})
	}
	for i := range 1 + rnd.IntN(2) {
		ops := some(recv)
		drops := rnd.IntN(4) == 0
		w.receiver(fmt.Sprintf("R%d", i), func(a *actor) {
			for _, op := range ops {
				op(a)
			}
			if drops {
				a.drop()
			} else {
				a.recvAll()
			}
		})
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
