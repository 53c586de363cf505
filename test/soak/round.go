package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// round is one run of a scenario.
type round struct {
	*progress

	cfg    *config
	number uint64
	rng    *rand.Rand // for the goroutine of the round
	all    sync.WaitGroup

	mu       sync.Mutex
	watched  []fmt.Stringer
	runtimes []*task.Runtime
}

func newRound(cfg *config, p *progress, number uint64) *round {
	r := &round{progress: p, cfg: cfg, number: number}
	r.rng = r.random(0)
	return r
}

// random is the i-th generator of the round.
func (r *round) random(i uint64) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d/%d", r.scenario.name, r.number, i)
	return rand.New(rand.NewPCG(r.cfg.seed, h.Sum64()))
}

// watch has a stall show what these are.
func (r *round) watch(handles ...fmt.Stringer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watched = append(r.watched, handles...)
}

// dump returns the wait-for graph.
func (r *round) dump(w io.Writer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(w, "scenario %s, round %d, seed %d\n", r.scenario.name, r.number, r.cfg.seed)
	for _, h := range r.watched {
		fmt.Fprintf(w, "  %v\n", h)
	}
	for i, rt := range r.runtimes {
		fmt.Fprintf(w, "  runtime %d:\n", i)
		if err := rt.Dump(w); err != nil {
			fmt.Fprintf(w, "  %v\n", err)
		}
	}
}

// injected is what an injected panic panics with.
type injected struct{}

// spawn runs fn in a goroutine, with a generator of its own, and survives the faults that
// are meant.
func (r *round) spawn(i uint64, fn func(rng *rand.Rand)) {
	rng := r.random(i)
	r.all.Go(func() {
		defer func() {
			switch v := recover(); v.(type) {
			case nil, injected:
			default:
				r.breach("panic", "%v\n%s", v, debug.Stack())
			}
		}()
		fn(rng)
	})
}

// strike ends the goroutine or the task now and then, in a way that no program plans for.
func (r *round) strike(rng *rand.Rand) {
	switch rng.IntN(600) {
	case 0:
		r.fault("panic")
		panic(injected{})
	case 1:
		r.fault("Goexit")
		runtime.Goexit()
	}
}

// runtime makes a runtime and returns its context.
func (r *round) runtime(opts ...task.Option) (*task.Runtime, context.Context) {
	opts = append([]task.Option{
		task.WithWorkers(1 + r.rng.IntN(4)),
		task.WithName(r.scenario.name),
		task.WithPanicHandler(r.unheard),
		task.WithLogger(slog.New(slog.DiscardHandler)),
	}, opts...)
	rt, err := task.New(opts...)
	if err != nil {
		panic(err)
	}
	r.mu.Lock()
	r.runtimes = append(r.runtimes, rt)
	r.mu.Unlock()
	return rt, rt.Context(context.Background())
}

// unheard gets the panics of tasks that were not awaited.
func (r *round) unheard(p *task.PanicError) {
	if _, ok := p.Value.(injected); !ok {
		r.breach("panic", "in a task: %v\n%s", p.Value, p.Stack)
	}
}

// shutdown ends a runtime, which must be empty then.
func (r *round) shutdown(rt *task.Runtime) {
	if err := rt.Shutdown(context.Background()); err != nil {
		r.breach("shutdown", "%v", err)
	}
	s := rt.Stats()
	if s.Running+s.Ready+s.Waiting+s.BlockingRunning+s.BlockingQueued > 0 ||
		s.Spawned != s.Completed+s.Cancelled+s.Panicked {
		r.breach("shutdown", "the counts do not add up: %+v", s)
	}
}

// expect reports an error that is none of those.
func (r *round) expect(err error, of ...error) {
	if err == nil {
		return
	}
	for _, e := range of {
		if errors.Is(err, e) {
			return
		}
	}
	r.breach("unexpected error", "%v", err)
}

// soon is a context that ends after a moment, or has ended.
func (r *round) soon(parent context.Context, rng *rand.Rand) (context.Context, context.CancelFunc) {
	r.fault("cancel")
	if rng.IntN(4) == 0 {
		ctx, cancel := context.WithCancel(parent)
		cancel()
		return ctx, cancel
	}
	return context.WithTimeout(parent, moment(rng))
}

// moment is up to half a millisecond.
func moment(rng *rand.Rand) time.Duration { return time.Duration(rng.IntN(500)) * time.Microsecond }

// noopWaker is a waker for futures that are polled again at any time.
type noopWaker struct{}

func (noopWaker) Wake() {}

// once polls f one time.
func once[T any](f future.Future[T]) (v T, ready bool, err error) {
	return f.Poll(future.NewContext(context.Background(), noopWaker{}))
}

// pick is one of vs.
func pick[T any](rng *rand.Rand, vs ...T) T { return vs[rng.IntN(len(vs))] }
