package task_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// tally is ready once enough was added to it. A call that adds wakes afterwards, so a
// poll that follows the last wake sees everything; without such a poll it is pending
// for ever.
type tally struct {
	want  int64
	n     atomic.Int64
	polls atomic.Int64
	over  atomic.Bool
	late  atomic.Bool // polled after it was ready
	set   chan struct{}
	waker future.Waker // written before set is closed
}

func newTally(want int64) *tally { return &tally{want: want, set: make(chan struct{})} }

func (f *tally) Poll(cx *future.Context) (int64, bool, error) {
	if f.over.Load() {
		f.late.Store(true)
	}
	if f.polls.Add(1) == 1 {
		f.waker = cx.Waker()
		close(f.set)
	}
	n := f.n.Load()
	runtime.Gosched() // what is added now is seen by another poll only
	if n < f.want {
		return 0, false, nil
	}
	f.over.Store(true)
	return n, true, nil
}

func (f *tally) Drop() {}

// add adds one and wakes, some number of times.
func (f *tally) add(times int) {
	<-f.set
	f.n.Add(1)
	for range times {
		f.waker.Wake()
	}
}

func TestNoWakeIsLostBeforeDuringOrAfterAPoll(t *testing.T) {
	rounds := 20_000
	if !testsize.Long() || testsize.Race {
		rounds = 2000
	}
	for name, host := range map[string]func(context.Context, *tally) *task.JoinHandle[int64]{
		"a polled task": func(ctx context.Context, f *tally) *task.JoinHandle[int64] {
			return task.SpawnFuture[int64](ctx, f)
		},
		"a function task": func(ctx context.Context, f *tally) *task.JoinHandle[int64] {
			return task.Spawn(ctx, func(ctx context.Context) (int64, error) {
				return future.Await[int64](ctx, f)
			})
		},
		"a function task under a derived context": func(ctx context.Context, f *tally) *task.JoinHandle[int64] {
			return task.Spawn(ctx, func(ctx context.Context) (int64, error) {
				ctx, cancel := context.WithCancel(ctx)
				defer cancel()
				return future.Await[int64](ctx, f)
			})
		},
		"blocking work": func(ctx context.Context, f *tally) *task.JoinHandle[int64] {
			return task.SpawnBlocking(ctx, func(ctx context.Context) (int64, error) {
				return future.Await[int64](ctx, f)
			})
		},
	} {
		for _, workers := range []int{1, 3} {
			t.Run(name, func(t *testing.T) { wakeFromEverywhere(t, rounds, workers, host) })
		}
	}
}

func wakeFromEverywhere(t *testing.T, rounds, workers int, host func(context.Context, *tally) *task.JoinHandle[int64]) {
	ctx := start(t, task.WithWorkers(workers), task.WithStallRelief(0))
	const wakers = 4
	// One goroutine each for all rounds, so that the rounds are close together.
	var work [wakers]chan *tally
	var wg sync.WaitGroup
	for i := range work {
		work[i] = make(chan *tally, 1)
		wg.Go(func() {
			for f := range work[i] {
				f.add(1 + i)
			}
		})
	}
	defer wg.Wait()
	defer func() {
		for _, w := range work {
			close(w)
		}
	}()
	limit := within(t)
	for round := range rounds {
		f := newTally(wakers)
		h := host(ctx, f)
		for _, w := range work {
			w <- f
		}
		n, err := h.Await(limit)
		require.NoError(t, err, "round %d: a wake was lost", round)
		require.EqualValues(t, wakers, n)
		require.False(t, f.late.Load(), "polled after it was ready")
	}
}

// One wake a step, and the next step only when it was heard: no other wake can make
// up for one that was lost.
func TestNoWakeOfManyTasksIsLost(t *testing.T) {
	ctx := start(t, task.WithWorkers(2), task.WithStallRelief(0))
	tasks, steps := 50, 2000
	if !testsize.Long() || testsize.Race {
		steps = 200
	}
	limit := within(t)
	var wg sync.WaitGroup
	for range tasks {
		heard := make(chan int64, 1)
		var posted atomic.Int64
		var waker future.Waker
		seen := int64(-1)
		h := task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
			if waker == nil {
				waker = cx.Waker()
			}
			if n := posted.Load(); n != seen {
				seen = n
				heard <- n
			}
			return 0, seen == int64(steps), nil
		}))
		wg.Go(func() {
			for step := range int64(steps) + 1 {
				select {
				case n := <-heard:
					if n != step {
						t.Errorf("heard %d in step %d", n, step)
					}
				case <-limit.Done():
					t.Errorf("the wake of step %d was lost", step)
					return
				}
				if step < int64(steps) {
					posted.Add(1)
					waker.Wake()
				}
			}
			if _, err := h.Await(limit); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
