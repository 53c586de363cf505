//go:build handoff_sched

package sched

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const noBound = 1 << 20

// Two threads of a and b steps have as many orders as there are ways to pick which of
// a+b steps are the first's: the search misses none and runs none twice.
func TestTheSearchRunsEveryOrderOnce(t *testing.T) {
	for _, c := range []struct{ a, b, bound, want int }{
		{1, 1, noBound, 6}, // a thread begins with a step too: 2 and 2 of 4
		{2, 2, noBound, 20},
		{3, 2, noBound, 35},
		{3, 3, noBound, 70},
		{3, 3, 0, 2},
	} {
		seen := map[string]bool{}
		report, failure := Explore(func() *Program {
			order := ""
			steps := func(name string, n int) Thread {
				return Thread{name, func() {
					order += name
					for range n {
						Point()
						order += name
					}
				}}
			}
			return &Program{
				Threads: []Thread{steps("a", c.a), steps("b", c.b)},
				After: func() error {
					if seen[order] {
						return fmt.Errorf("%s again", order)
					}
					seen[order] = true
					return nil
				},
			}
		}, Options{Preemptions: c.bound})
		require.Nil(t, failure)
		assert.True(t, report.Complete)
		assert.Equal(t, c.want, report.Runs, "%+v", c)
	}
}

// counter is incremented by two threads, which lose one if each reads before the other
// writes.
func counter(increment func(x *Uint64)) func() *Program {
	return func() *Program {
		x := new(Uint64)
		body := func() { increment(x) }
		return &Program{
			Threads: []Thread{{"a", body}, {"b", body}},
			After: func() error {
				if n := x.Load(); n != 2 {
					return fmt.Errorf("%d instead of 2", n)
				}
				return nil
			},
		}
	}
}

func TestTheSearchFindsALostUpdateAndItsTraceFailsAgain(t *testing.T) {
	torn := counter(func(x *Uint64) { x.Store(x.Load() + 1) })
	_, failure := Explore(torn, Options{})
	require.Nil(t, failure, "it takes a preemption")
	_, failure = Explore(torn, Options{Preemptions: 1})
	require.NotNil(t, failure)
	assert.Contains(t, failure.Error(), "1 instead of 2")
	assert.Contains(t, failure.Error(), "search_test.go:")

	t.Setenv(ReplayVariable, failure.Orders)
	report, again := Explore(torn, Options{})
	assert.Equal(t, 1, report.Runs)
	assert.Equal(t, failure, again)

	_, failure = Random(func(uint64) *Program { return torn() }, 1, Options{Runs: 1000})
	require.NotNil(t, failure)
	t.Setenv(SeedVariable, fmt.Sprint(failure.Seed))
	report, again = Random(func(uint64) *Program { return torn() }, 1, Options{Runs: 1000})
	assert.Equal(t, 1, report.Runs)
	assert.Equal(t, failure, again)
}

func TestTheSearchIsCleanWhereNothingIsWrong(t *testing.T) {
	var mu Mutex
	for name, increment := range map[string]func(x *Uint64){
		"compare and swap": func(x *Uint64) {
			for {
				if n := x.Load(); x.CompareAndSwap(n, n+1) {
					return
				}
			}
		},
		"mutex": func(x *Uint64) {
			mu.Lock()
			defer mu.Unlock()
			x.Store(x.Load() + 1)
		},
	} {
		report, failure := Explore(counter(increment), Options{Preemptions: noBound})
		require.Nil(t, failure, name)
		assert.True(t, report.Complete, name)
	}
}

func TestADeadlockIsReportedAndItsGoroutinesEnd(t *testing.T) {
	_, failure := Explore(func() *Program {
		var one, two Mutex
		both := func(first, second *Mutex) func() {
			return func() {
				first.Lock()
				defer first.Unlock()
				second.Lock()
				defer second.Unlock()
			}
		}
		return &Program{Threads: []Thread{{"a", both(&one, &two)}, {"b", both(&two, &one)}}}
	}, Options{Preemptions: 1})
	require.NotNil(t, failure)
	assert.ErrorIs(t, failure, ErrStuck)
	assert.Contains(t, failure.Error(), "a, b")
}

// A signal that comes before the wait is lost, as that of sync.Cond is.
func TestALostSignalIsFound(t *testing.T) {
	program := func(underLock bool) func() *Program {
		return func() *Program {
			var mu Mutex
			c := new(Cond)
			c.L = &mu
			var done Bool
			return &Program{Threads: []Thread{
				{"waits", func() {
					if !underLock && done.Load() {
						return
					}
					mu.Lock()
					for !underLock || !done.Load() {
						c.Wait()
						if !underLock {
							break
						}
					}
					mu.Unlock()
				}},
				{"signals", func() {
					mu.Lock()
					done.Store(true)
					mu.Unlock()
					c.Signal()
				}},
			}}
		}
	}
	_, failure := Explore(program(false), Options{Preemptions: 2})
	require.NotNil(t, failure)
	assert.ErrorIs(t, failure, ErrStuck)
	report, failure := Explore(program(true), Options{Preemptions: noBound})
	require.Nil(t, failure)
	assert.True(t, report.Complete)
}

func TestOtherWaysToFailAreReported(t *testing.T) {
	boom := errors.New("boom")
	step := []Thread{{"a", Point}}
	for want, p := range map[string]*Program{
		"a panicked: boom": {Threads: []Thread{{"a", func() { panic(boom) }}, {"b", Point}}},
		"boom":             {Threads: step, Always: func() error { return boom }},
		"circles": {Threads: []Thread{{"a", func() {
			for {
				Point()
			}
		}}}},
		"for ever: a": {Threads: []Thread{{"a", func() { Until(func() bool { return false }) }}}},
	} {
		_, failure := Explore(func() *Program { return p }, Options{})
		require.NotNil(t, failure, want)
		assert.Contains(t, failure.Error(), want)
	}
}

// A program that depends on more than the order cannot be searched, and a run that is
// shorter than the one before it must not look like a search that is complete.
func TestAProgramThatChangesFromRunToRunIsReported(t *testing.T) {
	run := 0
	_, failure := Explore(func() *Program {
		run++
		steps := 3
		if run > 1 {
			steps = 0
		}
		body := func() {
			for range steps {
				Point()
			}
		}
		return &Program{Threads: []Thread{{"a", body}, {"b", body}}}
	}, Options{Preemptions: noBound})
	require.NotNil(t, failure)
	assert.Contains(t, failure.Error(), "does not do the same")
}

func TestEachChoiceIsTaken(t *testing.T) {
	seen := map[int]bool{}
	report, failure := Explore(func() *Program {
		return &Program{Threads: []Thread{{"a", func() { seen[Choose(3)] = true }}}}
	}, Options{})
	require.Nil(t, failure)
	assert.Equal(t, 3, report.Runs)
	assert.Len(t, seen, 3)
}

// Tests that know nothing of the search run in the same build.
func TestOutsideOfASearchEverythingIsAsUsual(t *testing.T) {
	assert.False(t, Exploring())
	Point()
	var mu Mutex
	c := new(Cond)
	c.L = &mu
	done := false
	go func() {
		mu.Lock()
		done = true
		mu.Unlock()
		c.Signal()
	}()
	mu.Lock()
	for !done {
		c.Wait()
	}
	mu.Unlock()
}
