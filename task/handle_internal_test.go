package task

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

// The first Done may see that the task has ended before the end has looked for a channel
// to close: one of them closes it.
func TestTheFirstDoneMayMeetTheEndOfTheTask(t *testing.T) {
	rt, err := New(WithWorkers(2))
	require.NoError(t, err)
	for range 200 {
		p, f := future.NewPromise[int]()
		h := SpawnFuture(rt.Context(context.Background()), f)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		var all sync.WaitGroup
		all.Go(func() {
			_, err := h.Await(ctx) // registered, so the end looks
			assert.NoError(t, err)
		})
		for !h.t.has(watched) {
			runtime.Gosched()
		}
		h.t.mu.Lock()
		all.Go(func() { <-h.Done() })
		for range 20 {
			runtime.Gosched() // for Done to wait for the lock before the end does
		}
		p.Resolve(1)
		for !h.IsFinished() {
			runtime.Gosched()
		}
		for range 20 {
			runtime.Gosched()
		}
		h.t.mu.Unlock()
		all.Wait()
		cancel()
		if t.Failed() {
			break
		}
	}
	require.NoError(t, rt.Shutdown(context.Background()))
}
