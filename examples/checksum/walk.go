package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

var errNotRegular = errors.New("neither a regular file nor a directory")

// walk calls visit for every file to sum, in a fixed order, and with an error for
// what turns out not to be readable on the way. It goes on until visit returns
// false, and reports whether it reached the end.
func walk(paths []string, visit func(path string, err error) bool) bool {
	for _, root := range paths {
		if !walkRoot(root, visit) {
			return false
		}
	}
	return true
}

func walkRoot(root string, visit func(path string, err error) bool) bool {
	info, err := os.Stat(root)
	switch {
	case err != nil:
		return visit("", err)
	case info.Mode().IsRegular():
		return visit(root, nil)
	case !info.IsDir():
		// Opening or reading a pipe or a device can wait for ever, and then not
		// even Ctrl-C would end the wait.
		return visit("", describe(root, errNotRegular))
	}
	// WalkDir follows no symbolic links, not even the one it starts at, but a
	// directory that was named is meant. Its files keep the name it was given.
	start := root
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		start = resolved
	}
	atEnd := true
	err = filepath.WalkDir(start, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil: // a directory that cannot be listed
			atEnd = visit("", err)
		case entry.Type().IsRegular():
			if below, err := filepath.Rel(start, path); err == nil {
				path = filepath.Join(root, below)
			}
			atEnd = visit(path, nil)
		}
		if !atEnd {
			return fs.SkipAll
		}
		return nil
	})
	return atEnd && err == nil // err is nil: the function above returns no other error
}
