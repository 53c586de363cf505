package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// opener opens a file for reading. Tests put obstacles in here.
type opener func(path string) (io.ReadCloser, error)

func openFile(path string) (io.ReadCloser, error) { return os.Open(path) }

// walk calls visit for every file to read, in a fixed order, and with an error
// for everything that turns out not to be readable on the way. It goes on until
// visit returns false, and reports whether it reached the end.
func walk(opt options, visit func(path string, err error) bool) bool {
	for _, root := range opt.paths {
		if !walkRoot(root, opt.exts, visit) {
			return false
		}
	}
	return true
}

func walkRoot(root string, exts []string, visit func(path string, err error) bool) bool {
	info, err := os.Stat(root)
	switch {
	case err != nil:
		return visit("", err)
	case info.Mode().IsRegular():
		return visit(root, nil)
	case !info.IsDir():
		// Opening or reading a pipe or a device can wait for ever, and then not
		// even Ctrl-C would end the wait.
		return visit("", fmt.Errorf("read %s: neither a regular file nor a directory", root))
	}
	// WalkDir follows no symbolic links, not even the one it starts at, but a
	// directory that was named is meant, and GOROOT often is a link.
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved
	}
	atEnd := true
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil: // a directory that cannot be listed
			atEnd = visit("", err)
		case entry.Type().IsRegular() && wanted(entry.Name(), exts):
			atEnd = visit(path, nil)
		}
		if !atEnd {
			return fs.SkipAll
		}
		return nil
	})
	return atEnd && err == nil // err is nil: the function above returns no other error
}

func wanted(name string, exts []string) bool {
	return len(exts) == 0 || slices.ContainsFunc(exts, func(ext string) bool {
		return strings.HasSuffix(name, ext)
	})
}
