package task_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// uses are what starts something in a runtime, or waits for what is in it.
func uses(t *testing.T, rt *task.Runtime, h *task.JoinHandle[struct{}]) map[string]func() {
	ctx := rt.Context(context.Background())
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	return map[string]func(){
		"Go":            func() { task.Go(ctx, func(context.Context) error { return nil }) },
		"Spawn":         func() { task.Spawn(ctx, func(context.Context) (int, error) { return 0, nil }) },
		"SpawnFuture":   func() { task.SpawnFuture(ctx, future.Ready(1)) },
		"SpawnBlocking": func() { task.SpawnBlocking(ctx, func(context.Context) (int, error) { return 0, nil }) },
		"BlockOn": func() {
			_, _ = task.BlockOn(ctx, func(context.Context) (int, error) { assert.Fail(t, "it runs"); return 0, nil })
		},
		"Await":             func() { _, _ = h.Await(ended) },
		"Await of a Future": func() { _, _ = future.Await(ended, h.Future()) },
		"JoinSet.Add":       func() { new(task.JoinSet[struct{}]).Add(h) },
		"Done":              func() { h.Done() },
		"Cancel":            func() { h.Cancel() },
		"Drop":              func() { h.Drop() },
		"Shutdown":          func() { _ = rt.Shutdown(ended) },
	}
}

func refused(t *testing.T, rt *task.Runtime, h *task.JoinHandle[struct{}]) {
	for name, use := range uses(t, rt, h) {
		assert.Panics(t, use, name)
	}
	assert.False(t, h.IsFinished())
	s := rt.Stats()
	assert.EqualValues(t, 1, s.Spawned, "nothing else has begun")
	assert.NotPanics(t, func() { assert.NotEmpty(t, rt.String()) })
}

// busy keeps rt from being idle until the test of it ends.
func busy(t *testing.T, rt *task.Runtime) (h *task.JoinHandle[struct{}], end func()) {
	began, gate := make(chan struct{}), make(chan struct{})
	h = task.Go(rt.Context(context.Background()), func(ctx context.Context) error {
		close(began)
		for {
			select {
			case <-gate:
				return nil
			default:
				if err := task.YieldNow(ctx); err != nil {
					return err
				}
			}
		}
	})
	ends(t, began)
	return h, func() { close(gate); _, _ = h.Await(within(t)) }
}

func idle(_ *testing.T, rt *task.Runtime) (h *task.JoinHandle[struct{}], end func()) {
	p, f := future.NewPromise[struct{}]()
	h = task.SpawnFuture(rt.Context(context.Background()), f)
	for rt.Stats().Running > 0 {
		time.Sleep(time.Millisecond)
	}
	return h, func() { p.Resolve(struct{}{}); _, _ = h.Await(context.Background()) }
}

var states = map[string]func(*testing.T, *task.Runtime) (h *task.JoinHandle[struct{}], end func()){"busy": busy, "idle": idle}

func TestARuntimeMadeOutsideIsRefusedInABubbleBusyOrIdle(t *testing.T) {
	for name, state := range states {
		t.Run(name, func(t *testing.T) {
			rt, err := task.New(task.WithWorkers(1))
			require.NoError(t, err)
			h, end := state(t, rt)
			synctest.Test(t, func(t *testing.T) {
				refused(t, rt, h)
				refused(t, rt, h) // the first has not made it known here
			})
			end()
			require.NoError(t, rt.Shutdown(within(t)))
			synctest.Test(t, func(t *testing.T) {
				assert.NoError(t, rt.Shutdown(context.Background()), "there is nothing to wait for")
				_, err := h.Await(context.Background())
				assert.NoError(t, err, "nor here")
				_, err = task.Go(rt.Context(context.Background()), func(context.Context) error { return nil }).Await(context.Background())
				assert.ErrorIs(t, err, task.ErrShutdown)
			})
		})
	}
}

func TestARuntimeOfABubbleIsRefusedElsewhereBusyOrIdle(t *testing.T) {
	for name, state := range states {
		t.Run(name, func(t *testing.T) {
			type made struct {
				rt *task.Runtime
				h  *task.JoinHandle[struct{}]
			}
			run, looked := make(chan made, 1), make(chan struct{})
			go func() {
				defer close(looked)
				m := <-run
				refused(t, m.rt, m.h)
			}()
			var over bool
			look := func(m made) { run <- m; <-looked; over = true } // of outside: the bubble stands still
			synctest.Test(t, func(t *testing.T) {
				rt, err := task.New(task.WithWorkers(1))
				require.NoError(t, err)
				h, end := state(t, rt)
				look(made{rt, h})
				end()
				require.NoError(t, rt.Shutdown(context.Background()))
			})
			assert.True(t, over)
		})
	}
}

// Two bubbles at a time are no less apart than one and the world.
func TestARuntimeOfOneBubbleIsRefusedInAnother(t *testing.T) {
	type made struct {
		rt *task.Runtime
		h  *task.JoinHandle[struct{}]
	}
	run, looked := make(chan made, 1), make(chan struct{})
	go func() {
		defer close(looked)
		m := <-run
		synctest.Test(t, func(t *testing.T) { refused(t, m.rt, m.h) })
	}()
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(1))
		require.NoError(t, err)
		h, end := idle(t, rt)
		run <- made{rt, h}
		<-looked
		end()
		require.NoError(t, rt.Shutdown(context.Background()))
	})
}

// More goroutines than are remembered.
func TestEveryGoroutineOfTheRightSideIsAdmitted(t *testing.T) {
	use := func(t *testing.T) {
		rt, err := task.New()
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		const n = 300
		results := make(chan error, n)
		for range n {
			go func() {
				for range 3 {
					if _, err := task.Go(ctx, func(context.Context) error { return nil }).Await(ctx); err != nil {
						results <- err
						return
					}
				}
				results <- nil
			}()
		}
		for range n {
			require.NoError(t, <-results)
		}
		require.NoError(t, rt.Shutdown(context.Background()))
	}
	t.Run("outside", use)
	t.Run("in a bubble", func(t *testing.T) { synctest.Test(t, use) })
}

// A call of Next that waits is woken by a worker, which in a synctest bubble must be of it.
func TestASetWhoseTasksAreOutsideIsRefusedInABubble(t *testing.T) {
	rt, err := task.New()
	require.NoError(t, err)
	p, f := future.NewPromise[int]()
	var set task.JoinSet[int]
	h := task.SpawnFuture(rt.Context(context.Background()), f)
	set.Add(h)
	synctest.Test(t, func(t *testing.T) {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		assert.Panics(t, func() { _, _, _ = set.Next(ended) })
		var other task.JoinSet[int]
		assert.Panics(t, func() { other.Add(h) })
		assert.Zero(t, other.Len(), "a member that could never end")
	})
	p.Resolve(7)
	v, ok, err := set.Next(within(t))
	assert.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, 7, v)
	require.NoError(t, rt.Shutdown(within(t)))
}

// A wake from inside a bubble must not set the timer of a runtime outside by the bubble's
// clock: then no stuck worker would ever be relieved again.
func TestAWakeFromInsideABubbleLeavesTheTicksOfARuntimeOutside(t *testing.T) {
	rt, err := task.New(task.WithWorkers(1))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	p, f := future.NewPromise[int]()
	h := task.SpawnFuture(ctx, f)
	began, gate := make(chan struct{}), make(chan struct{})
	stuck := task.Go(ctx, func(context.Context) error { close(began); <-gate; return nil })
	ends(t, began)
	for range 100 { // until the tick ends, because nothing moves and nothing is ready
		time.Sleep(time.Millisecond)
	}
	synctest.Test(t, func(*testing.T) { p.Resolve(7) })
	relieved := task.Go(ctx, func(context.Context) error { return nil }) // sets the timer
	_, err = relieved.Await(within(t))
	assert.NoError(t, err)
	close(gate)
	_, err = stuck.Await(within(t))
	assert.NoError(t, err)
	v, err := h.Await(within(t))
	assert.NoError(t, err)
	assert.Equal(t, 7, v)
	require.NoError(t, rt.Shutdown(within(t)))
}

// A wake that comes from inside a bubble starts a worker outside, if no goroutine is idle: in
// the bubble it would never end, for synctest.
func TestAWakeFromInsideABubbleStartsItsWorkerOutside(t *testing.T) {
	rt, err := task.New(task.WithWorkers(3))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	p, f := future.NewPromise[int]()
	h := task.SpawnFuture(ctx, f)
	gate := make(chan struct{})
	var stuck []*task.JoinHandle[struct{}]
	for range 2 { // they take the goroutine that has polled h
		began := make(chan struct{})
		stuck = append(stuck, task.Go(ctx, func(context.Context) error { close(began); <-gate; return nil }))
		ends(t, began)
	}
	synctest.Test(t, func(*testing.T) {
		p.Resolve(7)
		time.Sleep(time.Hour)
		synctest.Wait()
	})
	v, err := h.Await(within(t))
	assert.NoError(t, err)
	assert.Equal(t, 7, v)
	close(gate)
	for _, h := range stuck {
		_, err = h.Await(within(t))
		assert.NoError(t, err)
	}
	require.NoError(t, rt.Shutdown(within(t)))
}
