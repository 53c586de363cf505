//go:build handoff_sched

package future_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/sched"
)

// An Await, what it waits for and the end of its context come together in every order.
// Settled before the end is settled, and a value is fetched or nobody got it.
func TestSchedulesOfAnAwait(t *testing.T) {
	for name, program := range map[string]func() *sched.Program{
		"a promise":                   func() *sched.Program { return awaited(context.Background(), nil) },
		"a promise and a cancel":      withCancel,
		"a context that might end":    withContext,
		"a race of two promises":      race,
		"two awaits, one after other": twice,
	} {
		t.Run(name, func(t *testing.T) {
			report, failure := sched.Explore(program, sched.Options{Preemptions: 3, Runs: 50_000})
			if failure != nil {
				t.Fatal(failure)
			}
			t.Logf("%d orders, complete: %t, %v", report.Runs, report.Complete, report.Elapsed)
		})
	}
}

func awaited(ctx context.Context, cancel func()) *sched.Program {
	p, f := future.NewPromise[int]()
	var v int
	var err error
	settled := false
	program := &sched.Program{
		Threads: []sched.Thread{
			{Name: "awaits", Body: func() { v, err = future.Await(ctx, f) }},
			{Name: "settles", Body: func() { settled = p.Resolve(7) }},
		},
		After: func() error {
			if got := err == nil && v == 7; got != settled && err == nil || !got && !errors.Is(err, context.Canceled) {
				return fmt.Errorf("got %d, %s; settled: %t", v, fmt.Sprint(err), settled)
			}
			return nil
		},
	}
	if cancel != nil {
		program.Threads = append(program.Threads, sched.Thread{Name: "cancels", Body: func() { sched.Point(); cancel() }})
	}
	return program
}

func withCancel() *sched.Program { return awaited(context.WithCancel(context.Background())) }

func withContext() *sched.Program {
	ctx, cancel := context.WithCancel(context.Background())
	p := awaited(ctx, nil)
	after := p.After
	p.After = func() error {
		cancel()
		return after()
	}
	return p
}

func race() *sched.Program {
	p, f := future.NewPromise[int]()
	q, g := future.NewPromise[int]()
	var v future.Indexed[int]
	var err error
	won := [2]bool{}
	return &sched.Program{
		Threads: []sched.Thread{
			{Name: "awaits", Body: func() { v, err = future.Await(context.Background(), future.RaceBiased(f, g)) }},
			{Name: "p", Body: func() { won[0] = p.Resolve(0) }},
			{Name: "q", Body: func() { won[1] = q.Resolve(1) }},
		},
		After: func() error {
			if err != nil || v.Index != v.Value || !won[v.Index] {
				return fmt.Errorf("%+v, %s; settled: %v", v, fmt.Sprint(err), won)
			}
			return nil
		},
	}
}

// The second Await gets the awaiter of the first one, and must bear a wake that was meant
// for that.
func twice() *sched.Program {
	p, f := future.NewPromise[int]()
	q, g := future.NewPromise[int]()
	var got []int
	return &sched.Program{
		Threads: []sched.Thread{
			{Name: "awaits", Body: func() {
				for _, f := range []future.Future[int]{f, g} {
					v, err := future.Await(context.Background(), f)
					if err == nil {
						got = append(got, v)
					}
				}
			}},
			{Name: "settles", Body: func() { p.Resolve(1); q.Resolve(2) }},
		},
		After: func() error {
			if len(got) != 2 || got[0] != 1 || got[1] != 2 {
				return fmt.Errorf("got %v", got)
			}
			return nil
		},
	}
}
