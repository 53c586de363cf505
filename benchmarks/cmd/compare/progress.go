package main

import (
	"fmt"
	"io"
	"os"
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
			fmt.Fprintf(p.w, "\r\033[K%s: %s, %s", line(now), now.Scenario, now.Peer)
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

func line(now measure.Progress) string {
	if now.Round == 0 {
		return "finding out how much fits into a measurement"
	}
	return fmt.Sprintf("round %d of %d, about %s left", now.Round, now.Rounds, now.Left.Round(time.Second))
}
