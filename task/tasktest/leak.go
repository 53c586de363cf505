package tasktest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/internal/bubble"
	"github.com/handoff-go/handoff/task"
)

// grace is how long what is about to end may take. goleak gives goroutines about
// as long.
const grace = 500 * time.Millisecond

// patience is how long the default runtime may take to shut down.
const patience = 5 * time.Second

// atStart ignores what runs when this package is initialised. That comes after the
// initialisation of ants, which package task imports and whose default pool has two
// goroutines from then on. Ignoring them by the names of their functions would hide
// those of every other pool too.
var atStart = goleak.IgnoreCurrent()

// VerifyNone fails t if goroutines are left that were not there when the program
// started, those of a [task.Runtime] included that was not shut down. Before, it waits
// for the tasks of [task.Default], for half a second at most, fails t if some are left,
// and shuts that runtime down; it starts again with the next use. With opts goleak
// ignores more.
//
// What is left is given about half a second to end, so a failure takes that long. The
// test must not run in parallel with others, whose goroutines it would see, nor be
// inside a synctest bubble, which does not end while a goroutine is left anyway. A
// runtime in a package-level variable is ignored if its package was initialised before
// this one.
func VerifyNone(t goleak.TestingT, opts ...goleak.Option) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	if bubble.Inside() {
		t.Error("tasktest: VerifyNone inside a synctest bubble, which reports by itself what is left; call it outside")
		return
	}
	if err := endDefault(grace, patience); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, with(opts)...)
}

// VerifyTestMain runs the tests of m and ends the process. If they passed, it checks
// what [VerifyNone] checks, and the process fails, with 1, if something is left; if
// they failed, their exit code stands and nothing is checked.
func VerifyTestMain(m goleak.TestingM, opts ...goleak.Option) {
	goleak.VerifyTestMain(main{m}, with(opts)...)
}

// main is a TestingM whose run ends with the default runtime.
type main struct{ goleak.TestingM }

func (m main) Run() int {
	code := m.TestingM.Run()
	if code != 0 {
		return code // what the failure left behind says nothing
	}
	if err := endDefault(grace, patience); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// with puts our option before the user's, in a slice of its own.
func with(opts []goleak.Option) []goleak.Option {
	return append([]goleak.Option{atStart}, opts...)
}

// endDefault shuts the default runtime down, which is started for that if there is
// none. It says which tasks were left, and whether they ended.
func endDefault(grace, patience time.Duration) error {
	rt := task.Default()
	var left error
	if n := waitEnded(rt, grace); n > 0 {
		left = fmt.Errorf("tasktest: %d tasks of the default runtime were left; they are cancelled now", n)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := rt.Shutdown(ctx); err != nil {
		return errors.Join(left, fmt.Errorf("tasktest: the default runtime did not end within %v: %w", patience, err))
	}
	return left
}

// waitEnded waits until no task of rt is left, for d at most, and returns how many
// are.
func waitEnded(rt *task.Runtime, d time.Duration) uint64 {
	end := time.Now().Add(d)
	for pause := 10 * time.Microsecond; ; pause *= 2 {
		n := live(rt)
		rest := time.Until(end)
		if n == 0 || rest <= 0 {
			return n
		}
		time.Sleep(min(pause, rest, d/16))
	}
}

// live counts the tasks that have not ended.
func live(rt *task.Runtime) uint64 {
	s := rt.Stats()
	return s.Spawned - s.Completed - s.Cancelled - s.Panicked
}
