package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/handoff-go/handoff/benchmarks/measure"
)

// progress shows how far it is: one line that changes on a terminal, a line for each round
// elsewhere.
type progress struct {
	w        io.Writer
	terminal bool
	round    int
	shown    time.Time
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w, round: -1}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil {
			p.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return p
}

func (p *progress) update(now measure.Progress) {
	newRound := now.Round != p.round
	p.round = now.Round
	if p.terminal {
		if newRound || time.Since(p.shown) > 100*time.Millisecond {
			p.shown = time.Now()
			fmt.Fprintf(p.w, "\r\033[K%s", cut(fmt.Sprintf("%s %s: %s, %s", bar(now), line(now), now.Scenario, now.Peer)))
		}
		return
	}
	if newRound {
		fmt.Fprintln(p.w, line(now))
	}
}

func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.w, "\r\033[K") //nolint:errcheck // it is only cosmetic
	}
}

// bar is how much of all turns is done.
func bar(now measure.Progress) string {
	const width = 20
	done := width * now.Done / max(1, now.Total)
	return "[" + strings.Repeat("=", done) + strings.Repeat(" ", width-done) + "]"
}

// cut keeps a line within a narrow terminal: one that wraps cannot be taken back.
func cut(line string) string { return line[:min(len(line), 79)] }

func line(now measure.Progress) string {
	if now.Round == 0 {
		return "finding out how much fits into a measurement"
	}
	return fmt.Sprintf("round %d of %d, about %s left", now.Round, now.Rounds, now.Left.Round(time.Second))
}
