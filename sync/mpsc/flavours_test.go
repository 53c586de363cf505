package mpsc_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// sender is what both kinds of sender can do. For the unbounded one, which never
// waits, the waiting forms are the plain ones.
type sender interface {
	Send(v int) error
	TrySend(v int) error
	SendMany(vs []int) (int, error)
	SendTimeout(v int, d time.Duration) error
	SendDeadline(v int, t time.Time) error
	SendContext(ctx context.Context, v int) error
	SendManyContext(ctx context.Context, vs []int) (int, error)
	CloneSender() sender
	Drop()
	IsDisconnected() bool
	Done() <-chan struct{}
	String() string
}

type boundedSender struct{ *mpsc.SyncSender[int] }

func (s boundedSender) CloneSender() sender { return boundedSender{s.Clone()} }

type unboundedSender struct{ *mpsc.Sender[int] }

func (s unboundedSender) CloneSender() sender                        { return unboundedSender{s.Clone()} }
func (s unboundedSender) TrySend(v int) error                        { return s.Send(v) }
func (s unboundedSender) SendTimeout(v int, _ time.Duration) error   { return s.Send(v) }
func (s unboundedSender) SendDeadline(v int, _ time.Time) error      { return s.Send(v) }
func (s unboundedSender) SendContext(_ context.Context, v int) error { return s.Send(v) }
func (s unboundedSender) SendManyContext(_ context.Context, vs []int) (int, error) {
	return s.SendMany(vs)
}

// flavour is a kind of channel with a block length.
type flavour struct {
	bound int // unbounded, or the bound
	slots int
}

func (f flavour) String() string { return fmt.Sprintf("%s,slots=%d", boundName(f.bound), f.slots) }

// buffers reports whether the flavour has room for n messages.
func (f flavour) buffers(n int) bool { return f.bound == unbounded || f.bound >= n }

func (f flavour) open(t *testing.T) (sender, *mpsc.Receiver[int]) {
	t.Helper()
	defer mpsc.SetBlockSlots(f.slots)()
	if f.bound == unbounded {
		tx, rx := mpsc.Channel[int]()
		return unboundedSender{tx}, rx
	}
	tx, rx := mpsc.SyncChannel[int](f.bound)
	return boundedSender{tx}, rx
}

// forEachFlavour runs a check on all flavours, with the default block length and
// with one so short that nearly every message crosses a boundary.
func forEachFlavour(t *testing.T, check func(t *testing.T, f flavour)) {
	for _, bound := range []int{unbounded, 0, 1, 2, 7, 128} {
		for _, slots := range []int{0, 1, 2} {
			f := flavour{bound, slots}
			t.Run(f.String(), func(t *testing.T) { check(t, f) })
		}
	}
}

// assertRefused checks that a send failed for a reason and gave its value back. It
// may be called from any goroutine.
func assertRefused(t *testing.T, v int, reason, err error) {
	t.Helper()
	assert.ErrorIs(t, err, reason)
	failed, ok := errors.AsType[*mpsc.SendError[int]](err)
	if assert.True(t, ok, "%T carries no value", err) {
		assert.Equal(t, v, failed.Value)
	}
}
