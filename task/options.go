package task

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Option sets up a [Runtime]. Of two that set the same thing the last one counts.
type Option func(*Runtime) error

// WithWorkers sets how many tasks run at once; the default is GOMAXPROCS. It does not limit
// how many tasks have started, because one that awaits releases its slot. See [JoinSet] for
// such a limit. Less than 1 is an error.
func WithWorkers(n int) Option {
	return func(rt *Runtime) error {
		if n < 1 {
			return fmt.Errorf("task: WithWorkers(%d): want 1 or more", n)
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
			return fmt.Errorf("task: WithBlockingLimit(%d): want 1 or more", n)
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

// WithLogger sets the logger for panics that no Await returns, and for panics of the panic
// handler, a waker or other user code that belongs to no task. The default, also for nil, is
// slog.Default at the time of logging. If the logger itself panics, its panic and the message
// are written to standard error.
func WithLogger(l *slog.Logger) Option {
	return func(rt *Runtime) error { rt.logger = l; return nil }
}

// WithPanicHandler sets the function called for a task panic that no Await returned, because
// the handle was dropped or garbage-collected, or was not awaited before Shutdown. It may be
// called on any goroutine, several times concurrently. The default, also for nil, logs the
// panic with its stack. A panic of the handler itself is logged.
//
// It may call [Runtime.Shutdown], which then cancels the tasks and does not wait: it
// returns an error that says so, unless the runtime has ended already. It must not wait for
// a Shutdown on another goroutine, which waits for the handler.
func WithPanicHandler(f func(*PanicError)) Option {
	return func(rt *Runtime) error { rt.handler = f; return nil }
}

// WithStallRelief sets the relief interval: when all workers are in use, a task is ready, and
// no task made progress for this long, one more worker is lent. The default is 20 ms; 0 turns
// it off. At most as many are lent as there are workers. Less than 0 is an error.
func WithStallRelief(d time.Duration) Option {
	return func(rt *Runtime) error {
		if d < 0 {
			return fmt.Errorf("task: WithStallRelief(%v): want 0 or more", d)
		}
		rt.relief = d
		return nil
	}
}

// WithSpawnSites makes every task record where it was spawned, for [Runtime.Dump]. It costs
// each spawn a runtime.Callers and an allocation. Without it only named tasks record that; for
// other function tasks Dump shows where the function is declared.
func WithSpawnSites() Option {
	return func(rt *Runtime) error { rt.sites = true; return nil }
}

// WithSeed makes a single worker choose the next ready task with a random generator of this
// seed, so that a program whose tasks are all spawned, woken and cancelled by tasks of the
// runtime has the same schedule in each run. Race and Select use the generator too, where they
// are awaited or polled under the context of a task. It turns stall relief off, and WithWorkers
// has no effect. It is for tests; see package tasktest.
func WithSeed(seed uint64) Option {
	return func(rt *Runtime) error {
		rt.seeded = true
		rt.ready.rng = rand.New(rand.NewPCG(seed, 0x68616e646f6666))
		rt.aside = rand.New(rand.NewPCG(seed, 0x626c6f636b))
		return nil
	}
}
