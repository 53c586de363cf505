// Package stall finds tests that hang, by their progress. A limit for the time of a whole
// test fails on a machine that is busy with something else; here a test may take as long as
// it likes, if only it gets on.
package stall

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A test has stalled after so many ticks without a step. They are counted where they are
// received, and the clock is not asked: a ticker drops what is not received, so a process
// that gets no processor, or is stopped with its machine, receives none that count.
const (
	tick     = time.Second
	patience = 60
)

// ErrStalled is the cause of a context of [Context] whose test has made no progress.
var ErrStalled = errors.New("stall: a minute without progress")

// Watch returns a function that reports a step of the test. Without a step for a minute it
// ends the test binary, with the stacks of all goroutines. It does not block; the watch ends
// with the test. Call it outside of a bubble of testing/synctest, whose clock leaps.
//
// A step is an atomic addition, and orders the goroutines that call it: where the race
// detector is to find what a channel fails to order, only one of them may.
func Watch(t testing.TB) (step func()) {
	t.Helper()
	return start(t, func() {
		stacks := make([]byte, 4<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		fmt.Fprintf(os.Stderr, "%s hangs: a minute without progress\n%s\n", t.Name(), stacks)
		os.Exit(2)
	})
}

// Context is [Watch] for a test that ends by itself when its context does: that is
// cancelled, with the cause [ErrStalled]. It ends before the cleanups of the test run.
func Context(t testing.TB) (ctx context.Context, step func()) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	return ctx, start(t, func() { cancel(ErrStalled) })
}

func start(t testing.TB, stalled func()) (step func()) {
	var steps atomic.Uint64
	ticker := time.NewTicker(tick)
	over := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() { watch(&steps, ticker.C, over, stalled) })
	t.Cleanup(func() {
		ticker.Stop()
		close(over)
		watcher.Wait()
	})
	return func() { steps.Add(1) }
}

// watch calls stalled, and returns, after patience ticks in which steps did not change.
func watch(steps *atomic.Uint64, ticks <-chan time.Time, over <-chan struct{}, stalled func()) {
	seen, idle := steps.Load(), 0
	for {
		select {
		case <-over:
			return
		case <-ticks:
		}
		if now := steps.Load(); now != seen {
			seen, idle = now, 0
			continue
		}
		if idle++; idle == patience {
			stalled()
			return
		}
	}
}
