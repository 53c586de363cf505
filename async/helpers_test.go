package async_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

const unbounded = -1

func open[T any](capacity int) (*async.Sender[T], *async.Receiver[T]) {
	if capacity == unbounded {
		return async.Unbounded[T]()
	}
	return async.Bounded[T](capacity)
}

// flavour is a kind of channel with a block length.
type flavour struct {
	capacity int // unbounded, or the capacity
	slots    int
}

func (f flavour) String() string {
	return fmt.Sprintf("%s,slots=%d", capacityName(f.capacity), f.slots)
}

func capacityName(capacity int) string {
	if capacity == unbounded {
		return "cap=none"
	}
	return fmt.Sprintf("cap=%d", capacity)
}

// buffers reports whether the flavour has room for n messages.
func (f flavour) buffers(n int) bool { return f.capacity == unbounded || f.capacity >= n }

func (f flavour) open() (*async.Sender[int], *async.Receiver[int]) {
	defer async.SetBlockSlots(f.slots)()
	return open[int](f.capacity)
}

// forEachFlavour runs a check on all flavours, with the default block length and with
// one so short that nearly every message crosses a boundary.
func forEachFlavour(t *testing.T, check func(t *testing.T, f flavour)) {
	for _, capacity := range []int{unbounded, 0, 1, 2, 7, 128} {
		for _, slots := range []int{0, 1, 2} {
			f := flavour{capacity, slots}
			t.Run(f.String(), func(t *testing.T) { check(t, f) })
		}
	}
}

// forEachBuffer is forEachFlavour without the rendezvous.
func forEachBuffer(t *testing.T, check func(t *testing.T, f flavour)) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.capacity != 0 {
			check(t, f)
		}
	})
}

// assertRefused checks that a send failed for a reason and gave its value back. It may
// be called from any goroutine.
func assertRefused(t *testing.T, v int, reason, err error) {
	t.Helper()
	assert.ErrorIs(t, err, reason)
	failed, ok := errors.AsType[*async.SendError[int]](err)
	if assert.True(t, ok, "%T carries no value", err) {
		assert.Equal(t, v, failed.Value)
	}
}

// counter is a waker that counts.
type counter struct{ n atomic.Int32 }

func (c *counter) Wake() { c.n.Add(1) }

func (c *counter) count() int { return int(c.n.Load()) }

func newCx() (*future.Context, *counter) {
	c := new(counter)
	return future.NewContext(context.Background(), c), c
}

// assertPending polls a future that must not be ready, and returns its waker.
func assertPending[T any](t *testing.T, f future.Future[T]) *counter {
	t.Helper()
	cx, woken := newCx()
	_, ready, err := f.Poll(cx)
	require.False(t, ready, "%v", err)
	return woken
}

// poll polls a future that must be ready.
func poll[T any](t *testing.T, f future.Future[T]) (T, error) {
	t.Helper()
	cx, _ := newCx()
	v, ready, err := f.Poll(cx)
	require.True(t, ready)
	return v, err
}

// fill takes all the room there is, with messages 0, 1, ...
func fill(t *testing.T, tx *async.Sender[int]) (n int) {
	t.Helper()
	for n, bounded := tx.Capacity(); bounded && tx.Len() < n; {
		require.NoError(t, tx.TrySend(tx.Len()))
	}
	return tx.Len()
}
