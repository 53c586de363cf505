// Package pool is a test of an idiom that from-go.md shows. It uses errgroup, which is no
// dependency of this module, so it stands where the go command does not count it; a test
// of package docs runs it.
package pool

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-go/handoff/async"
)

type (
	Job    struct{ ID int }
	Result struct{ ID int }
)

var errBadJob = errors.New("a bad job")

func work(ctx context.Context, j Job) (Result, error) {
	if j.ID < 0 {
		return Result{}, errBadJob
	}
	return Result(j), ctx.Err()
}

// pool gives jobs to workers and uses their results, until the first error.
func pool(ctx context.Context, jobs []Job, workers int, use func(Result)) error {
	group, ctx := errgroup.WithContext(ctx)
	queue, in := async.Bounded[Job](0)
	out, results := async.Bounded[Result](0)
	defer results.Drop()
	group.Go(func() error {
		defer queue.Drop()
		for _, job := range jobs {
			if err := queue.Send(job).Await(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	for range workers {
		in, out := in.Clone(), out.Clone()
		group.Go(func() error {
			defer in.Drop()
			defer out.Drop()
			for job := range in.All(ctx) {
				r, err := work(ctx, job)
				if err == nil {
					err = out.Send(r).Await(ctx)
				}
				if err != nil {
					return err
				}
			}
			return ctx.Err() // the loop ends with it too
		})
	}
	in.Drop()
	out.Drop()
	for r := range results.All(ctx) {
		use(r)
	}
	return group.Wait()
}

func TestThePoolReportsTheFirstErrorAndEverybodyGoesHome(t *testing.T) {
	for _, c := range []struct {
		name    string
		bad     int // which job, 0: none
		cancels bool
		want    error
	}{
		{"after all jobs", 0, false, nil},
		{"after an error", 17, false, errBadJob},
		{"after the end of the context", 0, true, context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // does not end while a goroutine is left
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				jobs := make([]Job, 40)
				if c.bad > 0 {
					jobs[c.bad].ID = -1
				}
				n := 0
				err := pool(ctx, jobs, 3, func(Result) {
					if n++; c.cancels && n == 5 {
						cancel()
					}
				})
				require.ErrorIs(t, err, c.want)
				if c.want == nil {
					require.Len(t, jobs, n)
				}
			})
		})
	}
}
