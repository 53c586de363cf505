package task_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// TestRandomProgramsNeitherLoseNorMakeSlots runs programs of tasks that wait for each
// other under all contexts they can reach: nested BlockOns, helper goroutines, blocking
// work, cancels, deadlines and a Shutdown. While they run there are never more tasks that
// compute than slots, a task that goes on has its slot, and all of it ends. After each
// run the runtime counts nothing.
//
//	HANDOFF_SEED=17 go test -run '^TestRandomProgramsNeitherLoseNorMakeSlots$' ./task
//
// repeats what one seed decides: what each task does, though not who is faster.
func TestRandomProgramsNeitherLoseNorMakeSlots(t *testing.T) {
	var seeds []uint64
	if s := os.Getenv("HANDOFF_SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err)
		for range 50 {
			seeds = append(seeds, seed)
		}
	} else {
		for seed := range uint64(testsize.Scaled(2000)) {
			seeds = append(seeds, seed)
		}
		seeds = append(seeds, rand.Uint64())
	}
	for _, seed := range seeds {
		var problem string
		synctest.Test(t, func(*testing.T) { problem = runSlotProgram(seed) })
		if problem != "" {
			t.Fatalf("%s\nHANDOFF_SEED=%d go test -run '^%s$' ./task", problem, seed, t.Name())
		}
	}
	t.Logf("the last seed was %d", seeds[len(seeds)-1])
}

// slotProgram is one run.
type slotProgram struct {
	rt       *task.Runtime
	most     map[string]int32 // how many may compute, by kind of slot
	compute  map[string]*atomic.Int32
	children atomic.Uint64
	helpers  sync.WaitGroup // goroutines that no task waits for to the end

	mu       sync.Mutex
	problems []string
}

func (p *slotProgram) problem(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

func runSlotProgram(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1))
	workers, limit := 1+r.IntN(3), 1+r.IntN(3)
	relief := []time.Duration{0, 20 * time.Millisecond}[r.IntN(2)]
	rt, err := task.New(task.WithWorkers(workers), task.WithBlockingLimit(limit), task.WithStallRelief(relief))
	if err != nil {
		return err.Error()
	}
	p := &slotProgram{rt: rt, most: map[string]int32{"worker": int32(workers), "blocking": int32(limit)},
		compute: map[string]*atomic.Int32{"worker": new(atomic.Int32), "blocking": new(atomic.Int32)}}
	if relief > 0 {
		p.most["worker"] *= 2
	}
	ctx := rt.Context(context.Background())
	var all sync.WaitGroup
	for range 1 + r.IntN(3) {
		a := p.actor(r, []context.Context{ctx})
		if r.IntN(2) == 0 {
			all.Go(func() { _, _ = task.BlockOn(ctx, a.blockOn) })
		} else {
			a.start()
		}
	}
	shutdownAt := time.Duration(-1)
	if r.IntN(3) == 0 {
		shutdownAt = time.Duration(r.IntN(30)) * time.Millisecond
	}
	ended := make(chan struct{})
	go func() {
		if shutdownAt >= 0 {
			time.Sleep(shutdownAt)
		} else {
			all.Wait()
			for s := rt.Stats(); s.Completed+s.Cancelled+s.Panicked < s.Spawned; s = rt.Stats() {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Second) // the spares leave, and so does the timer
			if err := task.CheckIdle(rt); err != nil {
				p.problem("idle: %v", err)
			}
		}
		if err := rt.Shutdown(context.Background()); err != nil {
			p.problem("%v", err)
		}
		all.Wait()
		p.helpers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Minute):
		// A bubble with goroutines that are stuck cannot be left.
		dump := new(stringWriter)
		_ = rt.Dump(dump)
		panic(fmt.Sprintf("HANDOFF_SEED=%d: it does not end, with %d workers, relief %v, blocking limit %d:\n%s", seed, workers, relief, limit, dump))
	}
	if err := task.CheckIdle(rt); err != nil {
		p.problem("after Shutdown: %v", err)
	}
	if len(p.problems) > 0 {
		return fmt.Sprintf("workers %d, relief %v, blocking limit %d: %q", workers, relief, limit, p.problems)
	}
	return ""
}

type stringWriter struct{ text []byte }

func (w *stringWriter) Write(b []byte) (int, error) {
	w.text = append(w.text, b...)
	return len(b), nil
}
func (w *stringWriter) String() string { return string(w.text) }

// slotActor does random things, on one goroutine.
type slotActor struct {
	p     *slotProgram
	r     *rand.Rand
	scope []context.Context // what it may wait under; the last one is that of its task
	depth int
	// leaf: it neither waits for a task nor acquires a slot, so another goroutine may wait
	// for it in a way that the runtime does not see.
	leaf bool
}

func (p *slotProgram) actor(r *rand.Rand, scope []context.Context) *slotActor {
	return &slotActor{p: p, r: rand.New(rand.NewPCG(r.Uint64(), p.children.Add(1))), scope: scope}
}

// below is an actor that a starts.
func (a *slotActor) below() *slotActor {
	return &slotActor{p: a.p, r: rand.New(rand.NewPCG(a.r.Uint64(), 2)), scope: a.scope, depth: a.depth + 1, leaf: a.leaf}
}

// with is a with one context more in its scope, that of the task it runs.
func (a *slotActor) with(ctx context.Context) *slotActor {
	b := *a
	b.scope = append(slices.Clip(b.scope), ctx)
	return &b
}

func (a *slotActor) own() context.Context { return a.scope[len(a.scope)-1] }

func (a *slotActor) any() context.Context { return a.scope[a.r.IntN(len(a.scope))] }

func (a *slotActor) time() time.Duration { return time.Duration(a.r.IntN(5)) * time.Millisecond }

// derived is a context below one of the scope, and what ends it.
func (a *slotActor) derived() (context.Context, context.CancelFunc) {
	switch ctx := a.any(); a.r.IntN(6) {
	case 0:
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(a.time(), cancel)
		return ctx, cancel
	case 1:
		return context.WithTimeout(ctx, a.time())
	case 2:
		return context.WithValue(ctx, testKey{}, 1), func() {}
	case 3:
		return a.p.rt.Context(ctx), func() {}
	default:
		return ctx, func() {}
	}
}

// call, blockOn and start run a as a function, in a BlockOn, and as a task.
func (a *slotActor) call(ctx context.Context) (int, error) { a.with(ctx).run(); return 0, nil }

func (a *slotActor) function(ctx context.Context) (int, error) {
	if kind := task.SlotHere(ctx); kind != "worker" {
		a.p.problem("a function task starts with slot %q", kind)
	}
	return a.call(ctx)
}

func (a *slotActor) blocking(ctx context.Context) (int, error) {
	if kind := task.SlotHere(ctx); kind != "blocking" {
		a.p.problem("blocking work starts with slot %q", kind)
	}
	return a.call(ctx)
}

func (a *slotActor) blockOn(ctx context.Context) (int, error) { return a.call(ctx) }

func (a *slotActor) start() *task.JoinHandle[int] {
	ctx := a.any()
	if a.r.IntN(3) == 0 {
		return task.SpawnBlocking(ctx, a.blocking)
	}
	return task.Spawn(ctx, a.function)
}

func (a *slotActor) run() {
	before := task.SlotHere(a.own())
	for range 1 + a.r.IntN(4) {
		a.step()
		if after := task.SlotHere(a.own()); after != before {
			a.p.problem("slot %q before a step and %q after it", before, after)
		}
	}
}

// busy computes: it holds its slot.
func (a *slotActor) busy() {
	n := a.p.compute[task.SlotHere(a.own())]
	if n == nil { // it has no slot
		time.Sleep(a.time())
		return
	}
	kind := task.SlotHere(a.own())
	if now := n.Add(1); now > a.p.most[kind] {
		a.p.problem("%d compute at once with a slot of kind %s", now, kind)
	}
	time.Sleep(a.time())
	n.Add(-1)
}

func (a *slotActor) step() {
	n := 15
	if a.depth > 3 {
		n = 7
	}
	ctx, cancel := a.derived()
	defer cancel()
	switch a.r.IntN(n) {
	case 0:
		a.busy()
	case 1:
		_ = task.Sleep(ctx, a.time())
	case 2:
		_ = task.YieldNow(ctx)
	case 3: // a promise
		p, f := future.NewPromise[int]()
		time.AfterFunc(a.time(), func() { p.Resolve(1) })
		_, _ = future.Await(ctx, f)
	case 4: // a wait that only its deadline ends
		ctx, cancel := context.WithTimeout(ctx, a.time())
		defer cancel()
		if _, err := future.Await(ctx, future.Pending[int]()); err == nil {
			a.p.problem("a wait for nothing ended without an error")
		}
	case 5: // a channel
		tx, rx := mpsc.Channel[int]()
		time.AfterFunc(a.time(), func() { _ = tx.Send(1); tx.Drop() })
		_, _ = rx.RecvContext(ctx)
		rx.Drop()
	case 6:
		tx, rx := async.Bounded[int](0)
		time.AfterFunc(a.time(), rx.Drop)
		_ = tx.Send(1).Await(ctx)
		tx.Drop()
	case 7, 8: // a BlockOn on this goroutine
		if a.leaf {
			ctx = a.own() // or it might have to wait for a slot
		}
		b := a.below()
		_, _ = task.BlockOn(ctx, b.blockOn)
	case 9: // goroutines that the task waits for as Go does
		var wg sync.WaitGroup
		for range 1 + a.r.IntN(3) {
			b := a.below()
			b.leaf = true
			wg.Go(b.run)
		}
		a.busy()
		wg.Wait()
	case 10: // one that it awaits
		if a.leaf {
			return
		}
		p, f := future.NewPromise[int]()
		b := a.below()
		a.p.helpers.Go(func() { defer p.Resolve(1); b.helper() })
		a.busy()
		_, _ = future.Await(ctx, f)
	case 11: // a poll
		if a.leaf {
			return
		}
		b := a.below()
		b.leaf = true
		h := task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
			v, err := task.BlockOn(cx, b.blockOn)
			return v, true, err
		}))
		_, _ = h.Await(a.any())
	case 12: // a task that only its cancel ends
		if a.leaf {
			return
		}
		forever := func(ctx context.Context) (int, error) { return future.Await(ctx, future.Pending[int]()) }
		var h *task.JoinHandle[int]
		if a.r.IntN(2) == 0 {
			h = task.Spawn(ctx, forever)
		} else {
			h = task.SpawnBlocking(ctx, forever)
		}
		time.AfterFunc(a.time(), h.Cancel)
		_, _ = h.Await(a.any())
	default: // another task
		if a.leaf {
			return
		}
		h := a.below().start()
		switch a.r.IntN(4) {
		case 0:
			time.AfterFunc(a.time(), h.Cancel)
		case 1:
			h.Drop()
			return
		}
		_, _ = h.Await(ctx)
	}
}

// helper is run for a goroutine that is not that of a task.
func (a *slotActor) helper() {
	if a.r.IntN(2) == 0 {
		_, _ = task.BlockOn(a.any(), a.blockOn)
		return
	}
	a.run()
}
