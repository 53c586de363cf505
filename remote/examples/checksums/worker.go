package main

import (
	"context"
	"errors"

	"github.com/handoff-go/handoff/remote"
)

// toil sums files until the coordinator has closed or deleted the channel for jobs.
func toil(ctx context.Context, c *remote.Conn, opt options) error {
	over, err := shift(ctx, c, opt)
	for !over && err == nil {
		// The coordinator was away for longer than its lease. The next one goes on with the
		// same channels; if they do not exist any more, it has finished. Opened without
		// JoinOnly they would be created again, and wait for a coordinator that never comes.
		over, err = shift(ctx, c, opt, remote.JoinOnly())
	}
	return err
}

// shift works for as long as there is a coordinator.
func shift(ctx context.Context, c *remote.Conn, opt options, how ...remote.Option) (over bool, err error) {
	defer func() {
		if errors.Is(err, remote.ErrDeleted) {
			over, err = true, nil
		}
	}()
	tx, noResults, err := openResults(ctx, c, opt.name, how...)
	if err != nil {
		return false, err
	}
	defer tx.Drop()
	noResults.Drop()
	noJobs, rx, err := openJobs(ctx, c, opt.name, how...)
	if err != nil {
		return false, err
	}
	defer noJobs.Drop()
	// A job is acknowledged when this function has returned without an error: when its
	// result is stored. A worker that dies before that leaves it to another one, and if
	// both have got so far, the result has the same id.
	err = remote.ForEach(ctx, rx, opt.parallel, func(ctx context.Context, d *remote.Delivery[Job]) error {
		r, err := hash(ctx, d.Value)
		if err != nil {
			return err
		}
		return tx.SendID(d.Value.ID, r).Await(ctx)
	})
	return noJobs.Cause() != nil, err
}
