package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

var errNotRegular = errors.New("neither a regular file nor a directory")

// files calls each with every regular file, in order, and with an error for what turns
// out not to be readable on the way. It ends with the first error that each returns.
func files(roots []string, each func(content) error) error {
	for _, root := range roots {
		if err := filesOf(root, each); err != nil {
			return err
		}
	}
	return nil
}

func filesOf(root string, each func(content) error) error {
	info, err := os.Stat(root)
	switch {
	case err != nil:
		return each(content{path: root, err: err})
	case info.Mode().IsRegular():
		return each(content{path: root})
	case !info.IsDir():
		// Reading a pipe or a device can wait for ever, and then not even Ctrl-C would end
		// the wait.
		return each(content{path: root, err: wrap(root, errNotRegular)})
	}
	// WalkDir follows no symbolic links, but a directory that was named is meant.
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil: // a directory that cannot be listed
			return each(content{path: path, err: err})
		case d.Type().IsRegular():
			return each(content{path: path})
		}
		return nil
	})
}
