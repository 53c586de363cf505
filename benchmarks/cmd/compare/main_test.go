package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/foreign"
	"github.com/handoff-go/handoff/benchmarks/measure"
	"github.com/handoff-go/handoff/benchmarks/probe"
	"github.com/handoff-go/handoff/benchmarks/report"
	"github.com/handoff-go/handoff/benchmarks/stats"
)

// TestMain lets this program be the child of itself, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-child" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestBadFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-run", "("}, "-run: error parsing regexp"},
		{[]string{"-peers", "["}, "-peers: error parsing regexp"},
		{[]string{"-run", "no such thing", "-rust", ""}, `no scenario matches "no such thing"; -list shows them`},
		{[]string{"-run", "seq", "-peers", "none", "-rust", ""}, `no peer in these scenarios matches "none"`},
		{[]string{"-rounds", "0"}, "at least one"},
		{[]string{"-time", "-1s"}, "more than nothing"},
		{[]string{"-cpu", "1,two"}, `"two" is not a number of processors`},
		{[]string{"-cpu", "0"}, "not a number"},
		{[]string{"-cpu", "4,2"}, "two others would be one class"},
		{[]string{"-cpu", "1,2,4"}, "two others would be one class"},
		{[]string{"-o", "nowhere/at/all.md"}, "no directory nowhere/at"},
		{[]string{"seq"}, `what is "seq"?`},
		{[]string{"-fast"}, "not defined: -fast; -h lists the flags"},
		{[]string{"-rounds", "many"}, "invalid value"},
		{[]string{"-against", "nowhere.json"}, "-against: open nowhere.json"},
		{[]string{"-against", "main.go"}, "main.go: not the data of a run"},
		{[]string{"-write", "-quick"}, "-write: the table in ../README.md is for full runs"},
		{[]string{"-write", "-run", "seq"}, "is for full runs"},
		{[]string{"-write", "-summary"}, "is for full runs"},
		{[]string{"-write", "-o", "../docs/benchmarks.md"}, "is for full runs"},
		{[]string{"-write", "-run", "seq", "-o", "../docs/benchmarks.md"}, "is for full runs"},
		{[]string{"-run", "seq", "-peers", "^rust", "-rust", ""}, "the Rust peers are not there: switched off with -rust"},
		{[]string{"-child", "seq", "-peer", "none"}, "no peer"},
	} {
		var out, errs bytes.Buffer
		assert.ErrorContains(t, run(t.Context(), c.args, &out, &errs), c.want, "%v", c.args)
		assert.NotContains(t, errs.String(), "-quick", "%v: all the flags hide the error", c.args)
	}
	var out, errs bytes.Buffer
	err := run(t.Context(), []string{"-h"}, &out, &errs)
	assert.True(t, errors.Is(err, flag.ErrHelp))
	assert.Contains(t, errs.String(), "-quick")
	assert.Contains(t, errs.String(), "usage: go run ./cmd/compare")
	assert.NotContains(t, errs.String(), "internal")
}

func TestQuick(t *testing.T) {
	page := filepath.Join(t.TempDir(), "report.md")
	var out, errs bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-quick", "-rounds", "2", "-cpu", "1", "-rust", "", "-o", page,
		"-run", `^seq/cap=1$|^burst$|^memory/promise`, "-peers", "^go$|^chan$|handoff"}, &out, &errs))
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(text), "### memory/promise")
	assert.Contains(t, string(text), "**handoff mpsc**")
	assert.Contains(t, string(text), "The Rust libraries: not measured, switched off with -rust.")
	assert.NotContains(t, string(text), "failed")
	charts, err := filepath.Glob(filepath.Join(filepath.Dir(page), "img", "*.svg"))
	require.NoError(t, err)
	assert.NotEmpty(t, charts)
	assert.Contains(t, errs.String(), "round 2 of 2")
}

func TestAPartGoesToStandardOutput(t *testing.T) {
	var out, errs bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-quick", "-rust", "", "-run", "^seq/cap=1$", "-peers", "chan", "-cpu", "1"}, &out, &errs))
	assert.Contains(t, out.String(), "| one core |")
}

func TestAFileHasDataBesideItToRunAgainst(t *testing.T) {
	dir := t.TempDir()
	part := []string{"-quick", "-rounds", strconv.Itoa(stats.Spread), "-rust", "", "-run", "^seq/cap=1$", "-peers", "chan$|mpsc", "-cpu", "1"}
	var out, errs bytes.Buffer
	require.NoError(t, run(t.Context(), append(part, "-o", filepath.Join(dir, "page.md")), &out, &errs))
	assert.Empty(t, out.String())
	require.NoError(t, run(t.Context(), append(part, "-against", filepath.Join(dir, "page.json")), &out, &errs))
	assert.Contains(t, out.String(), "Of 1 ratios to the native way")
	assert.NotContains(t, out.String(), "## Summary")
}

func TestSummaryIsShort(t *testing.T) {
	var out, errs bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-quick", "-rust", "", "-run", "^seq/cap=none$", "-peers", "chan$|mpsc", "-cpu", "1", "-summary"}, &out, &errs))
	assert.Contains(t, out.String(), "| unbounded, one goroutine | mpsc |")
	assert.NotContains(t, out.String(), "# ")
}

func TestTheTableStandsBetweenMarks(t *testing.T) {
	r := &report.Report{Scenarios: []bench.Scenario{{Name: "burst", Metrics: []string{"ns"}, Base: "go", Peers: []bench.Peer{
		{Name: "go"}, {Name: "handoff polled", Ours: true},
	}}}}
	for i, p := range r.Scenarios[0].Peers {
		r.Result.Runs = append(r.Result.Runs, measure.Run{Scenario: "burst", Peer: p.Name, Round: 1, Class: probe.Near, Values: []float64{2 / float64(i+1)}})
	}
	path := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(path, []byte("# Title\n"), 0o600))
	assert.ErrorContains(t, insert(path, r), "README.md: there are no lines")
	text, err := os.ReadFile(filepath.Join("..", "..", readme)) // seen from this package
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	require.NoError(t, insert(path, r), "the README has the marks")
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(text), "| polled | 0.50 | go | 0.50 |\n")
	assert.ErrorContains(t, insert(path, new(report.Report)), "nothing of the short table")
}

func TestProgress(t *testing.T) {
	now := measure.Progress{Round: 2, Rounds: 10, Scenario: strings.Repeat("s", 100), Peer: "chan", Done: 5, Total: 10, Left: 90 * time.Second}
	var out bytes.Buffer
	p := progress{w: &out, terminal: true, round: -1}
	p.update(now)
	p.end()
	assert.True(t, strings.HasPrefix(out.String(), "\r\033[K[==========          ] round 2 of 10, about 1m30s left: sss"), "%q", out.String())
	assert.Less(t, out.Len(), 100)
	out.Reset()
	p = progress{w: &out, round: -1}
	p.update(now)
	p.update(now)
	p.end()
	assert.Equal(t, "round 2 of 10, about 1m30s left\n", out.String(), "a line for each round, and nothing that moves")
}

func TestMissingRustIsNoError(t *testing.T) {
	var out, errs bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-list", "-rust", t.TempDir()}, &out, &errs))
	assert.Contains(t, errs.String(), "Rust peers: not measured: no Cargo project")
	assert.Contains(t, out.String(), "spsc/cap=128\n\tchan\n")
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	assert.ErrorContains(t, run(ctx, []string{"-quick", "-rust", ""}, &out, &errs), "before anything was measured")
}

func TestArgumentsCanBePasted(t *testing.T) {
	assert.Equal(t, []string{"-run", "'a|b'", "''", `'it'\''s'`}, quote([]string{"-run", "a|b", "", "it's"}))
}

func TestAHungProgramIsNamedAndNoError(t *testing.T) {
	var errs bytes.Buffer
	hung := measure.Failure{Scenario: "mpmc/cap=0", Peer: "rust flume", Err: fmt.Errorf("%w, and was stopped", foreign.ErrStuck)}
	require.NoError(t, failed([]measure.Failure{hung}, &errs))
	assert.Equal(t, "not measured: rust flume in mpmc/cap=0: it did not end, and was stopped\n", errs.String())
	lost := measure.Failure{Scenario: "seq", Peer: "chan", Err: errors.New("lost one")}
	assert.ErrorContains(t, failed([]measure.Failure{hung, lost}, &errs), "1 peers failed, the first of them chan in seq: lost one")
}
