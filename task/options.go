package task

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Option sets up a [Runtime]. Of two that set the same thing the last one counts.
type Option func(*Runtime) error

// WithWorkers sets how many tasks run at once; the default is GOMAXPROCS. It is no
// limit on tasks that are under way: one that awaits gives its worker away. See [JoinSet]
// for such a limit.
func WithWorkers(n int) Option {
	return func(rt *Runtime) error {
		if n < 1 {
			return fmt.Errorf("handoff: WithWorkers(%d): want 1 or more", n)
		}
		rt.workers = n
		return nil
	}
}

// WithBlockingLimit sets how many functions of [SpawnBlocking] run at once; the default
// is 500. More wait in a queue without a limit. Less than 1 is an error.
func WithBlockingLimit(n int) Option {
	return func(rt *Runtime) error {
		if n < 1 {
			return fmt.Errorf("handoff: WithBlockingLimit(%d): want 1 or more", n)
		}
		rt.block.limit = n
		return nil
	}
}

// WithName names the runtime in what it logs, in its String and its Dump; by default it
// has no name.
func WithName(name string) Option {
	return func(rt *Runtime) error { rt.name = name; return nil }
}

// WithLogger sets where panics are logged that no Await receives, or that the panic
// handler or a waker causes; the default, also for nil, is what slog.Default is then. If the
// logger itself panics, its panic and what it was to log are written to standard error.
func WithLogger(l *slog.Logger) Option {
	return func(rt *Runtime) error { rt.logger = l; return nil }
}

// WithPanicHandler sets what hears of a task's panic that nobody received: its handle
// was dropped, with Drop or by letting go of it, or not awaited when the runtime shut
// down. It may be called on any goroutine, several times at once. The default, also for
// nil, logs it with its stack. A panic of the handler itself is logged.
//
// It may call [Runtime.Shutdown], which then cancels the tasks and does not wait: it
// returns an error that says so, unless the runtime has ended already. It must not wait for
// a Shutdown on another goroutine, which waits for the handler.
func WithPanicHandler(f func(*PanicError)) Option {
	return func(rt *Runtime) error { rt.handler = f; return nil }
}

// WithStallRelief sets after what time without progress a runtime whose workers are all
// stuck lends one more, as long as something is ready; the default is 20 ms and 0 turns
// it off. At most as many are lent as there are workers. Less than 0 is an error.
func WithStallRelief(d time.Duration) Option {
	return func(rt *Runtime) error {
		if d < 0 {
			return fmt.Errorf("handoff: WithStallRelief(%v): want 0 or more", d)
		}
		rt.relief = d
		return nil
	}
}

// WithSpawnSites has every task remember where it was spawned, for [Runtime.Dump]. It
// costs each spawn a look at its callers and an allocation. Without it only named tasks
// do; of other function tasks Dump knows where their function stands.
func WithSpawnSites() Option {
	return func(rt *Runtime) error { rt.sites = true; return nil }
}

// WithSeed has one worker choose the next ready task by a generator with this seed, so
// that a program whose tasks are all spawned, woken and cancelled from inside runs the
// same way each time. Race and Select draw from it too, where they are awaited or polled
// under the context of a task. It turns stall relief off, and WithWorkers has no effect. It is
// for tests; see package tasktest.
func WithSeed(seed uint64) Option {
	return func(rt *Runtime) error {
		rt.seeded = true
		rt.ready.rng = rand.New(rand.NewPCG(seed, 0x68616e646f6666))
		rt.aside = rand.New(rand.NewPCG(seed, 0x626c6f636b))
		return nil
	}
}
