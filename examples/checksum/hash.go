package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// opener opens a file for reading. Tests put obstacles in here.
type opener func(path string) (io.ReadCloser, error)

func openFile(path string) (io.ReadCloser, error) { return os.Open(path) }

// sum is what one file came to.
type sum struct {
	path  string
	hash  [sha256.Size]byte
	bytes int64
	err   error // it could not be read; then there is no hash
}

// chunk is how much is read before the next look at the context.
const chunk = 64 << 10

// hashFile sums one file. What is wrong with the file is part of the result; the
// error is ctx's, if it ended first.
func hashFile(ctx context.Context, open opener, path string) (s sum, err error) {
	s.path = path
	if err := ctx.Err(); err != nil {
		return s, err
	}
	f, err := open(path)
	if err != nil {
		s.err = named(path, err)
		return s, nil
	}
	// Nothing was written, so that there is nothing to lose in a failed Close.
	defer func() { _ = f.Close() }()
	h := sha256.New()
	buf := make([]byte, chunk)
	for {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		n, err := f.Read(buf)
		s.bytes += int64(n)
		_, _ = h.Write(buf[:n]) // a hash never fails
		switch {
		case errors.Is(err, io.EOF):
			h.Sum(s.hash[:0])
			return s, nil
		case err != nil:
			s.err = named(path, err)
			return s, nil
		}
	}
}

// named makes sure that an error says which file it is about.
func named(path string, err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return err
	}
	return describe(path, err)
}

func describe(path string, err error) error { return fmt.Errorf("read %s: %w", path, err) }
