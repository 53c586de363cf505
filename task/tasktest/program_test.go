package tasktest_test

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
	"github.com/handoff-go/handoff/task/tasktest"
)

// What fails a test cannot be shown by a test that passes. So the programs below
// run in a process of their own, which is this test binary with one of them chosen by
// the environment.
const programVariable = "TASKTEST_PROGRAM"

var programs = map[string]func(*testing.T){
	"nothing": func(*testing.T) {},

	"leaked runtime": func(t *testing.T) {
		_, err := task.New()
		require.NoError(t, err)
	},
	"leaked goroutine": func(*testing.T) { go func() { select {} }() },
	"leaked task": func(*testing.T) {
		task.SpawnFuture(context.Background(), future.Pending[int]()).Drop()
	},
	"used default": func(t *testing.T) {
		_, err := task.Go(context.Background(), func(context.Context) error { return nil }).Await(t.Context())
		require.NoError(t, err)
	},

	"lost update": func(t *testing.T) {
		tasktest.Explore(t, 100, func(ctx context.Context) { assert.Equal(t, 2, transfer(ctx)) })
	},
	"two explorations": func(t *testing.T) {
		for _, name := range []string{"a+b", "c"} {
			t.Run(name, func(t *testing.T) {
				tasktest.Explore(t, 100, func(ctx context.Context) { assert.Equal(t, 2, transfer(ctx)) })
			})
		}
	},
	"require": func(t *testing.T) {
		tasktest.Explore(t, 3, func(context.Context) { require.Equal(t, 1, 2) })
	},
	"panic": func(t *testing.T) {
		tasktest.Explore(t, 3, func(context.Context) { panic("boom") })
	},
	"panic that no Await returns": func(t *testing.T) {
		tasktest.Explore(t, 3, func(ctx context.Context) {
			task.Go(ctx, func(context.Context) error { panic("boom") }).Drop()
		})
	},
	"deadlock of tasks": func(t *testing.T) {
		tasktest.Explore(t, 3, func(ctx context.Context) {
			future.Await(ctx, future.Pending[int]())
		})
	},
	"deadlock on a channel": func(t *testing.T) {
		tasktest.Explore(t, 3, func(context.Context) { <-make(chan int) })
	},
	"leak in a seed": func(t *testing.T) {
		tasktest.Explore(t, 3, func(ctx context.Context) {
			task.SpawnFuture(ctx, future.Pending[int]()).Drop()
		})
	},
	"goroutine left in a seed": func(t *testing.T) {
		tasktest.Explore(t, 3, func(context.Context) { go func() { select {} }() })
	},
	"no seeds": func(t *testing.T) { tasktest.Explore(t, 0, func(context.Context) {}) },
	"passes":   func(t *testing.T) { tasktest.Explore(t, 5, func(context.Context) { t.Log("ran") }) },
}

// transfer has two tasks add 1 to a number, with an await between reading and
// writing it: in some orders one addition is lost.
func transfer(ctx context.Context) int {
	sum := 0
	add := func(ctx context.Context) error {
		old := sum
		if err := task.YieldNow(ctx); err != nil {
			return err
		}
		sum = old + 1
		return nil
	}
	a, b := task.Go(ctx, add), task.Go(ctx, add)
	a.Await(ctx)
	b.Await(ctx)
	return sum
}

func TestProgram(t *testing.T) {
	program, ok := programs[os.Getenv(programVariable)]
	if !ok {
		t.Skip("runs in the processes of the other tests")
	}
	program(t)
}

// runProgram runs a program in a process of its own and returns what it printed.
func runProgram(t *testing.T, name string, env ...string) (passed bool, output string) {
	t.Helper()
	require.Contains(t, programs, name)
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestProgram$", "-test.v", "-test.timeout=1m")
	cmd.Env = append(append(os.Environ(), programVariable+"="+name), env...)
	out, err := cmd.CombinedOutput()
	return err == nil, string(out)
}

// fake is a test that notes its errors.
type fake struct {
	mu     sync.Mutex
	errors []any
}

func (f *fake) Error(args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errors = append(f.errors, args...)
}

// soon ends a wait that should not take that long.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
