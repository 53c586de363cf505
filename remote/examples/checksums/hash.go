package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Job is a file to sum. Name is what the user calls it, and Dir is where a relative name
// starts. ID stands for the job, however often it is sent.
type Job struct{ ID, Dir, Name string }

// Result is what a file came to. One that cannot be read has a problem and no sum.
type Result struct{ Name, Sum, Problem string }

// chunk is how much is read before the next look at the context.
const chunk = 64 << 10

// hash sums one file. What is wrong with the file is in the result; the error is ctx's, if
// it ended first.
func hash(ctx context.Context, job Job) (Result, error) {
	r := Result{Name: job.Name}
	path := job.Name
	if !filepath.IsAbs(path) {
		path = filepath.Join(job.Dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		r.Problem = err.Error()
		return r, nil
	}
	defer func() { _ = f.Close() }() // nothing was written
	h := sha256.New()
	buf := make([]byte, chunk)
	for {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		n, err := f.Read(buf)
		h.Write(buf[:n])
		switch {
		case errors.Is(err, io.EOF):
			r.Sum = hex.EncodeToString(h.Sum(nil))
			return r, nil
		case err != nil:
			r.Problem = err.Error()
			return r, nil
		}
	}
}

// escapes are the characters that would break the format of a line.
var escapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

// line is a result as sha256sum prints it.
func (r Result) line() string {
	name, mark := escapes.Replace(r.Name), ""
	if name != r.Name {
		mark = `\`
	}
	return mark + r.Sum + "  " + name + "\n"
}

// files lists the regular files under root, which may be one itself, and the problems
// with directories that cannot be read. Symbolic links are not followed.
func files(root string) (names []string, problems []Result) {
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			problems = append(problems, Result{Name: path, Problem: err.Error()})
		case entry.Type().IsRegular():
			names = append(names, path)
		}
		return nil
	})
	return names, problems
}
