package task_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// scope is a context that can be cancelled and knows what is registered with it.
// Package context cannot reach past its own Done.
type scope struct {
	context.Context
	done chan struct{}

	mu    sync.Mutex
	err   error
	funcs map[*func()]struct{}
}

func newScope(parent context.Context) *scope {
	return &scope{Context: parent, done: make(chan struct{}), funcs: make(map[*func()]struct{})}
}

func (s *scope) Done() <-chan struct{} { return s.done }

func (s *scope) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *scope) AfterFunc(f func()) (stop func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		go f()
		return func() bool { return false }
	}
	key := &f
	s.funcs[key] = struct{}{}
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		_, waiting := s.funcs[key]
		delete(s.funcs, key)
		return waiting
	}
}

func (s *scope) registered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.funcs)
}

func (s *scope) cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = context.Canceled
	close(s.done)
	for f := range s.funcs {
		go (*f)()
	}
	clear(s.funcs)
}

// Fifty thousand tasks of every kind, ended in every way, under one context.
func TestTasksOfEveryKindLeaveNothingInTheirContextAndItStillReachesTheNext(t *testing.T) {
	n := 50_000
	if !testsize.Long() || testsize.Race {
		n = 5000
	}
	ctx := newScope(start(t, task.WithBlockingLimit(4)))
	limit := within(t)
	gone := 0
	var set task.JoinSet[int]
	next := func() {
		_, ok, err := set.Next(limit)
		require.True(t, ok)
		if err != nil {
			require.True(t, errors.Is(err, task.ErrCancelled) || errors.Is(err, context.Canceled) || errors.Is(err, errOdd), "%v", err)
		}
		gone++
	}
	for i := range n {
		h := endInSomeWay(ctx, i)
		set.Add(h)
		if i%11 == 0 {
			h.Cancel()
		}
		for set.Len() >= 200 {
			next()
		}
	}
	for set.Len() > 0 {
		next()
	}
	require.Equal(t, n, gone)
	for ctx.registered() > 0 && limit.Err() == nil {
		runtime.Gosched() // the children that were left may still run
	}
	require.Zero(t, ctx.registered())

	last := task.SpawnFuture(ctx, future.Pending[int]())
	inside := task.Spawn(ctx, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Pending[int]()) })
	ctx.cancel()
	_, err := last.Await(limit)
	require.ErrorIs(t, err, context.Canceled)
	_, err = inside.Await(limit)
	require.ErrorIs(t, err, context.Canceled)
}

var errOdd = errors.New("odd")

func endInSomeWay(ctx context.Context, i int) *task.JoinHandle[int] {
	switch i % 8 {
	case 0:
		return task.Spawn(ctx, func(ctx context.Context) (int, error) {
			derived, stop := context.WithTimeout(ctx, time.Hour)
			defer stop()
			return 0, task.YieldNow(derived)
		})
	case 1:
		return task.SpawnFuture(ctx, future.Map(future.After(time.Microsecond), func(time.Time) int { return 0 }))
	case 2:
		return task.SpawnBlocking(ctx, func(ctx context.Context) (int, error) { return 0, ctx.Err() })
	case 3:
		return task.Spawn(ctx, func(ctx context.Context) (int, error) {
			return task.BlockOn(ctx, func(ctx context.Context) (int, error) { return 0, task.Sleep(ctx, time.Microsecond) })
		})
	case 4: // its child outlives it
		return task.Spawn(ctx, func(ctx context.Context) (int, error) {
			task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Microsecond) }).Drop()
			return 0, errOdd
		})
	case 5: // a race whose loser is dropped
		return task.SpawnFuture(ctx, future.Map(future.Race(future.Pending[int](), future.Ready(1)), func(future.Indexed[int]) int { return 0 }))
	case 6:
		return task.Spawn(ctx, func(ctx context.Context) (int, error) {
			h := task.SpawnFuture(ctx, future.Pending[int]())
			h.Cancel()
			return h.Await(ctx)
		})
	default:
		return task.Spawn(ctx, func(ctx context.Context) (int, error) {
			stop := context.AfterFunc(ctx, func() {})
			defer stop()
			_ = ctx.Done()
			return 0, nil
		})
	}
}
