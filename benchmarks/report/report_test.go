package report_test

import (
	"bytes"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/measure"
	"github.com/handoff-go/handoff/benchmarks/probe"
	"github.com/handoff-go/handoff/benchmarks/report"
)

var update = flag.Bool("update", false, "write the golden file again")

// sample has a scenario that handoff wins near and loses far, one without a rival, one that is the
// same in every class, and everything that can be missing.
func sample() *report.Report {
	r := &report.Report{
		Facts: []report.Fact{{Name: "command", Value: "go run ./cmd/compare"}, {Name: "processor", Value: "2 × Some | CPU"}},
		Scenarios: []bench.Scenario{
			{Name: "spsc/cap=128", Text: "One sends, one receives.", Metrics: []string{"ns/message", "fairness"}, Base: "chan", Peers: []bench.Peer{
				{Name: "chan"}, {Name: "rust kanal", Foreign: true}, {Name: "handoff mpsc", Ours: true}, {Name: "never ran"},
			}},
			{Name: "mpsc/cap=128/producers=4", Text: "Four send.", Metrics: []string{"ns/message"}, Base: "chan", Peers: []bench.Peer{
				{Name: "handoff mpsc", Ours: true},
			}},
			{Name: "memory/own", Text: "They wait.", Metrics: []string{"bytes/consumer"}, Base: "go", Fresh: true, Peers: []bench.Peer{
				{Name: "go"}, {Name: "handoff polled", Ours: true},
			}},
		},
		Missing: []string{"The Rust libraries: not measured."},
	}
	add := func(round int, class probe.Class, scenario, peer string, values ...float64) {
		r.Result.Runs = append(r.Result.Runs, measure.Run{Scenario: scenario, Peer: peer, Round: round, Class: class, Values: values, Allocs: 0.004})
	}
	for round := 1; round <= 25; round++ {
		class, f := probe.Near, float64(round)
		if round > 13 {
			class = probe.Far
		}
		if round == 13 {
			class = probe.Mixed
		}
		kanal := 60 + f
		if class == probe.Far {
			kanal = 10 + f/10
		}
		add(round, class, "spsc/cap=128", "chan", 100+f, 1)
		add(round, class, "spsc/cap=128", "rust kanal", kanal, math.NaN())
		add(round, class, "spsc/cap=128", "handoff mpsc", 40+f/2, 0.5)
		if class == probe.Near {
			add(round, class, "mpsc/cap=128/producers=4", "handoff mpsc", 1.5)
		}
		add(round, probe.Any, "memory/own", "go", 2800)
		add(round, probe.Any, "memory/own", "handoff polled", 700)
	}
	r.Result.Rounds = 25
	r.Result.Lines = []float64{27, 28, 200}
	r.Result.Failures = []measure.Failure{{Scenario: "spsc/cap=128", Peer: "never ran", Err: errors.New("lost | a message\nor two")}}
	return r
}

func TestMarkdown(t *testing.T) {
	r := sample()
	r.Charts = []report.Chart{{Title: "spsc", Path: "img/spsc.svg"}}
	var got bytes.Buffer
	require.NoError(t, report.Markdown(&got, r))
	golden := filepath.Join("testdata", "report.md")
	if *update {
		require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.String(), "run the test with -update if the change is meant")
}

// The first reason that matches holds, so one that is too wide hides those behind it.
func TestReasonsAreOfWhatTheySpeakOf(t *testing.T) {
	for _, c := range []struct{ scenario, ours, peer, want string }{
		{"seq/cap=none/payload=pointer", "handoff mpsc", "rust kanal", "calls that are not inlined"},
		{"seq/cap=128/payload=512", "handoff async, tasks", "chan", "copied for each call"},
		{"spsc/cap=none/payload=512", "handoff mpsc", "chan", "the queue grows"},
		{"spsc/cap=none/payload=512", "handoff mpsc", "rust kanal", "copied for each call"},
		{"spsc/cap=128/payload=512", "handoff mpsc", "xsync mpmc", "a queue is less"},
		{"seq/cap=128", "handoff async, tasks", "chan", "calls that are not inlined"},
		{"mpmc/cap=1/producers=4", "handoff async", "chan", "a meeting under two locks"},
		{"mpmc/cap=1/producers=4", "handoff async", "rust kanal on tokio", "polled in place"},
		{"mpmc/cap=128/producers=4", "handoff async", "rust kanal on tokio", "calls that are not inlined"},
		{"spsc/cap=1", "handoff async, tasks", "chan", "workers are handed on"},
		{"wake", "handoff polled", "go", "a worker first"},
		{"wake", "handoff mpsc", "go", "a cold path"},
		{"burst", "handoff polled", "rust tokio", "through a line and a goroutine"},
		{"burst", "handoff function", "go", "handles are garbage"},
	} {
		got := "not known"
		if r := report.Why(c.scenario, c.ours, c.peer); r != nil {
			got = r.Name
		}
		assert.Equal(t, c.want, got, "%s, %s: %s", c.scenario, c.ours, c.peer)
	}
}

// NaN is what a system cannot measure, and a few runs of a class are a few lucky ones.
func TestNoPeerIsTheFastestUnlessMeasuredOftenEnough(t *testing.T) {
	r := sample()
	s := &r.Scenarios[0]
	s.Peers = append(s.Peers, bench.Peer{Name: "knows nothing"}, bench.Peer{Name: "lucky"})
	for round := 1; round <= 12; round++ {
		add := func(peer string, v float64) {
			r.Result.Runs = append(r.Result.Runs, measure.Run{Scenario: s.Name, Peer: peer, Round: round, Class: probe.Near, Values: []float64{v, 1}})
		}
		add("knows nothing", math.NaN())
		if round <= 5 {
			add("lucky", 1)
		}
	}
	var got bytes.Buffer
	require.NoError(t, report.Markdown(&got, r))
	assert.Contains(t, got.String(), "| spsc/cap=128 | near | handoff mpsc, 43.2 ns/message | 0.41 (0.40–0.41) | rust kanal, 66.5 |")
}

func TestAGoalIsMetByAllOfItsSpread(t *testing.T) {
	for _, c := range []struct {
		chan_ float64
		want  string
	}{
		{100, "| 0.41 (0.40–0.41) | 0.80 | met |"},
		{40, "| 0.93 (0.88–0.99) | 0.80 | missed, [why](design/queues.md#where-the-goals-are-missed) |"},
		{47.3, " | 0.80 | missed by the median, [why](design/queues.md#where-the-goals-are-missed) |"},
		{47.7, " | 0.80 | met by the median, [why](design/queues.md#where-the-goals-are-missed) |"},
	} {
		r := sample()
		for i := range r.Result.Runs {
			if run := &r.Result.Runs[i]; run.Peer == "chan" {
				run.Values[0] += c.chan_ - 100
			}
		}
		var got bytes.Buffer
		require.NoError(t, report.Markdown(&got, r))
		assert.Contains(t, got.String(), c.want)
	}
}

func TestABusyMachineIsSaid(t *testing.T) {
	r := sample()
	for i := range r.Result.Runs[:50] {
		r.Result.Runs[i].Class = probe.Busy
	}
	var got bytes.Buffer
	require.NoError(t, report.Markdown(&got, r))
	assert.Contains(t, got.String(), "**The machine was busy** beside 49%")
}

func TestFewRoundsProveNothing(t *testing.T) {
	r := sample()
	r.Result.Runs = r.Result.Runs[:5]
	var got bytes.Buffer
	require.NoError(t, report.Markdown(&got, r))
	assert.Contains(t, got.String(), "It takes 6 rounds")
}

func TestDraw(t *testing.T) {
	dir := t.TempDir()
	r := sample()
	require.NoError(t, report.Draw(dir, r))
	require.NotEmpty(t, r.Charts)
	for _, c := range r.Charts {
		text, err := os.ReadFile(filepath.Join(dir, c.Path))
		require.NoError(t, err)
		assert.Contains(t, string(text), "<svg", c.Title)
	}
}

func TestDrawSaysWhereItCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	assert.ErrorContains(t, report.Draw(file, sample()), "charts")
}
