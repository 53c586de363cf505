package channel

import (
	"testing"
	"testing/synctest"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/leak"
	"github.com/handoff-go/handoff/internal/waitq"
)

// queued returns how many wait in the line of receivers.
func (c *Chan[T]) queued() (n int) {
	for w := c.receivers.First(); w != nil; w = c.receivers.Next(w) {
		n++
	}
	return n
}

// A Drop dequeues the waiters of its handle, in every queue, and no others.
func TestADropSettlesTheWaitsOfItsHandleAlone(t *testing.T) {
	for _, mine := range [][]int{{}, {0}, {9}, {4}, {5}, {0, 9}, {3, 4, 5, 6}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		c, tx, rx := many[int](1)
		var other Handle[int]
		c.CloneReceiver(rx, &other)
		var waits [10]Polled[int]
		want := make([]waitq.Signal, len(waits))
		for _, i := range mine {
			want[i] = waitq.Dropped
		}
		var b bell
		for i := range waits {
			h := &other
			if want[i] == waitq.Dropped {
				h = rx
			}
			waits[i].Init()
			_, ready, _ := c.PollRecv(h, &waits[i], &b)
			require.False(t, ready)
		}
		c.DropReceiver(rx)
		require.Equal(t, len(mine), b.n)
		for i := range waits {
			require.Equal(t, want[i], waits[i].Signal())
		}
		require.Equal(t, len(waits)-len(mine), c.queued())
		c.DropReceiver(&other)
		c.DropSender(tx)
	}
}

// ring returns how many waiters h knows, and checks the links between them.
func (h *Handle[T]) ring(t *testing.T) (n int) {
	t.Helper()
	for w := h.waiters; w != nil; {
		n++
		require.Same(t, w, w.Value.sibling.Value.elder)
		if w = w.Value.sibling; w == h.waiters {
			break
		}
	}
	return n
}

// A handle knows the waiters that are queued through it, so that its Drop looks at no others.
// Those that are over are forgotten, whether or not Forget is called for them.
func TestAHandleKnowsItsQueuedWaitersAndForgetsTheOthers(t *testing.T) {
	c, tx, rx := many[int](Unlimited)
	defer c.DropSender(tx)
	var b bell
	poll := func() *Polled[int] {
		p := new(Polled[int])
		p.Init()
		_, ready, err := c.PollRecv(rx, p, &b)
		require.NoError(t, err)
		require.False(t, ready)
		return p
	}
	const n = 100
	for range n {
		poll()
	}
	require.Equal(t, n, rx.ring(t))
	require.Equal(t, n, c.queued())
	for range n { // each is woken, and neither polled nor dropped
		c.Push(1)
		require.NoError(t, c.TrySend(tx, 1))
	}
	require.Zero(t, c.queued())
	for range n {
		_, err := c.receive(rx, nil)
		require.NoError(t, err)
	}
	for range 10 * n {
		p := poll()
		c.EndRecv(p)
		c.Forget(rx, p)
	}
	require.Zero(t, rx.ring(t))
	last := poll()
	require.Equal(t, 1, rx.ring(t))
	c.DropReceiver(rx)
	require.Zero(t, rx.ring(t))
	require.Equal(t, waitq.Dropped, last.Signal())
}

// A goroutine that was notified of a message, and whose handle is dropped before it looks,
// notifies the next waiter.
func TestAParkedReceiveThatWasNotifiedAndLosesItsHandlePassesItOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, tx, told := many[int](Unlimited)
		next := new(Handle[int])
		c.CloneReceiver(told, next)
		failed, got := make(chan error, 1), make(chan int, 1)
		go func() {
			_, err := c.receive(told, nil)
			failed <- err
		}()
		synctest.Wait()
		go func() {
			v, err := c.receive(next, nil)
			assert.NoError(t, err)
			got <- v
		}()
		synctest.Wait()

		w := c.list.Head.Lock() // no other receiver can take it now
		n, err := c.SendMany(tx, []int{7}, nil)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		told.State.Store(0) // as its Drop does it
		c.list.Head.Unlock(w)

		require.ErrorIs(t, <-failed, errs.ErrDropped)
		require.Equal(t, 7, <-got)
	})
}

// What a collected handle left in a line does not stay there for as long as the channel
// lives.
func TestTheGhostOfAHandleLeavesNothingInALine(t *testing.T) {
	c, _, rx := many[int](1)
	other := new(Handle[int])
	c.CloneReceiver(rx, other)
	r := &record[int]{c: weak.Make(c)}
	c.track(other, rx, "", r)
	_ = c.Ready(other)
	require.False(t, c.observers.Empty())
	drop := r.Replace() // as when other is collected
	require.NotNil(t, drop)
	drop()
	assert.True(t, c.observers.Empty())
	_, receivers := c.Counts()
	assert.Equal(t, 1, receivers)
	leak.Forget(other)
}
