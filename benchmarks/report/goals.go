package report

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/handoff-go/handoff/benchmarks/probe"
	"github.com/handoff-go/handoff/benchmarks/stats"
)

// Goal is a target for handoff beside another peer: at most this ratio.
type Goal struct {
	Text     string
	Scenario *regexp.Regexp // all that match
	Ours     *regexp.Regexp // the fastest that matches; nil matches all
	Peer     *regexp.Regexp // likewise
	Most     float64
	Link     string // what is known about missing it, from docs
}

var (
	native = regexp.MustCompile(`^(chan|go)$`)
	inRust = regexp.MustCompile(rustPeers)
)

// Goals are those of the design.
var Goals = []Goal{
	{Text: "unbounded, one goroutine", Scenario: regexp.MustCompile(`^seq/cap=none$`), Peer: native, Most: 0.5, Link: "design/queues.md#what-a-store-costs"},
	{Text: "unbounded, 1 producer", Scenario: regexp.MustCompile(`^spsc/cap=none$`), Peer: native, Most: 0.5, Link: "design/queues.md#where-the-goals-are-missed"},
	{Text: "unbounded, 4 producers", Scenario: regexp.MustCompile(`^mpsc/cap=none/producers=4$`), Peer: native, Most: 0.7, Link: "design/async.md#the-numbers"},
	{Text: "bounded 128", Scenario: regexp.MustCompile(`^(spsc/cap=128|mpsc/cap=128/producers=4)$`), Peer: native, Most: 0.8, Link: "design/queues.md#where-the-goals-are-missed"},
	{Text: "ping-pong of goroutines", Scenario: regexp.MustCompile(`^pingpong/cap=[01]$`), Peer: native, Most: 1.1, Link: "design/queues.md#where-the-goals-are-missed"},
	{Text: "batches of 64, one goroutine", Scenario: regexp.MustCompile(`^batch seq/`), Peer: native, Most: 0.05, Link: "design/queues.md#the-numbers"},
	{Text: "batches of 64, two goroutines", Scenario: regexp.MustCompile(`^batch spsc/`), Peer: native, Most: 0.3, Link: "design/queues.md#the-numbers"},
	{Text: "several producers, the fastest in Rust", Scenario: regexp.MustCompile(`^(mpsc|mpmc)/cap=\w+/producers=\d+$`), Peer: inRust, Most: 1, Link: "design/queues.md#beside-rust"},
	{Text: "memory of an idle consumer", Scenario: regexp.MustCompile(`^memory/own channel/consumers=1000000$`), Peer: native, Most: 0.125, Link: "design/async.md#memory"},
	{Text: "polled tasks in bursts", Scenario: regexp.MustCompile(`^burst$`), Ours: regexp.MustCompile(`polled`), Peer: native, Most: 0.35, Link: "design/runtime.md#figures"},
	{Text: "ping-pong of polled tasks", Scenario: regexp.MustCompile(`^pingpong/tasks$`), Ours: regexp.MustCompile(`polled`), Peer: native, Most: 0.5, Link: "design/async.md#the-numbers"},
	{Text: "a function task and its result", Scenario: regexp.MustCompile(`^spawn/`), Ours: regexp.MustCompile(`function`), Peer: native, Most: 1.3, Link: "design/runtime.md#figures"},
	{Text: "a cold wake", Scenario: regexp.MustCompile(`^wake$`), Peer: native, Most: 1, Link: "design/waiting.md#after-a-long-sleep"},
}

// goals reports how far each is reached, in the class with the most runs.
func (p *page) goals(r *Report, all []table) {
	main := mainClass(r)
	all = slices.DeleteFunc(slices.Clone(all), func(t table) bool { return t.class != main && t.class != probe.Any })
	p.printf("\n## Goals\n\nWhat the design wants, processors %s where that matters. A goal is met if all of the spread is within it, and missed if none of it is.\n\n", main)
	p.printf("| | scenario | handoff | beside | ratio | at most | |\n|---|---|---|---|---|---|---|\n")
	for i := range Goals {
		g := &Goals[i]
		for j := range all {
			t := &all[j]
			if !g.Scenario.MatchString(t.scenario.Name) {
				continue
			}
			ours := t.fastest(func(o row) bool { return o.peer.Ours && (g.Ours == nil || g.Ours.MatchString(o.peer.Name)) })
			theirs := t.fastest(func(o row) bool { return !o.peer.Ours && g.Peer.MatchString(o.peer.Name) })
			if ours == nil || theirs == nil {
				continue
			}
			s := ours.to(theirs)
			verdict := g.verdict(s)
			if verdict != met {
				verdict += fmt.Sprintf(", [why](%s)", g.Link)
			}
			p.printf("| %s | %s | %s | %s | %s | %s | %s |\n", g.Text, t.scenario.Name, ours.peer.Name, theirs.peer.Name, spread(s, ratio), goal(g.Most), verdict)
		}
	}
}

const met = "met"

func goal(most float64) string {
	if most < 0.2 {
		return number(most)
	}
	return ratio(most)
}

func (g *Goal) verdict(s stats.Summary) string {
	switch {
	case s.N < stats.Spread:
		return "too few rounds"
	case s.To <= g.Most:
		return met
	case s.From > g.Most:
		return "missed"
	case s.Median <= g.Most:
		return "met by the median"
	}
	return "missed by the median"
}
