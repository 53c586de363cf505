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

// awaits are small programs that await a future.
var awaits = []struct {
	name  string
	build func() *sched.Program
}{
	{"a promise", func() *sched.Program { return awaitPromise(context.Background(), nil) }},
	{"a promise and a cancel", withCancel},
	{"a context that might end", withContext},
	{"a race of two promises", race},
	{"two awaits, one after other", twice},
}

// An Await, what it waits for and the end of its context come together in every order.
// Completed before the end is completed, and a value is fetched or was not returned.
func TestSchedulesOfAnAwait(t *testing.T) {
	for _, p := range awaits {
		t.Run(p.name, func(t *testing.T) {
			for bound := range 4 { // so that a failure has as few preemptions as possible
				report, failure := sched.Explore(p.build, sched.Options{Preemptions: bound, Runs: 50_000})
				if failure != nil {
					t.Fatal(failure)
				}
				t.Logf("%d preemptions: %d orders, complete: %t, %v", bound, report.Runs, report.Complete, report.Elapsed)
			}
		})
	}
}

func awaitPromise(ctx context.Context, cancel func()) *sched.Program {
	p, f := future.NewPromise[int]()
	var v int
	var err error
	completed := false
	program := &sched.Program{
		Threads: []sched.Thread{
			{Name: "awaits", Body: func() { v, err = future.Await(ctx, f) }},
			{Name: "completes", Body: func() { completed = p.Resolve(7) }},
		},
		After: func() error {
			if got := err == nil && v == 7; got != completed && err == nil || !got && !errors.Is(err, context.Canceled) {
				return fmt.Errorf("got %d, %s; completed: %t", v, fmt.Sprint(err), completed)
			}
			return nil
		},
	}
	if cancel != nil {
		program.Threads = append(program.Threads, sched.Thread{Name: "cancels", Body: func() { sched.Point(); cancel() }})
	}
	return program
}

func withCancel() *sched.Program { return awaitPromise(context.WithCancel(context.Background())) }

func withContext() *sched.Program {
	ctx, cancel := context.WithCancel(context.Background())
	p := awaitPromise(ctx, nil)
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
				return fmt.Errorf("%+v, %s; completed: %v", v, fmt.Sprint(err), won)
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
			{Name: "completes", Body: func() { p.Resolve(1); q.Resolve(2) }},
		},
		After: func() error {
			if len(got) != 2 || got[0] != 1 || got[1] != 2 {
				return fmt.Errorf("got %v", got)
			}
			return nil
		},
	}
}
