package main

import (
	"context"

	"github.com/handoff-go/handoff/task"
)

// distribute sums the files that opt names, in at most opt.workers tasks at a time,
// and calls each with every result, from the calling goroutine and in the order in
// which the tasks finish. It returns when all tasks have ended, and reports
// whether everything was read: false means that ctx ended first. The error is not
// about a file: the tasks could not be run.
func distribute(ctx context.Context, opt options, open opener, each func(sum)) (complete bool, err error) {
	// As many workers as tasks: a task that reads a file holds its worker, because
	// only an await releases it.
	rt, err := task.New(task.WithWorkers(opt.workers), task.WithName("checksum"))
	if err != nil {
		return false, err
	}
	defer func() {
		// No task is left by now, so there is nothing to wait for.
		if e := rt.Shutdown(context.Background()); err == nil {
			err = e
		}
	}()
	// The contexts of the tasks derive from ctx, so they end with it.
	ctx = rt.Context(ctx)

	complete = true
	var set task.JoinSet[sum]
	// next takes the result of the task that finishes first. It waits under a context
	// of its own: after Ctrl-C the tasks end by themselves, and what they had finished
	// until then counts.
	next := func() bool {
		s, ok, err := set.Next(context.Background())
		switch {
		case !ok:
			return false
		case ctx.Err() != nil && err != nil:
			complete = false // given up, or not even started
		case err != nil:
			each(sum{err: err}) // a panic, which is one file's misfortune too
		default:
			each(s)
		}
		return true
	}
	atEnd := walk(opt.paths, func(path string, err error) bool {
		if ctx.Err() != nil {
			return false
		}
		if err != nil {
			each(sum{err: err})
			return true
		}
		for set.Len() >= opt.workers {
			next()
		}
		set.Spawn(ctx, func(ctx context.Context) (sum, error) {
			return hashFile(ctx, open, path)
		}, task.Named(path))
		return ctx.Err() == nil
	})
	for next() {
	}
	return complete && atEnd, nil
}
