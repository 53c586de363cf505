package main

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"
)

// opener opens a file for reading. Tests put obstacles in here.
type opener func(path string) (io.ReadCloser, error)

func openFile(path string) (io.ReadCloser, error) { return os.Open(path) }

// sizes are those of a file and its copy.
type sizes struct{ before, after int64 }

// copyOf returns where the copy of a file is: below out, at the absolute path of the
// original, so that two files never share one.
func copyOf(path, out string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.Join(out, abs[len(filepath.VolumeName(abs)):]) + ".gz", nil
}

// compress writes the copy of a file, or only measures it if out is empty. The copy is
// there under its name when it is whole and on the disk, and not before. If ctx ends
// first nothing is left behind, and the error is ctx's.
func compress(ctx context.Context, open opener, path, out string) (s sizes, err error) {
	if err := ctx.Err(); err != nil {
		return s, err
	}
	// The time is taken before the content: a file that changes in between looks old, and
	// the next run does it again.
	info, err := os.Stat(path)
	if err != nil {
		return s, err
	}
	r, err := open(path)
	if err != nil {
		return s, err
	}
	defer func() { _ = r.Close() }() // nothing was written
	in := &reader{ctx: ctx, r: r}
	if out == "" {
		w := &counter{w: io.Discard}
		err := deflate(w, in, info.ModTime())
		return sizes{in.n, w.n}, err
	}

	target, err := copyOf(path, out)
	if err != nil {
		return s, err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return s, err
	}
	f, err := os.CreateTemp(filepath.Dir(target), ".part-*")
	if err != nil {
		return s, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	w := &counter{w: f}
	err = deflate(w, in, info.ModTime())
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chtimes(f.Name(), time.Time{}, info.ModTime())
	}
	if err == nil {
		err = os.Rename(f.Name(), target)
	}
	return sizes{in.n, w.n}, err
}

func deflate(w io.Writer, r io.Reader, mod time.Time) error {
	z := gzip.NewWriter(w)
	z.ModTime = mod
	if _, err := io.Copy(z, r); err != nil {
		return err
	}
	return z.Close()
}

// reader reads until its context ends, and counts.
type reader struct {
	ctx context.Context
	r   io.Reader
	n   int64
}

func (r *reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.r.Read(b)
	r.n += int64(n)
	return n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
