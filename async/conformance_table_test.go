package async_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/testkit/conformance"
)

// The table of both packages, with operations that are awaited and such that are polled,
// also with everything recorded: to observe changes nothing.
func TestConformance(t *testing.T) {
	for _, l := range []probe.Level{probe.Off, probe.Counts, probe.Events} {
		t.Run(fmt.Sprintf("level %d", l), func(t *testing.T) {
			probe.Set(l, 100)
			defer probe.Set(probe.Off, 0)
			testConformance(t)
		})
	}
}

func testConformance(t *testing.T) {
	t.Helper()
	for _, polled := range []bool{false, true} {
		name := "awaited"
		if polled {
			name = "polled"
		}
		t.Run(name, func(t *testing.T) {
			forEachFlavour(t, func(t *testing.T, f flavour) {
				conformance.Run(t, conformance.Subject{
					Capacity: f.capacity,
					Open: func() (conformance.Sender, conformance.Receiver) {
						tx, rx := f.open()
						return tableSender{tx, polled}, tableReceiver{rx, polled}
					},
					Value: func(err error) (int, bool) {
						failed, ok := errors.AsType[*async.SendError[int]](err)
						if !ok {
							return 0, false
						}
						return failed.Value, true
					},
				})
			})
		})
	}
}

type tableSender struct {
	*async.Sender[int]
	polled bool
}

func (s tableSender) Clone() conformance.Sender { return tableSender{s.Sender.Clone(), s.polled} }

func (s tableSender) Send(ctx context.Context, v int) error {
	f := s.Sender.Send(v)
	if !s.polled {
		return f.Await(ctx)
	}
	_, err := future.Await(ctx, future.Future[struct{}](f))
	if back, ok := f.Unsent(); ok && ctx.Err() != nil && err == ctx.Err() { //nolint:errorlint // the bare error has no value
		err = &async.SendError[int]{Value: back, Err: err}
	}
	return err
}

func (s tableSender) SendMany(ctx context.Context, vs []int) (int, error) {
	f := s.Sender.SendMany(vs)
	if !s.polled {
		return f.Await(ctx)
	}
	_, err := future.Await(ctx, future.Future[int](f))
	return f.Sent(), err
}

type tableReceiver struct {
	*async.Receiver[int]
	polled bool
}

func (r tableReceiver) Recv(ctx context.Context) (int, error) {
	if !r.polled {
		return r.Receiver.Recv().Await(ctx)
	}
	return future.Await(ctx, future.Future[int](r.Receiver.Recv()))
}

func (r tableReceiver) RecvMany(ctx context.Context, buf []int) (int, error) {
	if !r.polled {
		return r.Receiver.RecvMany(buf).Await(ctx)
	}
	return future.Await(ctx, future.Future[int](r.Receiver.RecvMany(buf)))
}
