package main

import (
	"context"
	"errors"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/task"
)

// collect runs the pipeline and returns the totals:
//
//	walk --content--> read --content--> decompress --content--> parse --counts--> add up
//
// What the walk sends has no data yet, or an error if there is no reading it. Each arrow
// is a bounded channel. When a stage falls behind, the one before it waits,
// and so on up to the walk, so at any time only as many files are in memory as there
// are workers and slots. The end comes down the other way: the walk drops its sender,
// the readers' loops end when they have seen everything, they drop theirs, and so on.
func collect(ctx context.Context, opt options) (*totals, error) {
	p := &pipeline{opt: opt}
	found := p.walk(ctx)
	// Reading blocks its thread, so it has goroutines apart from the workers that
	// compute.
	raw := stage(ctx, p, blocking, found, read)
	texts := stage(ctx, p, computing, raw, decompress)
	parsed := stage(ctx, p, computing, texts, parse)

	var t totals
	for c := range parsed.All(ctx) {
		t.add(c)
	}
	parsed.Drop()
	return &t, p.wait(ctx)
}

// pipeline is what the stages have in common.
type pipeline struct {
	opt   options
	tasks []*task.JoinHandle[struct{}]
}

// kind is where the workers of a stage run.
type kind func(ctx context.Context, fn func(context.Context) (struct{}, error), opts ...task.SpawnOption) *task.JoinHandle[struct{}]

var (
	computing kind = task.Spawn[struct{}]
	blocking  kind = task.SpawnBlocking[struct{}]
)

func (p *pipeline) spawn(ctx context.Context, k kind, fn func(ctx context.Context) error) {
	p.tasks = append(p.tasks, k(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) }))
}

// stage starts the workers of a stage and returns where its results come out.
func stage[A, B any](ctx context.Context, p *pipeline, k kind, in *async.Receiver[A], fn func(A) B) *async.Receiver[B] {
	tx, out := async.Bounded[B](p.opt.buffer)
	for range p.opt.workers {
		tx, in := tx.Clone(), in.Clone()
		p.spawn(ctx, k, func(ctx context.Context) error {
			defer tx.Drop()
			defer in.Drop()
			for v := range in.All(ctx) {
				if err := tx.Send(fn(v)).Await(ctx); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	tx.Drop() // the workers have handles of their own
	in.Drop()
	return out
}

// walk sends every file, as content that has not been read.
func (p *pipeline) walk(ctx context.Context) *async.Receiver[content] {
	tx, out := async.Bounded[content](p.opt.buffer)
	p.spawn(ctx, blocking, func(ctx context.Context) error {
		defer tx.Drop()
		return files(p.opt.paths, func(c content) error { return tx.Send(c).Await(ctx) })
	})
	return out
}

// wait waits for every worker and returns the first error that says why it ended, and
// not only that the next stage had.
func (p *pipeline) wait(ctx context.Context) (err error) {
	for _, h := range p.tasks {
		_, failed := h.Await(context.WithoutCancel(ctx)) // they end with ctx by themselves
		if err == nil || errors.Is(err, async.ErrClosed) && failed != nil {
			err = failed
		}
	}
	return err
}

// reference does the same in a plain loop.
func reference(ctx context.Context, opt options) (*totals, error) {
	var t totals
	err := files(opt.paths, func(c content) error {
		t.add(parse(decompress(read(c))))
		return ctx.Err()
	})
	return &t, err
}
