package main

import (
	"encoding/hex"
	"io"
	"slices"
	"strings"
)

// output prints sums, each with one write, so that what was printed before an
// interrupt consists of whole lines.
type output struct {
	w      io.Writer
	sorted bool
	kept   []sum // until the end, if sorted
	err    error // the first; nothing is printed after it
}

// add prints s, or keeps it for flush.
func (o *output) add(s sum) {
	if o.sorted {
		o.kept = append(o.kept, s)
	} else {
		o.print(s)
	}
}

// flush prints what was kept.
func (o *output) flush() {
	slices.SortStableFunc(o.kept, func(a, b sum) int { return strings.Compare(a.path, b.path) })
	for _, s := range o.kept {
		o.print(s)
	}
}

func (o *output) print(s sum) {
	if o.err == nil {
		_, o.err = io.WriteString(o.w, s.line())
	}
}

// escapes are the characters that would break the format of a line.
var escapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

// line is s as sha256sum prints it.
func (s sum) line() string {
	name, mark := escapes.Replace(s.path), ""
	if name != s.path {
		mark = `\`
	}
	return mark + hex.EncodeToString(s.hash[:]) + "  " + name + "\n"
}
