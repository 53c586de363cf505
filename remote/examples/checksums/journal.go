package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// journal is what the coordinator knows, in a file: one line for each result. It is the
// reason why a coordinator may be killed: a result is acknowledged when it is in here, and
// one that comes a second time finds its line.
type journal struct {
	file *os.File
	run  string // the name of this run, the same after a restart
	done map[string]Result
}

// openJournal reads what an earlier coordinator has left, or starts an empty journal.
func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	j := &journal{file: f, done: make(map[string]Result)}
	if err := j.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", path, err), f.Close())
	}
	return j, nil
}

const title = "checksums "

func (j *journal) load() error {
	text, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	// What follows the last line break was being written when the coordinator died. It
	// was not acknowledged, so it is delivered again.
	whole := bytes.LastIndexByte(text, '\n') + 1
	if head := text[:min(len(text), len(title))]; !strings.HasPrefix(title, string(head)) {
		return errors.New("this is something else")
	}
	n := 0
	for line := range strings.Lines(string(text[:whole])) {
		if n++; n == 1 {
			j.run = strings.TrimSpace(strings.TrimPrefix(line, title))
			continue
		}
		r, err := parseRecord(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		j.done[r.Name] = r
	}
	if err := j.file.Truncate(int64(whole)); err != nil {
		return err
	}
	if _, err := j.file.Seek(int64(whole), io.SeekStart); err != nil || n > 0 {
		return err
	}
	j.run = rand.Text()
	return j.write(title + j.run + "\n")
}

func (j *journal) write(text string) error {
	if _, err := j.file.WriteString(text); err != nil {
		return err
	}
	return j.file.Sync()
}

// add keeps results, and returns when the disk has them. Those that it has already are
// left out: every file is in it once.
func (j *journal) add(results []Result) (fresh int, err error) {
	var text strings.Builder
	for _, r := range results {
		if _, ok := j.done[r.Name]; !ok {
			j.done[r.Name] = r
			text.WriteString(r.record())
			fresh++
		}
	}
	if fresh == 0 {
		return 0, nil
	}
	return fresh, j.write(text.String())
}

func (j *journal) has(name string) bool { _, ok := j.done[name]; return ok }

// sorted returns all results in the order of their names.
func (j *journal) sorted() []Result {
	var all []Result
	for _, r := range j.done {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Result) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (j *journal) close() error { return j.file.Close() }

// record is a line of the journal. Everything is quoted, because the name of a file may
// hold a line break, and bytes that are no text.
func (r Result) record() string {
	return fmt.Sprintf("%q %q %q\n", r.Sum, r.Problem, r.Name)
}

func parseRecord(line string) (r Result, err error) {
	for i, field := range []*string{&r.Sum, &r.Problem, &r.Name} {
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			return r, fmt.Errorf("field %d: %w", i+1, err)
		}
		if *field, err = strconv.Unquote(quoted); err != nil {
			return r, fmt.Errorf("field %d: %w", i+1, err)
		}
		line = strings.TrimPrefix(line[len(quoted):], " ")
	}
	return r, nil
}
