package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reference is collect without goroutines, a channel or a clever scanner: one
// file after the other, each as one string, cut up by the standard library. It
// is slower and holds whole files in memory. Its table is the one that every
// other setting has to print, which the tests check, and -reference lets you
// check it on your own files.
func reference(ctx context.Context, opt options, open opener, each func(fileStats)) (complete bool) {
	return walk(opt, func(path string, err error) bool {
		if ctx.Err() != nil {
			return false
		}
		if err != nil {
			each(fileStats{err: err})
			return true
		}
		each(referenceFile(open, path))
		return true
	})
}

func referenceFile(open opener, path string) fileStats {
	f, err := open(path)
	if err != nil {
		return fileStats{err: err}
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(f)
	if err != nil {
		return fileStats{err: err}
	}

	lines := bytes.Count(text, []byte("\n"))
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		lines++
	}
	counts := make(map[string]int64)
	for _, run := range strings.FieldsFunc(string(text), func(r rune) bool { return !isWord(r) }) {
		first, _ := utf8.DecodeRuneInString(run)
		if !unicode.IsDigit(first) && len(run) <= maxIdentifier {
			counts[run]++
		}
	}
	stats := fileStats{lines: int64(lines), bytes: int64(len(text))}
	for word, n := range counts {
		stats.words = append(stats.words, wordCount{word, n})
	}
	return stats
}
