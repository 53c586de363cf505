package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// fate is what became of a file that was offered.
type fate int

const (
	finished  fate = iota // compressed, and safe on the disk
	failed                // tried, and it did not work
	returned              // never accepted: the send came back with it
	abandoned             // accepted, and not done when the time was up
	fates
)

func (f fate) String() string {
	return [...]string{"finished", "failed", "returned", "abandoned"}[f]
}

// entry is the end of one file.
type entry struct {
	fate fate
	path string
	note string // sizes, or a reason
}

// journal prints entries and counts them.
type journal struct {
	w     io.Writer
	err   error // the first; nothing is printed after it
	count [fates]int
}

// add prints e with one write, as fields with tabs between them.
func (j *journal) add(e entry) {
	j.count[e.fate]++
	if j.err != nil {
		return
	}
	path := e.path
	if strings.ContainsAny(path, "\t\r\n") {
		path = strconv.Quote(path)
	}
	line := e.fate.String() + "\t" + path
	if e.note != "" {
		line += "\t" + e.note
	}
	_, j.err = io.WriteString(j.w, line+"\n")
}

// summary adds up: what was offered is each of the others once.
func (j *journal) summary() string {
	sum := 0
	parts := make([]string, fates)
	for f, n := range j.count {
		sum += n
		parts[f] = fmt.Sprintf("%d %v", n, fate(f))
	}
	return fmt.Sprintf("%d offered: %s", sum, strings.Join(parts, ", "))
}
