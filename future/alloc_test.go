package future_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// allocs is the number of allocations of fn, or skips where they are not counted.
func allocs(t *testing.T, fn func()) float64 {
	t.Helper()
	if testsize.Race {
		t.Skip("the race detector allocates, and empties pools")
	}
	fn()
	return testing.AllocsPerRun(2000, fn)
}

// relay is a future that is ready at its second poll, and woken for it by
// another goroutine.
type relay struct {
	wakers chan future.Waker
	polls  int
}

func newRelay(t *testing.T) *relay {
	r := &relay{wakers: make(chan future.Waker)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for w := range r.wakers {
			w.Wake()
		}
	}()
	t.Cleanup(func() {
		close(r.wakers)
		<-done
	})
	return r
}

func (r *relay) Poll(cx *future.Context) (int, bool, error) {
	r.polls++
	if r.polls%2 == 0 {
		return 7, true, nil
	}
	r.wakers <- cx.Waker()
	return 0, false, nil
}

func (r *relay) Drop() {}

// always is ready at every poll, so that a benchmark needs no new one.
type always struct{}

func (always) Poll(*future.Context) (int, bool, error) { return 7, true, nil }
func (always) Drop()                                   {}

func TestAnAwaitOfWhatIsReadyDoesNotAllocate(t *testing.T) {
	for name, ctx := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			var f future.Future[int] = always{}
			assert.Zero(t, allocs(t, func() { _, _ = future.Await(ctx, f) }))
		})
	}
}

func TestAWaitAllocatesNothingButAChannelForAContextThatCanEnd(t *testing.T) {
	for name, ctx := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			var f future.Future[int] = newRelay(t)
			most := 0.0
			if name == "cancelable" {
				most = 1
			}
			assert.LessOrEqual(t, allocs(t, func() { _, _ = future.Await(ctx, f) }), most)
		})
	}
}

func TestACombinatorIsOneAllocation(t *testing.T) {
	var f future.Future[int] = always{}
	var keep any
	for name, fn := range map[string]func(){
		"Map":        func() { keep = future.Map(f, func(v int) int { return v }) },
		"Then":       func() { keep = future.Then(f, func(context.Context, int) future.Future[int] { return nil }) },
		"Join2":      func() { keep = future.Join2(f, f) },
		"Timeout":    func() { keep = future.Timeout(hour, f) },
		"After":      func() { keep = future.After(hour) },
		"Ready":      func() { keep = future.Ready(7) },
		"NewPromise": func() { _, keep = future.NewPromise[int]() },
	} {
		t.Run(name, func(t *testing.T) { assert.LessOrEqual(t, allocs(t, fn), 1.0) })
	}
	_ = keep
}

func TestAWakeInAGroupDoesNotAllocate(t *testing.T) {
	t.Run("JoinAll", func(t *testing.T) {
		ps, fs := probes(100)
		assertWakesAreFree(t, ps, future.JoinAll(fs...))
	})
	t.Run("TryJoinAll", func(t *testing.T) {
		ps, fs := probes(100)
		assertWakesAreFree(t, ps, future.TryJoinAll(fs...))
	})
	t.Run("Race", func(t *testing.T) {
		ps, fs := probes(100)
		assertWakesAreFree(t, ps, future.Race(fs...))
	})
	t.Run("RaceBiased", func(t *testing.T) {
		ps, fs := probes(100)
		assertWakesAreFree(t, ps, future.RaceBiased(fs...))
	})
}

func assertWakesAreFree[T any](t *testing.T, ps []*probe, f future.Future[T]) {
	t.Helper()
	cx, _ := newCx()
	assertNotReady(t, of(f), cx)
	assert.Zero(t, allocs(t, func() {
		ps[50].nudge()
		ps[3].nudge()
		_, _, _ = f.Poll(cx)
	}))
	f.Drop()
}
