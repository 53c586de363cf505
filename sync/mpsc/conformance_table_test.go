package mpsc_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/testkit/conformance"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// The table that package async runs too, also with everything recorded: to observe changes
// nothing.
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
	forEachFlavour(t, func(t *testing.T, f flavour) {
		conformance.Run(t, conformance.Subject{
			Capacity: f.bound,
			Open: func() (conformance.Sender, conformance.Receiver) {
				tx, rx := f.open(t)
				return tableSender{tx}, tableReceiver{rx}
			},
			Value: func(err error) (int, bool) {
				failed, ok := errors.AsType[*mpsc.SendError[int]](err)
				if !ok {
					return 0, false
				}
				return failed.Value, true
			},
		})
	})
}

type tableSender struct{ sender }

func (s tableSender) Clone() conformance.Sender { return tableSender{s.CloneSender()} }

func (s tableSender) Send(ctx context.Context, v int) error { return s.SendContext(ctx, v) }

func (s tableSender) SendMany(ctx context.Context, vs []int) (int, error) {
	return s.SendManyContext(ctx, vs)
}

type tableReceiver struct{ *mpsc.Receiver[int] }

func (r tableReceiver) Recv(ctx context.Context) (int, error) { return r.RecvContext(ctx) }

func (r tableReceiver) RecvMany(ctx context.Context, buf []int) (int, error) {
	return r.RecvManyContext(ctx, buf)
}
