package main

import (
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// brief is a soak of a few rounds of some scenarios.
func brief(scenarios string, rounds uint64) config {
	return config{
		duration: time.Minute, rounds: rounds, seed: 1, memory: 256 << 20, stall: 20 * time.Second,
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

// the hundredth message is heard of so many times.
func tampered(times int) func(string, message) int {
	var n atomic.Int64
	return func(string, message) int {
		if n.Add(1) == 100 {
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

func TestAStallFailsTheSoakAndShowsWhoWaits(t *testing.T) {
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
