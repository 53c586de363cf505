package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/measure"
	"github.com/handoff-go/handoff/benchmarks/probe"
	"github.com/handoff-go/handoff/benchmarks/report"
)

// values are those that a part of the names of a family has, such as 0 and 128 of cap.
func values(scenarios []bench.Scenario, family, part string) []string {
	got := make(map[string]bool)
	for _, s := range scenarios {
		if name, rest, _ := strings.Cut(s.Name, "/"); name == family {
			for p := range strings.SplitSeq(rest, "/") {
				if key, value, ok := strings.Cut(p, "="); ok && key == part {
					got[value] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(got))
}

// Every capacity, payload and number of producers that was planned is measured.
func TestNothingOfThePlanIsMissing(t *testing.T) {
	all := everything()
	for _, c := range []struct {
		family, part string
		want         []string
	}{
		{"seq", "cap", []string{"none", "128", "1"}}, // at 0 one goroutine cannot be both sides
		{"spsc", "cap", []string{"none", "128", "1", "0"}},
		{"mpsc", "cap", []string{"none", "128", "1", "0"}},
		{"mpmc", "cap", []string{"none", "128", "1", "0"}},
		{"select", "cap", []string{"none", "128", "1", "0"}},
		{"pingpong", "cap", []string{"none", "1", "0"}}, // one message never fills 128
		{"batch seq", "cap", []string{"none", "128"}},   // 64 at once want room
		{"batch spsc", "cap", []string{"none", "128"}},
		{"create", "cap", []string{"none", "128"}},
		{"mpsc", "producers", []string{"4", "16", "64"}}, // spsc has 1
		{"mpmc", "producers", []string{"1", "4", "16", "64"}},
		{"seq", "payload", []string{"32", "512", "pointer"}}, // 8 is what all others have
		{"spsc", "payload", []string{"32", "512", "pointer"}},
		{"mpsc", "payload", []string{"32", "512", "pointer"}},
		{"depth", "messages", []string{"100", "10000", "1000000"}},
		{"yield", "tasks", []string{"2", "100"}},
		{"memory", "consumers", []string{"10000", "100000", "1000000"}},
	} {
		assert.ElementsMatch(t, c.want, values(all, c.family, c.part), "%s, %s", c.family, c.part)
	}
	for _, family := range []string{"open", "burst", "spawn", "fan-out", "idle processor", "wake"} {
		assert.True(t, slices.ContainsFunc(all, func(s bench.Scenario) bool { return strings.HasPrefix(s.Name, family) }), family)
	}
}

// who returns the Go peers of a scenario.
func who(t *testing.T, name string) (out []string) {
	t.Helper()
	all := everything()
	i := slices.IndexFunc(all, func(s bench.Scenario) bool { return s.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	for _, p := range all[i].Peers {
		out = append(out, p.Name)
	}
	return out
}

func TestNoGoPeerIsMissing(t *testing.T) {
	assert.Equal(t, []string{"chan", "chanx", "chanqueue", "eapache", "xsync umpsc", "handoff mpsc", "handoff async", "handoff async, tasks"}, who(t, "spsc/cap=none"))
	assert.Equal(t, []string{"chan", "chanqueue", "xsync spsc", "xsync mpmc", "handoff mpsc", "handoff async", "handoff async, tasks"}, who(t, "spsc/cap=128"))
	assert.Equal(t, who(t, "spsc/cap=128"), who(t, "spsc/cap=128/payload=512"))
	assert.Equal(t, who(t, "spsc/cap=none"), who(t, "spsc/cap=none/payload=pointer"))
	assert.Equal(t, []string{"chan", "chanqueue", "handoff mpsc", "handoff async", "handoff async, tasks"}, who(t, "select/cap=128"))
	pools := []string{"go", "errgroup", "ants", "pond", "conc", "handoff polled", "handoff function"}
	for _, name := range []string{"burst", "spawn/from a goroutine", "fan-out"} {
		assert.Equal(t, pools, who(t, name), name)
	}
}

// Work, capacity, producers, consumers and payload: what the Rust program expects.
func TestRustIsAskedWithFiveArguments(t *testing.T) {
	for _, s := range everything() {
		if s.Args != nil {
			assert.Len(t, s.Args, 5, s.Name)
		}
	}
}

// A loss without an explanation would be in the report as such.
func TestEveryScenarioHasAReasonToLose(t *testing.T) {
	used := make(map[*report.Reason]bool)
	for _, s := range everything() {
		for _, ours := range s.Peers {
			for _, peer := range []string{"chan", "go", "chanqueue", "xsync spsc", "rust kanal", "rust tokio"} {
				if !ours.Ours {
					continue
				}
				if why := report.Why(s.Name, ours.Name, peer); assert.NotNil(t, why, "%s, %s", s.Name, peer) {
					used[why] = true
				}
			}
		}
	}
	for i := range report.Reasons {
		assert.True(t, used[&report.Reasons[i]], "%q is no scenario's reason", report.Reasons[i].Name)
	}
}

func TestReasonsAndGoalsLinkToWhatExists(t *testing.T) {
	for _, r := range report.Reasons {
		assertHeading(t, r.Name, r.Link)
	}
	for _, g := range report.Goals {
		assertHeading(t, g.Text, g.Link)
	}
}

// assertHeading checks that link, from docs, leads to a heading.
func assertHeading(t *testing.T, what, link string) {
	t.Helper()
	notAnchor := regexp.MustCompile(`[^a-z0-9 -]`)
	file, anchor, _ := strings.Cut(link, "#")
	text, err := os.ReadFile(filepath.Join("../../../docs", file))
	if !assert.NoError(t, err, what) {
		return
	}
	found := false
	for line := range strings.Lines(string(text)) {
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			slug := notAnchor.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
			found = found || strings.ReplaceAll(slug, " ", "-") == anchor
		}
	}
	assert.True(t, found, "%s: %s has no heading for it", what, link)
}

// A goal that matches nothing would look as if it were met.
func TestEveryGoalIsOfAScenarioWithBothSides(t *testing.T) {
	for _, g := range report.Goals {
		found := false
		for _, s := range everything() {
			if !g.Scenario.MatchString(s.Name) {
				continue
			}
			found = true
			assert.True(t, slices.ContainsFunc(s.Peers, func(p bench.Peer) bool { return p.Ours && (g.Ours == nil || g.Ours.MatchString(p.Name)) }), "%s: %s", g.Text, s.Name)
			if !g.Peer.MatchString("rust kanal") { // those come with Rust
				assert.True(t, slices.ContainsFunc(s.Peers, func(p bench.Peer) bool { return !p.Ours && g.Peer.MatchString(p.Name) }), "%s: %s", g.Text, s.Name)
			}
		}
		assert.True(t, found, g.Text)
	}
}

func TestHighlightsAreScenarios(t *testing.T) {
	for _, h := range report.Highlights {
		assert.NotEmpty(t, who(t, h.Scenario))
	}
}

// The data of a run with everything in it, of a machine that changed between near and far.
func TestDataIsSmall(t *testing.T) {
	r := &report.Report{Scenarios: everything()}
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		if s.Args != nil {
			for j := range 9 {
				s.Peers = append(s.Peers, bench.Peer{Name: fmt.Sprintf("rust some library %d", j), Foreign: true})
			}
		}
		for j, p := range s.Peers {
			for _, class := range []probe.Class{probe.Near, probe.Far, probe.One} {
				if p.Foreign && class == probe.One {
					continue
				}
				for round := 1; round <= 3; round++ {
					vs := make([]float64, len(s.Metrics))
					vs[0] = 123.456 * float64(j+1) / float64(round+j)
					r.Result.Runs = append(r.Result.Runs, measure.Run{Scenario: s.Name, Peer: p.Name, Round: round, Class: class, Values: vs})
				}
			}
		}
	}
	var out bytes.Buffer
	require.NoError(t, report.NewData(r).Save(&out))
	assert.Less(t, out.Len(), 200_000)
	t.Logf("%d scenarios, %d bytes", len(r.Scenarios), out.Len())
}
