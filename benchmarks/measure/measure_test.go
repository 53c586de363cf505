package measure_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/measure"
	"github.com/handoff-go/handoff/benchmarks/probe"
)

// scenario has peers that note their turns and take the time they are given.
func scenario(turns *[]string, names ...string) bench.Scenario {
	s := bench.Scenario{Name: "s", Metrics: []string{"ns"}, Count: 3}
	for _, name := range names {
		s.Peers = append(s.Peers, bench.Peer{Name: name, Run: func(n int) ([]float64, error) {
			*turns = append(*turns, name)
			return []float64{float64(n)}, nil
		}})
	}
	return s
}

func TestPeersTakeTurns(t *testing.T) {
	var turns []string
	r := measure.All(t.Context(), []bench.Scenario{scenario(&turns, "a", "b", "c")}, measure.Config{Rounds: 2})
	assert.Equal(t, "a b c a b c a b c", strings.Join(turns, " "), "a round that does not count, and two that do")
	require.Len(t, r.Runs, 6)
	assert.Equal(t, 2, r.Rounds)
	for i, run := range r.Runs {
		assert.Equal(t, i/3+1, run.Round)
		assert.Equal(t, []float64{3}, run.Values)
		assert.NotEmpty(t, run.Class)
	}
}

func TestOneProcessorIsAClassOfItsOwn(t *testing.T) {
	var turns []string
	r := measure.All(t.Context(), []bench.Scenario{scenario(&turns, "a")}, measure.Config{Rounds: 1, Processors: []int{1}})
	require.Len(t, r.Runs, 1)
	assert.Equal(t, probe.One, r.Runs[0].Class)
}

func TestAChangeSpoilsTheRunItHappensIn(t *testing.T) {
	var turns []string
	lines := []float64{30, 35, 200, 210, math.Inf(1), 30, 31}
	r := measure.All(t.Context(), []bench.Scenario{scenario(&turns, "a", "b", "c", "d", "e", "f")}, measure.Config{Rounds: 1, Line: func() float64 {
		line := lines[0]
		lines = lines[1:]
		return line
	}})
	require.Len(t, r.Runs, 6)
	var got []probe.Class
	for _, run := range r.Runs {
		got = append(got, run.Class)
	}
	assert.Equal(t, []probe.Class{probe.Near, probe.Mixed, probe.Far, probe.Busy, probe.Busy, probe.Near}, got)
	assert.Equal(t, []float64{30, 35, 200, 210, 30, 31}, r.Lines, "without the one that got no answer")
	assert.Empty(t, lines, "before, between and after the peers, in the round that counts")
}

func TestDisturbed(t *testing.T) {
	r := measure.Result{Runs: []measure.Run{{Class: probe.Busy}, {Class: probe.Mixed}, {Class: probe.Far}, {Class: probe.Near}, {Class: probe.Any}, {Class: probe.One}}}
	assert.InDelta(t, 0.25, r.Disturbed(), 0)
	assert.Zero(t, new(measure.Result).Disturbed())
}

func TestForeignPeersAreNotConfined(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("one processor is all there is")
	}
	var turns []string
	s := scenario(&turns, "a", "rust")
	s.Peers[1].Foreign = true
	measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 1, Processors: []int{1}})
	assert.NotContains(t, turns, "rust")
}

func TestAFailureEndsThatPeerOnly(t *testing.T) {
	var turns []string
	s := scenario(&turns, "good", "panics", "lies", "fails")
	wrong := errors.New("lost one")
	s.Peers[1].Run = func(int) ([]float64, error) { panic("ouch") }
	s.Peers[2].Run = func(int) ([]float64, error) { return nil, nil }
	s.Peers[3].Run = func(int) ([]float64, error) { return nil, wrong }
	r := measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 3})
	assert.Len(t, r.Runs, 3)
	require.Len(t, r.Failures, 3)
	assert.ErrorContains(t, r.Failures[0].Err, "ouch")
	assert.ErrorIs(t, r.Failures[2].Err, wrong)
}

func TestCountsFillTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last int
		s := bench.Scenario{Name: "s", Metrics: []string{"ns"}, Peers: []bench.Peer{{Name: "a", Run: func(n int) ([]float64, error) {
			last = n
			time.Sleep(time.Duration(n) * time.Microsecond)
			return []float64{1}, nil
		}}}}
		// One processor, because the probe spins, and in a bubble no time passes then.
		measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 1, Time: 20 * time.Millisecond, Processors: []int{1}})
		assert.Equal(t, 20_000, last)
	})
}

func TestALongScenarioHasLongRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last int
		s := bench.Scenario{Name: "s", Metrics: []string{"ns"}, Alone: true, Long: 5, Peers: []bench.Peer{{Name: "a", Run: func(n int) ([]float64, error) {
			last = n
			time.Sleep(time.Duration(n) * time.Microsecond)
			return []float64{1}, nil
		}}}}
		measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 1, Time: 20 * time.Millisecond})
		assert.Equal(t, 100_000, last)
	})
}

// A run that the system kept waiting would end the search for the count, and leave every run of
// that peer with next to nothing to do.
func TestAMomentElsewhereDoesNotShortenAllRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last int
		turn := 0
		s := bench.Scenario{Name: "s", Metrics: []string{"ns"}, Alone: true, Peers: []bench.Peer{{Name: "a", Run: func(n int) ([]float64, error) {
			last = n
			time.Sleep(time.Duration(n) * time.Microsecond)
			if turn++; turn%2 == 1 {
				time.Sleep(100 * time.Millisecond)
			}
			return []float64{1}, nil
		}}}}
		measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 1, Time: 20 * time.Millisecond})
		assert.Equal(t, 20_000, last)
	})
}

// A process that starts 64 threads, twice, takes as long as a run should before it has begun, and a
// pool that is ended waits for its workers.
func TestOnlyTheWorkItselfFillsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last int
		s := bench.Scenario{Name: "s", Metrics: []string{"ns/message"}, Alone: true, Peers: []bench.Peer{{Name: "a", Run: func(n int) ([]float64, error) {
			last = n
			time.Sleep(time.Minute)
			return []float64{50}, nil
		}}}}
		measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 1, Time: 20 * time.Millisecond})
		assert.Equal(t, 400_000, last)
	})
}

// The search may end in a mode of the peer that is not its usual one, however often it tries.
func TestACountThatIsFarOffIsCorrectedForTheRoundsToCome(t *testing.T) {
	for _, off := range []float64{100, 0.01} {
		var counts []int
		s := bench.Scenario{Name: "s", Metrics: []string{"ns/message"}, Alone: true, Peers: []bench.Peer{{Name: "a", Run: func(n int) ([]float64, error) {
			counts = append(counts, n)
			if n < 20_000_000/50 && off > 1 || n != 20_000_000/50 && off < 1 {
				if len(counts) < 12 {
					return []float64{50 * off}, nil
				}
			}
			return []float64{50}, nil
		}}}}
		r := measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 20, Time: 20 * time.Millisecond})
		assert.Len(t, r.Runs, 20, "no run is left out for what it took")
		assert.Equal(t, 400_000, counts[len(counts)-1], "%v", counts)
	}
}

func TestFreshProcessAndShrink(t *testing.T) {
	var turns []string
	s := scenario(&turns, "a", "rust")
	s.Fresh, s.Count, s.Peers[1].Foreign = true, 500, true
	var asked []int
	r := measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 1, Shrink: 100,
		Fresh: func(_ context.Context, scenario, peer string, n int) ([]float64, error) {
			assert.Equal(t, "s a", scenario+" "+peer)
			asked = append(asked, n)
			return []float64{1}, nil
		}})
	assert.Len(t, r.Runs, 2)
	assert.Equal(t, []string{"rust", "rust"}, turns, "that is a process of its own already")
	assert.Equal(t, []int{5, 5}, asked)
}

func TestAScenarioMayHaveFewerRounds(t *testing.T) {
	var turns []string
	few, all := scenario(&turns, "few"), scenario(&turns, "all")
	few.Name, few.Rounds = "short", 1
	var last measure.Progress
	r := measure.All(t.Context(), []bench.Scenario{few, all}, measure.Config{Rounds: 3, Processors: []int{1}, Progress: func(p measure.Progress) { last = p }})
	assert.Equal(t, "few all few all all all", strings.Join(turns, " "))
	assert.Equal(t, 3, r.Rounds)
	assert.Equal(t, []int{6, 5}, []int{last.Total, last.Done})
}

func TestAProcessOfItsOwnIsMeasuredInOnePassOnly(t *testing.T) {
	var turns []string
	own, both := scenario(&turns, "own"), scenario(&turns, "both")
	own.Name, own.Fresh = "fresh", true
	measure.All(t.Context(), []bench.Scenario{own, both}, measure.Config{Rounds: 1, Processors: []int{0, 1}})
	assert.Equal(t, "own both both own both both", strings.Join(turns, " "))
}

func TestEndedEarly(t *testing.T) {
	var turns []string
	ctx, cancel := context.WithCancel(t.Context())
	s := scenario(&turns, "a", "b")
	r := measure.All(ctx, []bench.Scenario{s}, measure.Config{Rounds: 10, Progress: func(p measure.Progress) {
		if p.Round == 2 {
			cancel()
		}
	}})
	assert.Equal(t, 1, r.Rounds)
	assert.NotEmpty(t, r.Runs)
}

func TestTimeLeftShrinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left []time.Duration
		sleepy := bench.Peer{Name: "a", Run: func(int) ([]float64, error) {
			time.Sleep(time.Second)
			return []float64{1}, nil
		}}
		again := sleepy
		again.Name = "b"
		s := bench.Scenario{Name: "s", Metrics: []string{"ns"}, Count: 3, Alone: true, Peers: []bench.Peer{sleepy, again}}
		done := 0
		measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 2, Progress: func(p measure.Progress) {
			left = append(left, p.Left)
			assert.Equal(t, 6, p.Total)
			assert.Equal(t, done, p.Done)
			done++
		}})
		require.Len(t, left, 6)
		assert.Negative(t, left[0])
		assert.Equal(t, []time.Duration{4 * time.Second, 3 * time.Second, 2 * time.Second, time.Second}, left[2:])
	})
}

func TestOneGoroutineNeedsNoProbe(t *testing.T) {
	var turns []string
	s := scenario(&turns, "a")
	s.Alone = true
	r := measure.All(t.Context(), []bench.Scenario{s}, measure.Config{Rounds: 1, Processors: []int{0, 1}})
	assert.Empty(t, r.Lines)
	require.Len(t, r.Runs, 2)
	assert.Equal(t, []probe.Class{probe.Any, probe.One}, []probe.Class{r.Runs[0].Class, r.Runs[1].Class})
}
