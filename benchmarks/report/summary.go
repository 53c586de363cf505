package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/handoff-go/handoff/benchmarks/probe"
	"github.com/handoff-go/handoff/benchmarks/stats"
)

// The short table stands between these lines of a page.
const (
	startMark = "<!-- benchmarks -->\n"
	endMark   = "<!-- /benchmarks -->\n"
)

// Highlights are the scenarios of the short table, and what they are called there.
var Highlights = []struct{ Scenario, Text string }{
	{"seq/cap=none", "unbounded, one goroutine"},
	{"spsc/cap=none", "unbounded, 1 producer"},
	{"mpsc/cap=none/producers=4", "unbounded, 4 producers"},
	{"spsc/cap=128", "bounded 128, 1 producer"},
	{"mpsc/cap=128/producers=4", "bounded 128, 4 producers"},
	{"mpmc/cap=128/producers=4", "bounded 128, 4 producers, 4 consumers"},
	{"batch spsc/cap=128", "bounded 128, batches of 64"},
	{"select/cap=128", "select over 4 channels of 128"},
	{"pingpong/cap=1", "ping-pong of goroutines, capacity 1"},
	{"pingpong/cap=0", "ping-pong of goroutines, rendezvous"},
	{"pingpong/tasks", "ping-pong of tasks"},
	{"burst", "a thousand tasks at once, for each"},
	{"spawn/inside a task", "one task after the other"},
	{"memory/own channel/consumers=100000", "memory of a waiting consumer"},
}

// Short writes the table for a page that has room for a few lines only. It fails if there is none.
func Short(w io.Writer, r *Report) error {
	p := &page{Writer: bufio.NewWriter(w)}
	all := tables(r.Scenarios, r.Result.Runs)
	var conditions []string
	for _, name := range []string{"processor", "Go"} {
		if v := fact(r.Facts, name); v != "-" {
			conditions = append(conditions, v)
		}
	}
	if class := mainClass(r); class != "" {
		conditions = append(conditions, "processors "+string(class))
	}
	p.printf("Time or memory of the fastest of handoff, divided by that of the native way (`chan`, `go`) and by that of the fastest other peer, in Go or Rust, measured in turns. "+
		"Below 1 handoff is better. Medians of those of %d rounds in which the processors were as far apart; in brackets the spread, where the median of another run lies, if there are nine values or more (%s).\n\n",
		r.Result.Rounds, strings.Join(conditions, ", "))
	p.printf("| | handoff | to native | fastest other | to that |\n|---|---|---|---|---|\n")
	lines := 0
	for _, h := range Highlights {
		t := r.highlight(all, h.Scenario)
		if t == nil {
			continue
		}
		ours, theirs := t.ours(), t.theirs()
		if ours == nil || theirs == nil {
			continue
		}
		if n := min(ours.toBase.N, ours.toBest.N); n < min(stats.Enough, (r.Result.Rounds+1)/2) {
			return fmt.Errorf("only %d of %d rounds of %s can be compared; that is too few for the short table", n, r.Result.Rounds, h.Scenario)
		}
		lines++
		p.printf("| %s | %s | %s | %s | %s |\n", h.Text, strings.TrimPrefix(ours.peer.Name, "handoff "), spread(ours.toBase, ratio),
			theirs.peer.Name, spread(ours.toBest, ratio))
	}
	if lines == 0 {
		return errors.New("nothing of the short table was measured, or the machine was too busy for it")
	}
	return p.Flush()
}

func (r *Report) highlight(all []table, name string) *table {
	main := mainClass(r)
	for i := range all {
		if t := &all[i]; t.scenario.Name == name && (t.class == main || t.class == probe.Any) {
			return t
		}
	}
	return nil
}

// Replace puts a section between the marks of a page.
func Replace(text, section string) (string, error) {
	before, rest, ok := strings.Cut(text, startMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return "", fmt.Errorf("there are no lines %q and %q to write between", strings.TrimSpace(startMark), strings.TrimSpace(endMark))
	}
	return before + startMark + strings.TrimRight(section, "\n") + "\n" + endMark + after, nil
}
