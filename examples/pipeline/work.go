package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode"
)

// The work of the stages, on one file at a time. Nothing here uses channels.

// Limits of what is held in memory for one file.
const (
	maxFile = 64 << 20
	maxText = 256 << 20 // after decompression
)

// content is what is in a file once it was read, or why it could not be had.
type content struct {
	path string
	data []byte
	err  error
}

// read reads a file.
func read(c content) content {
	if c.err != nil {
		return c
	}
	f, err := os.Open(c.path)
	if err != nil {
		return content{path: c.path, err: err}
	}
	defer f.Close() //nolint:errcheck // it was only read
	data, err := readAll(f, maxFile)
	return content{c.path, data, wrap(c.path, err)}
}

// decompress unpacks what begins like a gzip file, whatever its name.
func decompress(c content) content {
	if c.err != nil || !bytes.HasPrefix(c.data, []byte{0x1f, 0x8b}) {
		return c
	}
	z, err := gzip.NewReader(bytes.NewReader(c.data))
	if err != nil {
		return content{path: c.path, err: wrap(c.path, err)}
	}
	data, err := readAll(z, maxText)
	return content{c.path, data, wrap(c.path, err)}
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

func wrap(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}

// counts are the words of a file.
type counts struct {
	bytes int
	words map[string]int
	err   error
}

// parse counts the words of a text: runs of letters, in lower case.
func parse(c content) counts {
	words := make(map[string]int)
	for word := range bytes.FieldsFuncSeq(c.data, func(r rune) bool { return !unicode.IsLetter(r) }) {
		words[strings.ToLower(string(word))]++
	}
	return counts{len(c.data), words, c.err}
}

// totals are the counts of many files. The order in which they come does not matter.
type totals struct {
	files, bytes int
	words        map[string]int
	errs         []error
}

func (t *totals) add(c counts) {
	if c.err != nil {
		t.errs = append(t.errs, c.err)
		return
	}
	if t.words == nil {
		t.words = make(map[string]int)
	}
	t.files++
	t.bytes += c.bytes
	for word, n := range c.words {
		t.words[word] += n
	}
}

// print prints the most frequent words.
func (t *totals) print(w io.Writer, top int) error {
	sorted := slices.SortedFunc(maps.Keys(t.words), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.words[b], t.words[a]), cmp.Compare(a, b))
	})
	if _, err := fmt.Fprintf(w, "%d files, %d bytes, %d different words\n", t.files, t.bytes, len(sorted)); err != nil {
		return err
	}
	for _, word := range sorted[:min(top, len(sorted))] {
		if _, err := fmt.Fprintf(w, "%8d %s\n", t.words[word], word); err != nil {
			return err
		}
	}
	return nil
}
