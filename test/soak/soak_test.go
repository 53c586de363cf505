package main

import (
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// brief is a soak of a few rounds of some scenarios.
func brief(scenarios string, rounds uint64) config {
	return config{
		duration: time.Minute, rounds: rounds, seed: 1, memory: 256 << 20, stall: time.Minute,
		scenarios: regexp.MustCompile(scenarios),
	}
}

func run(t *testing.T, cfg config) (ok bool, text string) {
	t.Helper()
	var out strings.Builder
	ok = soak(cfg, &out)
	return ok, out.String()
}

func TestAnUndisturbedSoakPassesInEveryScenario(t *testing.T) {
	processors := runtime.GOMAXPROCS(0)
	ok, text := run(t, brief("", 3))
	assert.True(t, ok, text)
	assert.Equal(t, processors, runtime.GOMAXPROCS(0), "it is put back")
	for _, s := range scenarios {
		assert.Contains(t, text, s.name)
	}
	assert.NotContains(t, text, "BROKEN")
}

// planted are scenarios whose receivers pass what they got through [ledger.got].
var planted = []string{"mpsc", "async", "permits", "faces", "stages", "selects", "requests"}

// Each hundredth message is heard of so many times. One would not do: a round in which an
// unbounded channel is discarded may lose any number.
func tampered(times int) func(string, message) int {
	var n atomic.Int64
	return func(string, message) int {
		if n.Add(1)%100 == 0 {
			return times
		}
		return 1
	}
}

func TestALostMessageFailsTheSoak(t *testing.T) {
	for _, name := range planted {
		t.Run(name, func(t *testing.T) {
			cfg := brief("^"+name+"$", 40)
			cfg.tamper = tampered(0)
			ok, text := run(t, cfg)
			assert.False(t, ok, text)
			assert.Contains(t, text, "BROKEN: lost")
		})
	}
}

func TestADuplicateFailsTheSoak(t *testing.T) {
	for _, name := range planted {
		t.Run(name, func(t *testing.T) {
			cfg := brief("^"+name+"$", 40)
			cfg.tamper = tampered(2)
			ok, text := run(t, cfg)
			assert.False(t, ok, text)
			assert.Contains(t, text, "BROKEN: duplicated")
		})
	}
}

func TestAStallFailsTheSoakAndShowsTheWaits(t *testing.T) {
	before := runtime.NumGoroutine()
	release := make(chan struct{})
	cfg := brief("^faces$", 1)
	cfg.stall = 300 * time.Millisecond
	cfg.tamper = func(string, message) int {
		<-release
		return 1
	}
	ok, text := run(t, cfg)
	assert.False(t, ok)
	assert.Contains(t, text, "faces is stuck")
	assert.Contains(t, text, "async.Receiver(", "the handles")
	assert.Contains(t, text, "producer", "the tasks, by their names")
	assert.Contains(t, text, "goroutine ", "the stacks")
	close(release)
	assert.Zero(t, settleGoroutines(before))
}

func TestAGoroutineThatIsLeftFailsTheSoak(t *testing.T) {
	// One of an earlier test that ends during this one would make up for the one that is left.
	require.Zero(t, settleGoroutines(atRest+1), "goroutines of earlier tests")
	stay := make(chan struct{})
	var once atomic.Bool
	cfg := brief("^mpsc$", 2)
	cfg.tamper = func(string, message) int {
		if !once.Swap(true) {
			go func() { <-stay }()
		}
		return 1
	}
	ok, text := run(t, cfg)
	assert.False(t, ok)
	assert.Contains(t, text, "BROKEN: 1 goroutines are left")
	close(stay)
}

func TestNoScenarioIsAFailure(t *testing.T) {
	ok, text := run(t, brief("nothing", 1))
	assert.False(t, ok)
	assert.Contains(t, text, "no scenario")
}

// A soak that has checked nothing has shown nothing.
func TestASoakWithoutARoundFails(t *testing.T) {
	cfg := brief("^mpsc$", 0)
	cfg.duration = 0
	ok, text := run(t, cfg)
	assert.False(t, ok)
	assert.Contains(t, text, "BROKEN: mpsc has run no round")
}

func TestFlagsThatMakeNoSenseAreRefused(t *testing.T) {
	good := brief("", 1)
	assert.NoError(t, good.check(0))
	assert.NoError(t, good.check(64))
	for _, change := range []func(cfg *config){
		func(cfg *config) { cfg.duration = 0 },
		func(cfg *config) { cfg.duration = -1 },
		func(cfg *config) { cfg.stall = 0 },
		func(cfg *config) { cfg.report = -1 },
	} {
		cfg := good
		change(&cfg)
		assert.Error(t, cfg.check(64))
	}
	assert.Error(t, good.check(-1))
	assert.Error(t, good.check(1<<50))
}

// A round that moves forever is stuck too, for instance a producer whose context never ends.
func TestARoundThatMovesAndDoesNotEndIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProgress(&scenarios[0])
		assert.Empty(t, p.stuck(time.Second), "no round is on")
		p.begun.Store(time.Now().UnixNano())
		p.current.Store(newRound(&config{}, p, 0))
		for range longSince {
			time.Sleep(time.Second)
			p.moved()
			assert.Empty(t, p.stuck(time.Second))
		}
		time.Sleep(time.Nanosecond)
		assert.Contains(t, p.stuck(time.Second), "does not end")
	})
}

// Each fault that a scenario has is met in practice.
func TestEveryFaultIsInjected(t *testing.T) {
	want := map[string][]string{
		"mpsc":     {"Goexit", "cancel", "drop under a send", "panic", "receiver left"},
		"async":    {"Goexit", "cancel", "close", "drop under a send", "future dropped", "panic"},
		"permits":  {"Goexit", "cancel", "evicted", "future dropped", "panic"},
		"faces":    {"Goexit", "panic"},
		"stages":   {"Goexit", "cancel", "future dropped", "panic", "shutdown", "stage cancelled", "stage failed"},
		"selects":  {"Goexit", "cancel", "future dropped", "lost race", "panic", "timeout"},
		"tasks":    {"Goexit", "panic", "shutdown", "task cancelled"},
		"shutdown": {"Goexit", "panic", "shutdown"},
		"requests": {"Goexit", "panic", "promise given up", "rejected", "timeout"},
		"timers":   {"future dropped"},
	}
	for i := range scenarios {
		s := &scenarios[i]
		t.Run(s.name, func(t *testing.T) {
			cfg, p := brief("", 0), newProgress(s)
			missing := func() (kinds []string) {
				for _, kind := range want[s.name] {
					if p.counts.faults[kind] == 0 {
						kinds = append(kinds, kind)
					}
				}
				return kinds
			}
			require.NotEmpty(t, want[s.name])
			for n := uint64(0); n < 200 && missing() != nil; n++ {
				r := newRound(&cfg, p, n)
				s.round(r)
				r.all.Wait()
			}
			assert.Empty(t, missing())
			assert.Empty(t, p.counts.first)
		})
	}
}
