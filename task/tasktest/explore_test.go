package tasktest_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
	"github.com/handoff-go/handoff/task/tasktest"
)

// events runs three tasks of three steps and returns the order of the steps.
func events(ctx context.Context) string {
	var order []string
	var set task.JoinSet[int]
	for i := range 3 {
		set.Spawn(ctx, func(ctx context.Context) (int, error) {
			for step := range 3 {
				order = append(order, fmt.Sprint(i, step))
				if err := task.Sleep(ctx, time.Duration(step)*time.Hour/8); err != nil {
					return 0, err
				}
				if err := task.YieldNow(ctx); err != nil {
					return 0, err
				}
			}
			return i, nil
		})
		order = append(order, fmt.Sprint("spawned", i))
	}
	for {
		v, ok, err := set.Next(ctx)
		if !ok || err != nil {
			return strings.Join(order, " ")
		}
		order = append(order, fmt.Sprint("ended", v))
	}
}

func recorded(t *testing.T, n int, program func(context.Context) string) []string {
	var runs []string
	tasktest.Explore(t, n, func(ctx context.Context) { runs = append(runs, program(ctx)) })
	return runs
}

// steps is events without the clock.
func steps(ctx context.Context) string {
	var order []string
	var handles []*task.JoinHandle[struct{}]
	for i := range 3 {
		handles = append(handles, task.Go(ctx, func(ctx context.Context) error {
			for step := range 3 {
				order = append(order, fmt.Sprint(i, step))
				if err := task.YieldNow(ctx); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for i, h := range handles {
		h.Await(ctx)
		order = append(order, fmt.Sprint("ended", i))
	}
	return strings.Join(order, " ")
}

// mixed is a program of every kind of task, that wake and cancel each other.
func mixed(ctx context.Context) string {
	var order []string
	say := func(s string) { order = append(order, s) }
	var set task.JoinSet[int]
	var ps []*future.Promise[int]
	for i := range 4 {
		p, f := future.NewPromise[int]()
		ps = append(ps, p)
		set.Add(task.SpawnFuture(ctx, future.Map(f, func(v int) int { say(fmt.Sprint("poll", i)); return v })))
		set.Spawn(ctx, func(ctx context.Context) (int, error) {
			say(fmt.Sprint("fn", i))
			if i > 0 {
				ps[i-1].Resolve(i)
			}
			task.YieldNow(ctx)
			if i == 3 {
				ps[3].Resolve(3)
			}
			return 10 + i, nil
		})
	}
	var victims []*task.JoinHandle[int]
	for i := range 3 {
		victims = append(victims, task.Spawn(ctx, func(ctx context.Context) (int, error) {
			_, err := future.Await(ctx, future.Pending[int]())
			say(fmt.Sprint("victim", i))
			return 0, err
		}))
	}
	task.YieldNow(ctx)
	for _, v := range victims {
		v.Cancel()
	}
	for {
		v, ok, _ := set.Next(ctx)
		if !ok {
			break
		}
		say(fmt.Sprint("got", v))
	}
	for _, v := range victims {
		v.Await(ctx)
	}
	return strings.Join(order, " ")
}

func TestASeedIsOneOrderOfEvents(t *testing.T) {
	const n = 50
	for name, program := range map[string]func(context.Context) string{"yields": steps, "all kinds of tasks": mixed} {
		t.Run(name, func(t *testing.T) {
			first := recorded(t, n, program)
			for range 5 {
				require.Equal(t, first, recorded(t, n, program))
			}
			require.Len(t, first, n)
			slices.Sort(first)
			assert.Greater(t, len(slices.Compact(first)), n/2, "and most seeds are another one")
		})
	}
}

func TestProgramsThatSleepEndAtOnce(t *testing.T) {
	begin := time.Now()
	require.Len(t, recorded(t, 5, events), 5)
	require.Less(t, time.Since(begin), time.Minute)
}

var command = regexp.MustCompile(`HANDOFF_SEED=(\d+) go test -run '(\S+)' (\S+)`)

func TestABugThatDependsOnTheOrderIsFoundAndReplayed(t *testing.T) {
	passed, out := runProgram(t, "lost update")
	require.False(t, passed)
	found := command.FindStringSubmatch(out)
	require.NotNil(t, found, out)
	seed := found[1]
	assert.Equal(t, "^TestProgram$", found[2])
	assert.Equal(t, "github.com/handoff-go/handoff/task/tasktest", found[3])
	assert.Contains(t, out, "--- FAIL: TestProgram/seed="+seed)
	assert.Equal(t, 1, strings.Count(out, "--- FAIL: TestProgram/"), "the first seed that fails is the last")

	for range 3 {
		passed, out = runProgram(t, "lost update", "HANDOFF_SEED="+seed)
		require.False(t, passed)
		assert.Contains(t, out, "--- FAIL: TestProgram/seed="+seed)
		assert.NotContains(t, out, "--- PASS: TestProgram/", "it alone")
	}

	orders := map[bool]bool{} // by whether both additions counted
	tasktest.Explore(t, 50, func(ctx context.Context) { orders[transfer(ctx) == 2] = true })
	assert.Len(t, orders, 2, "not every order shows it")
}

func TestTheCommandNamesTheSubtestItIsIn(t *testing.T) {
	_, out := runProgram(t, "two explorations")
	all := command.FindAllStringSubmatch(out, -1)
	require.Len(t, all, 2, out)
	assert.Equal(t, `^TestProgram$/^a\+b$`, all[0][2])
	assert.Equal(t, `^TestProgram$/^c$`, all[1][2])
}

func TestEveryKindOfFailureNamesItsSeed(t *testing.T) {
	for name, want := range map[string]string{
		"require":                     "Goexit",
		"panic":                       "panic: boom",
		"panic that no Await returns": "no Await returned the panic: boom",
		"deadlock of tasks":           "not finished after 24h0m0s",
		"deadlock on a channel":       "program_test.go", // where it waits
		"leak in a seed":              "1 tasks were left",
		"goroutine left in a seed":    "deadlock",
	} {
		t.Run(name, func(t *testing.T) {
			passed, out := runProgram(t, name, "HANDOFF_SEED=7")
			assert.False(t, passed)
			assert.Contains(t, out, want)
			assert.Contains(t, out, "seed 7: ")
			assert.Contains(t, out, "--- FAIL: TestProgram/seed=7")
			assert.Contains(t, out, "HANDOFF_SEED=7 go test -run '^TestProgram$'")
		})
	}
}

func TestASeedThatIsNoNumberIsAClearFailure(t *testing.T) {
	for _, seed := range []string{"x", "-1", "1.5", "18446744073709551615", "99999999999999999999"} {
		passed, out := runProgram(t, "passes", "HANDOFF_SEED="+seed)
		assert.False(t, passed)
		assert.Contains(t, out, `HANDOFF_SEED="`+seed+`"`)
		assert.NotContains(t, out, "ran")
	}
	passed, out := runProgram(t, "no seeds")
	assert.False(t, passed)
	assert.Contains(t, out, "0 seeds")
}

func TestEachSeedRunsOnce(t *testing.T) {
	passed, out := runProgram(t, "passes")
	require.True(t, passed, out)
	for seed := range 5 {
		assert.Equal(t, 1, strings.Count(out, fmt.Sprintf("--- PASS: TestProgram/seed=%d ", seed)), out)
	}
	assert.NotContains(t, out, "seed=5")
}
