package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// produce starts a producer for each path. Its result is what it had offered and got
// back.
func produce(ctx context.Context, opt options, tx *async.Sender[offer]) []*task.JoinHandle[[]offer] {
	var producers []*task.JoinHandle[[]offer]
	for _, root := range opt.paths {
		tx := tx.Clone()
		producers = append(producers, task.Spawn(ctx, func(ctx context.Context) ([]offer, error) {
			defer tx.Drop()
			for {
				err := walk(root, opt.out, func(o offer) error { return tx.Send(o).Await(ctx) })
				if back, ok := errors.AsType[*async.SendError[offer]](err); ok {
					return []offer{back.Value}, nil
				}
				if opt.every == 0 {
					return nil, nil
				}
				// Look again in a while, or stop waiting as soon as nothing is accepted.
				if _, err := future.Await(ctx, future.Timeout(opt.every, tx.Closed())); !errors.Is(err, future.ErrTimeout) {
					return nil, err
				}
			}
		}, task.Named(root)))
	}
	return producers
}

var errNotRegular = errors.New("neither a regular file nor a directory")

// walk calls visit for every file to compress, in a fixed order, until that returns an
// error, which it returns.
func walk(root, out string, visit func(offer) error) error {
	info, err := os.Stat(root)
	switch {
	case err != nil:
		return visit(offer{root, err})
	case !info.IsDir() && !info.Mode().IsRegular():
		// Opening a pipe or a device can wait for ever.
		return visit(offer{root, errNotRegular})
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return visit(offer{path, err})
		case d.IsDir() && same(path, out):
			return fs.SkipDir // the copies are not copied
		case !d.Type().IsRegular() || upToDate(path, out):
			return nil
		}
		return visit(offer{path, nil})
	})
}

func same(a, b string) bool {
	if b == "" {
		return false
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// upToDate reports whether the copy has the time of its original, which compress gives it.
func upToDate(path, out string) bool {
	if out == "" {
		return false
	}
	copied, err := copyOf(path, out)
	if err != nil {
		return false
	}
	there, err := os.Stat(copied)
	if err != nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.ModTime().Equal(there.ModTime())
}
