package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// isTerminal reports whether f is a terminal, or some other device that does not
// mind: a pipe and a file do.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progressEvery keeps the terminal from being slower than the work.
const progressEvery = 100 * time.Millisecond

// progress is a line that is written over again and again. It is driven by the
// consumer, message by message, so it needs neither a timer nor a lock. That it
// cannot be written is no reason to stop the work, so errors are ignored.
type progress struct {
	w     io.Writer
	on    bool
	last  time.Time
	width int // of the text in the line
}

func (p *progress) show(t *totals) {
	if !p.on || time.Since(p.last) < progressEvery {
		return
	}
	p.last = time.Now()
	text := fmt.Sprintf("%d files, %d MB", t.files, t.bytes/1e6)
	// The counts only grow, so the new text covers the old one.
	_, _ = fmt.Fprintf(p.w, "\r%s", text)
	p.width = len(text)
}

// clear makes room for something else in the line.
func (p *progress) clear() {
	if p.width == 0 {
		return
	}
	_, _ = fmt.Fprintf(p.w, "\r%s\r", strings.Repeat(" ", p.width))
	p.width = 0
}
