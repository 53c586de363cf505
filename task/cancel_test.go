package task_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// At whatever moment it is cancelled, a task has given up what it held when Await
// returns, and its context has ended.
func TestCancelAtEachStageReleasesWhatTheTaskHeld(t *testing.T) {
	rounds := 3000
	if !testsize.Long() || testsize.Race {
		rounds = 500
	}
	ctx := start(t, task.WithWorkers(2))
	limit := within(t)
	for i := range rounds {
		f := &held{}
		h := task.SpawnFuture[int](ctx, f)
		var own context.Context
		g := task.Spawn(ctx, func(ctx context.Context) (int, error) {
			own = ctx
			return future.Await[int](ctx, &held{})
		})
		pause(i)
		h.Cancel()
		g.Cancel()
		_, err := h.Await(limit)
		require.ErrorIs(t, err, task.ErrCancelled)
		f.mu.Lock()
		assert.Equal(t, 1, f.drops, "before Await returns")
		f.mu.Unlock()
		_, err = g.Await(limit)
		require.ErrorIs(t, err, context.Canceled)
		if own != nil { // it was started
			require.Error(t, own.Err())
		}
	}
}

// A cancel from inside comes while the task runs, for certain.
func TestWhatATaskReturnsAfterItWasCancelledFromInsideStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
		for name, spawn := range map[string]func(self *handle) *task.JoinHandle[int]{
			"function": func(self *handle) *task.JoinHandle[int] {
				return task.Spawn(ctx, func(ctx context.Context) (int, error) {
					self.get().Cancel()
					assert.Error(t, ctx.Err())
					<-ctx.Done()
					return 7, nil
				})
			},
			"ready in the poll": func(self *handle) *task.JoinHandle[int] {
				return task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
					self.get().Cancel()
					assert.Error(t, cx.Err())
					return 7, true, nil
				}))
			},
			"blocking": func(self *handle) *task.JoinHandle[int] {
				return task.SpawnBlocking(ctx, func(ctx context.Context) (int, error) {
					self.get().Cancel()
					<-ctx.Done()
					return 7, nil
				})
			},
		} {
			self := &handle{set: make(chan struct{})}
			h := spawn(self)
			self.h = h
			close(self.set)
			v, err := h.Await(ctx)
			require.NoError(t, err, name)
			require.Equal(t, 7, v, name)
		}

		self := &handle{set: make(chan struct{})}
		polls := 0
		self.h = task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) {
			polls++
			self.get().Cancel()
			return 0, false, nil
		}))
		close(self.set)
		_, err := self.h.Await(ctx)
		require.ErrorIs(t, err, task.ErrCancelled, "it never got to return anything")
		require.Equal(t, 1, polls)
	})
}

// handle is a task's own handle, for the task.
type handle struct {
	set chan struct{}
	h   *task.JoinHandle[int]
}

func (h *handle) get() *task.JoinHandle[int] {
	<-h.set
	return h.h
}

// pause lets the other side come as far as it may in about i steps.
func pause(i int) {
	for begin := time.Now(); time.Since(begin) < time.Duration(i%50)*time.Microsecond; {
	}
}

// held is pending, wakes itself now and then, and counts its drops.
type held struct {
	mu    sync.Mutex
	polls int
	drops int
}

func (f *held) Poll(cx *future.Context) (int, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.polls++; f.polls < 20 {
		cx.Waker().Wake()
	}
	if f.drops > 0 {
		return 0, true, future.ErrDropped
	}
	return 0, false, nil
}

func (f *held) Drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drops++
}

func TestCancelReachesTheTasksThatWereSpawnedUnderTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := start(t)
		hold := func(ctx context.Context) error { return task.Sleep(ctx, time.Hour) }
		var child, grandchild, free *task.JoinHandle[struct{}]
		parent := task.Go(base, func(ctx context.Context) error {
			child = task.Go(ctx, func(ctx context.Context) error {
				grandchild = task.Go(ctx, hold)
				return hold(ctx)
			})
			free = task.Go(context.WithoutCancel(ctx), func(ctx context.Context) error {
				return task.Sleep(ctx, time.Second)
			})
			return hold(ctx)
		})
		synctest.Wait()
		parent.Cancel()
		for _, h := range []*task.JoinHandle[struct{}]{parent, child, grandchild} {
			_, err := h.Await(base)
			require.ErrorIs(t, err, context.Canceled)
		}
		_, err := free.Await(base)
		require.NoError(t, err)
	})
}
