package main

import (
	"fmt"
	"io"
	"time"
)

// results are the figures of each side, round by round.
type results map[string][]figures

func (r results) values(side, scenario string) []float64 {
	var vs []float64
	for _, f := range r[side] {
		vs = append(vs, f[scenario])
	}
	return vs
}

// table prints the medians of all rounds, the lowest and the highest in brackets, and the
// same of the ratio within each round.
func (r results) table(w io.Writer) error {
	base, ours := sides[0].name, sides[1].name
	_, err := fmt.Fprintf(w, "| a message | %s | %s | ratio | messages in a second |\n|---|---|---|---|---|\n", base, ours)
	for _, s := range order {
		b, o := r.values(base, s), r.values(ours, s)
		q := sum(ratios(o, b))
		rate := "" // of what is done one after the other, it says nothing new
		if s == publishMany || s == consumeAll || s == both {
			rate = fmt.Sprintf("%.0f, %.0f", 1/sum(b).median, 1/sum(o).median)
		}
		if err == nil {
			_, err = fmt.Fprintf(w, "| %s | %s | %s | **%.2f** (%.2f to %.2f) | %s |\n", s, spread(b), spread(o), q.median, q.low, q.high, rate)
		}
	}
	return err
}

func spread(values []float64) string {
	s := sum(values)
	return fmt.Sprintf("%s (%s to %s)", short(s.median), short(s.low), short(s.high))
}

// short prints seconds with three digits.
func short(seconds float64) string {
	switch d := time.Duration(seconds * 1e9); {
	case d < 10*time.Microsecond:
		return fmt.Sprintf("%.2f µs", seconds*1e6)
	case d < 100*time.Microsecond:
		return fmt.Sprintf("%.1f µs", seconds*1e6)
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f µs", seconds*1e6)
	default:
		return fmt.Sprintf("%.2f ms", seconds*1e3)
	}
}
