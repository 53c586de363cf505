package main

import (
	"context"
	"errors"

	"github.com/handoff-go/handoff/remote"
)

// toil sums files until the coordinator says that it is over.
func toil(ctx context.Context, c *remote.Conn, opt options) error {
	for {
		over, err := shift(ctx, c, opt)
		if over || err != nil {
			return err
		}
		// The coordinator was away for longer than its lease. There will be another one.
	}
}

// shift works for as long as there is a coordinator.
func shift(ctx context.Context, c *remote.Conn, opt options) (over bool, err error) {
	tx, _, err := openResults(ctx, c, opt.name)
	if err != nil {
		return false, err
	}
	defer tx.Drop()
	unused, rx, err := openJobs(ctx, c, opt.name)
	if err != nil {
		return false, err
	}
	defer unused.Drop()
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
	if errors.Is(err, remote.ErrDeleted) {
		return true, nil // closed, and swept away before we looked
	}
	return unused.Cause() != nil, err
}
