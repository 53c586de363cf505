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

// A Drop settles what its handle waits for, wherever that stands, and nothing else.
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
			waits[i].Init(h)
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

// A handle knows how many of its waiters may stand in a line, so that the Drop of one that
// waits for nothing does not look at those of others. Waiters that are kept for the next
// wait, and more than are kept, are not among them.
func TestAHandleKnowsHowManyOfItsWaitersAreInUse(t *testing.T) {
	c, tx, rx := many[int](1)
	var wake wakeups[int]
	first, second := c.sleeper(rx), c.sleeper(rx)
	require.EqualValues(t, 2, rx.waits.Load())
	rx.recycle(first)
	rx.recycle(second)
	c.receivers.Push(&c.sleeper(rx).waiter)
	require.EqualValues(t, 2, rx.waits.Load(), "it was used again")
	c.leave(rx, &wake, &c.senders, &c.receivers)
	require.True(t, c.receivers.Empty())

	sleepers := make([]*Sleeper[int], maxIdle+10)
	for i := range sleepers {
		sleepers[i] = c.sleeper(tx)
	}
	for _, s := range sleepers {
		tx.recycle(s)
	}
	require.EqualValues(t, maxIdle, tx.waits.Load())
}

// A goroutine that was told of a message, and whose handle is dropped before it looks,
// tells the next in line.
func TestAParkedReceiveThatWasToldAndLosesItsHandlePassesItOn(t *testing.T) {
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

		w := c.list.Head.Lock() // nobody can look now
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
	_, _ = c.Ready(other, nil)
	require.False(t, c.observers.Empty())
	drop := r.Replace() // as when other is collected
	require.NotNil(t, drop)
	drop()
	assert.True(t, c.observers.Empty())
	_, receivers := c.Counts()
	assert.Equal(t, 1, receivers)
	leak.Forget(other)
}
