package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// totals is the sum over all files. Only the consumer touches it, so it needs
// no lock.
type totals struct {
	files, skipped, lines, bytes int64
	words                        map[string]int64
}

func newTotals() *totals { return &totals{words: make(map[string]int64)} }

func (t *totals) add(s fileStats) {
	if s.err != nil {
		t.skipped++
		return
	}
	t.files++
	t.lines += s.lines
	t.bytes += s.bytes
	for _, w := range s.words {
		t.words[w.word] += w.n
	}
}

// top returns the n most frequent identifiers. Equally frequent ones are in
// the order of their bytes, so that the table does not depend on the order in
// which the files were read.
func (t *totals) top(n int) []wordCount {
	all := make([]wordCount, 0, len(t.words))
	for word, n := range t.words {
		all = append(all, wordCount{word, n})
	}
	slices.SortFunc(all, func(a, b wordCount) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.word, b.word))
	})
	return all[:min(n, len(all))]
}

func (t *totals) identifiers() (sum int64) {
	for n := range maps.Values(t.words) {
		sum += n
	}
	return sum
}

// print writes the table. The identifier is last in its row, because its width on
// the screen cannot be known for every script.
func (t *totals) print(w io.Writer, top int, complete bool) error {
	var b strings.Builder
	if !complete {
		b.WriteString("PARTIAL: interrupted before everything was read\n\n")
	}
	for _, row := range []struct {
		name  string
		value int64
	}{
		{"files", t.files},
		{"skipped", t.skipped},
		{"lines", t.lines},
		{"bytes", t.bytes},
		{"identifiers", t.identifiers()},
		{"distinct", int64(len(t.words))},
	} {
		fmt.Fprintf(&b, "%-12s%12d\n", row.name, row.value)
	}
	if rows := t.top(top); len(rows) > 0 {
		fmt.Fprintf(&b, "\n%12s  %s\n", "count", "identifier")
		for _, row := range rows {
			fmt.Fprintf(&b, "%12d  %s\n", row.n, row.word)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
