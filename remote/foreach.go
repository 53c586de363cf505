package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ForEach calls fn for every message until the channel ends, at most limit calls at a
// time, each on a goroutine of its own. It owns rx and drops it.
//
// A nil error of fn acknowledges the message, unless fn already did or returned it. Its error, or a panic,
// gives the message back, to be delivered again after a second, and to the dead letters
// when that has happened too often. While fn runs the message is kept from others,
// however long it takes; its context ends when that of ForEach does.
//
// It blocks the goroutine that calls it; a function task holds its worker until it returns.
// ForEach waits for the calls that run, and at the end for what they give back. It returns
// nil when the channel has ended plainly, the cause when it was closed with one, or the
// error of ctx; that a call failed is no error of ForEach. A limit below 1 is [ErrOption].
func ForEach[T any](ctx context.Context, rx *Receiver[T], limit int, fn func(context.Context, *Delivery[T]) error) error {
	defer rx.Drop()
	if limit < 1 {
		return fmt.Errorf("%w: limit is %d, and has to be 1 at least", ErrOption, limit)
	}
	var calls sync.WaitGroup
	defer calls.Wait()
	free := make(chan struct{}, limit)
	for {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		f := rx.Recv()
		f.w.last = true // what a call gives back comes again
		d, err := f.Await(ctx)
		if err != nil {
			var cause *closedWith
			if errors.Is(err, ErrClosed) && !errors.As(err, &cause) {
				return nil
			}
			return err
		}
		calls.Go(func() {
			defer func() { <-free }()
			d.handle(ctx, fn)
		})
	}
}

// retryAfter is the delay before a message whose handler failed is delivered again.
const retryAfter = time.Second

func (d *Delivery[T]) handle(ctx context.Context, fn func(context.Context, *Delivery[T]) error) {
	stop := startHeartbeat(d.l.set.ackWait/3, func() (again bool, err error) {
		err = d.InProgress()
		return !errors.Is(err, ErrSettled), err
	})
	defer stop()
	err := errExit
	defer func() {
		if err == nil {
			err = d.Ack()
		} else {
			err = d.Nak(retryAfter)
		}
		_ = err // acknowledged or returned by fn, or the connection is closed: then it is redelivered
	}()
	err = d.call(ctx, fn)
}

// errExit stays when the handler ends its goroutine, as a failed assertion does.
var errExit = errors.New("remote: the handler called runtime.Goexit")

// call turns a panic into an error: one bad message should not end the others.
func (d *Delivery[T]) call(ctx context.Context, fn func(context.Context, *Delivery[T]) error) (err error) {
	returned := false
	defer func() {
		if !returned {
			err = fmt.Errorf("remote: handler of %v: panic: %v", d, recover())
		}
	}()
	err = fn(ctx, d)
	returned = true
	return err
}
