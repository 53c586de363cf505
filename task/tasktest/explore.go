package tasktest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handoff-go/handoff/task"
)

// seedVariable names the environment variable that chooses one seed.
const seedVariable = "HANDOFF_SEED"

// limit is how long a program may take by the clock of its bubble, where time
// passes only while everybody waits. The housekeeping of a runtime keeps that clock
// going, so synctest itself does not notice when all tasks wait for each other; a
// day of waiting takes well under a second.
const limit = 24 * time.Hour

// Explore runs fn under the seeds 0 to n-1: as a function task of a runtime of its own,
// made with [task.WithSeed] inside a synctest bubble of its own. A seed decides which
// ready task goes on wherever one waits, so each is one order of events, the same one
// every time, as long as tasks are spawned, woken and cancelled by tasks. What comes
// from elsewhere comes in any order: what the clock wakes at one and the same moment,
// and blocking work.
//
// The runs are subtests called seed=N, one after the other. The first that fails ends
// it, and its message holds the command that repeats it: with HANDOFF_SEED=N in the
// environment only that seed is run. A run fails if fn fails its test, by assertions or
// t.FailNow of the test around it; if it panics; if a task panics and no Await returns the panic;
// if fn, or a task that it leaves behind, has not ended after a day by the bubble's
// clock, which is how a deadlock shows; and if something does not end when the runtime
// shuts down. An n below 1, or a HANDOFF_SEED that is no number, fails the test at
// once.
//
// Explore returns when all runs have ended. It must not be called inside a synctest
// bubble. fn is stopped by nothing but the end of its context, and what waits outside
// of the bubble's view, such as for a lock or the network, is stopped by the time limit
// of go test alone; its report names the subtest.
func Explore(t *testing.T, n int, fn func(ctx context.Context)) {
	t.Helper()
	first, end, err := seeds(n, os.Getenv(seedVariable))
	if err != nil {
		t.Fatal(err)
	}
	for i := range end - first {
		seed := first + i
		before := t.Failed()
		passed := t.Run(fmt.Sprintf("seed=%d", seed), func(st *testing.T) {
			explore(st, seed, fn)
			// An assertion of fn fails the test that it was written in, not this one.
			if !before && t.Failed() {
				st.Fail()
			}
		})
		if !passed {
			t.Fatalf("seed %d broke it; to run it alone: %s", seed, replay(t.Name(), seed))
		}
	}
}

// seeds returns the range to run: one seed if chosen is not empty.
func seeds(n int, chosen string) (first, end uint64, err error) {
	if n < 1 {
		return 0, 0, fmt.Errorf("tasktest: Explore with %d seeds", n)
	}
	if chosen == "" {
		return 0, uint64(n), nil
	}
	seed, err := strconv.ParseUint(chosen, 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("tasktest: %s=%q is not a seed: want a number from 0 to 18446744073709551614", seedVariable, chosen)
	}
	if seed+1 == 0 {
		return 0, 0, fmt.Errorf("tasktest: %s=%q is too large", seedVariable, chosen)
	}
	return seed, seed + 1, nil
}

// replay is the command for one seed of a test.
func replay(name string, seed uint64) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	pkg := "."
	if info, ok := debug.ReadBuildInfo(); ok {
		if path, ok := strings.CutSuffix(info.Path, ".test"); ok {
			pkg = path
		}
	}
	return fmt.Sprintf("%s=%d go test -run '%s' %s", seedVariable, seed, strings.Join(parts, "/"), pkg)
}

// explore is the run of one seed.
func explore(t *testing.T, seed uint64, fn func(context.Context)) {
	defer func() {
		// Goroutines that were left keep the bubble from ending. They stay, but the
		// other tests can go on.
		if v := recover(); v != nil {
			t.Errorf("seed %d: %v", seed, v)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		var panics collected
		rt, err := task.New(task.WithSeed(seed), task.WithPanicHandler(panics.add))
		if err != nil {
			t.Fatal(err)
		}
		run(t, rt, seed, fn)
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := rt.Shutdown(ctx); err != nil {
			t.Errorf("seed %d: after the end of the run: %v\n%s", seed, err, goroutines())
		}
		for _, p := range panics.all() {
			t.Errorf("seed %d: a task panicked and no Await returned the panic: %v\n%s", seed, p.Value, p.Stack)
		}
	})
}

// run runs fn to its end, or as far as it gets.
func run(t *testing.T, rt *task.Runtime, seed uint64, fn func(context.Context)) {
	h := task.Go(rt.Context(context.Background()), func(ctx context.Context) error {
		fn(ctx)
		return nil
	})
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := h.Await(ctx)
	var p *task.PanicError
	switch {
	case !h.IsFinished():
		t.Errorf("seed %d: not finished after %v, so it probably waits for something that never comes\n%s",
			seed, limit, goroutines())
		return
	case errors.As(err, &p):
		t.Errorf("seed %d: panic: %v\n%s", seed, p.Value, p.Stack)
	case err != nil: // Goexit: t.FailNow or t.SkipNow
		t.Errorf("seed %d: ended early: %v", seed, err)
	}
	synctest.Wait()
	if n := waitEnded(rt, limit); n > 0 {
		t.Errorf("seed %d: %d tasks were left and did not end within %v\n%s", seed, n, limit, goroutines())
	}
}

// collected are the panics that no Await returned.
type collected struct {
	mu     sync.Mutex
	panics []*task.PanicError
}

func (c *collected) add(p *task.PanicError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.panics = append(c.panics, p)
}

func (c *collected) all() []*task.PanicError {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.panics
}
