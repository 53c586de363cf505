package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// opener opens a file for reading. Tests put obstacles in here.
type opener func(path string) (io.ReadCloser, error)

func openFile(path string) (io.ReadCloser, error) { return os.Open(path) }

// place is a line of a file.
type place struct {
	file int32 // in index.files
	line int32 // from 1
}

// index knows where words are. It is written by buildIndex and only read after that,
// which is why the servers may share it without a lock.
type index struct {
	files  []string
	places map[string][]place // in the order of files and lines, each line once
}

// buildIndex reads the files that opt names. The errors are about those that cannot be
// read, and not fatal for the rest. When ctx ends it returns what it has.
func buildIndex(ctx context.Context, opt options, open opener) (ix *index, failed []error) {
	ix = &index{places: make(map[string][]place)}
	err := filepath.WalkDir(opt.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return fs.SkipAll
		case err != nil:
			failed = append(failed, err)
		case d.IsDir() && path != opt.dir && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.Type().IsRegular() && strings.HasSuffix(d.Name(), opt.ext):
			if err := ix.add(path, open); err != nil {
				failed = append(failed, err)
			}
		}
		return nil
	})
	if err != nil {
		failed = append(failed, err)
	}
	return ix, failed
}

func (ix *index) add(path string, open opener) error {
	lines, err := readLines(path, open)
	if err != nil {
		return err
	}
	file := int32(len(ix.files))
	ix.files = append(ix.files, path)
	for i, line := range lines {
		at := place{file, int32(i + 1)}
		for _, w := range words(line) {
			known := ix.places[w]
			if len(known) == 0 || known[len(known)-1] != at {
				ix.places[w] = append(known, at)
			}
		}
	}
	return nil
}

func words(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// readLines returns the lines of a file without their ends.
func readLines(path string, open opener) ([]string, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	content, err := io.ReadAll(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	var lines []string
	for line := range bytes.Lines(content) {
		lines = append(lines, string(bytes.TrimSuffix(line, []byte("\n"))))
	}
	return lines, nil
}
