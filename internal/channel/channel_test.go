package channel

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/waitq"
)

// Package mpsc tests this core through its face. Here stands what that cannot see:
// several receivers, and what is left behind.

func many[T any](limit uint64) (c *Chan[T], tx, rx *Handle[T]) {
	tx, rx = new(Handle[T]), new(Handle[T])
	return New[T](Options{Limit: limit, BlockSlots: 2}, tx, rx), tx, rx
}

func (c *Chan[T]) receive(h *Handle[T], limit *waitq.Limit) (T, error) {
	var v T
	if c.Pop(&v) {
		c.Freed()
		return v, nil
	}
	return c.Recv(h, limit)
}

func (c *Chan[T]) send(h *Handle[T], v T) error {
	if c.Push(v) {
		return nil
	}
	return c.Send(h, v, nil)
}

func TestSeveralReceiversShareWithoutLossOrDuplicate(t *testing.T) {
	const producers, consumers, each = 4, 4, 2000
	for _, limit := range []uint64{0, 1, 2, 7, Unlimited} {
		c, tx, rx := many[int](limit)
		var wg, sending sync.WaitGroup
		got := make([][]int, consumers)
		for i := range consumers {
			wg.Go(func() {
				limit := waitq.For(time.Hour, errs.ErrTimeout)
				for {
					var v int
					var err error
					if i%2 == 0 {
						v, err = c.receive(rx, nil)
					} else {
						v, err = c.receive(rx, &limit)
					}
					if err != nil {
						assert.ErrorIs(t, err, errs.ErrDisconnected)
						return
					}
					got[i] = append(got[i], v)
				}
			})
		}
		for p := range producers {
			sending.Go(func() {
				for i := range each {
					assert.NoError(t, c.send(tx, p*each+i))
				}
			})
		}
		sending.Wait()
		c.DropSender(tx)
		wg.Wait()
		seen := make(map[int]bool)
		for _, vs := range got {
			for _, v := range vs {
				require.False(t, seen[v], v)
				seen[v] = true
			}
		}
		require.Len(t, seen, producers*each)
	}
}

func TestParkedReceiversAreServedInOrder(t *testing.T) {
	for _, limit := range []uint64{0, 1, 7, Unlimited} {
		synctest.Test(t, func(t *testing.T) {
			c, tx, rx := many[int](limit)
			var order []int
			for i := range 4 {
				go func() {
					v, err := c.receive(rx, nil)
					assert.NoError(t, err)
					assert.Equal(t, i, v)
					order = append(order, i)
				}()
				synctest.Wait()
			}
			for i := range 4 {
				require.NoError(t, c.send(tx, i))
				synctest.Wait()
			}
			require.Equal(t, []int{0, 1, 2, 3}, order)
		})
	}
}

// A timeout that fires while a notification is on its way, whose message another
// else takes first, is still a timeout and not a wait for ever.
func TestATimeoutEndsAWaitWhoseNotificationCameToNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, tx, rx := many[int](7)
		limit := waitq.For(time.Second, errs.ErrTimeout)
		done := make(chan error, 1)
		go func() {
			_, err := c.receive(rx, &limit)
			done <- err
		}()
		synctest.Wait()
		var wake wakeups[int]
		tail := c.list.Tail.Lock()
		c.receivers.Dequeue(c.receivers.First(), waitq.Notified, &wake)
		c.list.Tail.Unlock(c.queueFlags(tail))
		time.Sleep(2 * time.Second) // the timer fires between Dequeue and Wake
		synctest.Wait()
		wake.Wake()
		synctest.Wait()
		select {
		case err := <-done:
			require.ErrorIs(t, err, errs.ErrTimeout)
		default:
			assert.Fail(t, "waits for ever")
			c.DropReceiver(rx)
		}
		c.DropSender(tx)
	})
}

// What a wait leaves in its handle: sleepers without values, and not too many.
func TestIdleSleepersAreBoundedAndEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, tx, rx := many[*int](0)
		for range 3 * maxIdle {
			go func() { assert.NoError(t, c.send(tx, new(int))) }()
		}
		synctest.Wait()
		for range 3 * maxIdle {
			_, err := c.receive(rx, nil)
			require.NoError(t, err)
		}
		synctest.Wait()
		n := 0
		for s := tx.kept.Load().sleepers.Load(); s != nil; s = s.next {
			n++
			require.Nil(t, s.buf)
			require.Nil(t, s.Value.rest)
			require.True(t, s.before.Empty())
		}
		require.Positive(t, n)
		require.LessOrEqual(t, n, maxIdle)
	})
}

// The flags of the tail word say which wait queues have waiters, after any sequence of waits.
func TestFlagsMirrorTheQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, tx, rx := many[int](1)
		flags := func(want bool, flag string) {
			t.Helper()
			synctest.Wait()
			w := c.list.Tail.Load()
			require.False(t, w.Locked())
			require.Equal(t, !c.senders.Empty(), w.Has(sending))
			require.Equal(t, !c.unattended(), w.Has(recving))
			switch flag {
			case "sending":
				require.Equal(t, want, w.Has(sending))
			case "recving":
				require.Equal(t, want, w.Has(recving))
			}
		}
		flags(false, "sending")
		go func() { _, _ = c.receive(rx, nil) }()
		flags(true, "recving")
		require.NoError(t, c.send(tx, 1))
		flags(false, "recving")
		_, ready := c.ready(rx, nil)
		flags(true, "recving") // an observer
		require.NoError(t, c.send(tx, 2))
		flags(false, "recving")
		require.True(t, ready.woken.Load())
		go func() { _ = c.send(tx, 3) }()
		flags(true, "sending")
		_, err := c.receive(rx, nil)
		require.NoError(t, err)
		flags(false, "sending")
		go func() { _ = c.send(tx, 4) }()
		flags(true, "sending")
		c.DropReceiver(rx)
		flags(false, "sending")
		c.DropSender(tx)
	})
}

// bell is a waker that counts.
type bell struct{ n int }

func (b *bell) Wake() { b.n++ }

// What polled waiters and reservations leave behind when all of them have ended: nothing in
// the lines, no flags, no slot that is missing.
func TestPolledWaitersLeaveNothingBehind(t *testing.T) {
	c, tx, rx := many[int](2)
	var recv, send, slots, ready, watch Polled[int]
	var b bell
	for _, p := range []*Polled[int]{&send, &slots, &watch} {
		p.Init()
	}
	recv.Init()
	ready.Init()
	clean := func() {
		t.Helper()
		w := c.list.Tail.Load()
		require.False(t, w.Locked())
		require.False(t, w.Has(sending|recving))
		require.True(t, c.senders.Empty())
		require.True(t, c.unattended())
		require.True(t, c.watchers.Empty())
		require.Zero(t, c.list.Reserved())
		for _, p := range []*Polled[int]{&recv, &send, &slots, &ready, &watch} {
			require.True(t, p.Idle())
		}
	}
	clean()
	_, got, _ := c.PollRecv(rx, &recv, &b)
	require.False(t, got)
	require.True(t, c.list.Tail.Load().Has(recving))
	something, _ := c.PollReady(rx, &ready, &b)
	require.False(t, something)
	closed, _ := c.PollClosed(tx, &watch, &b)
	require.False(t, closed)
	require.False(t, recv.Idle())
	c.EndRecv(&recv)
	c.EndReady(&ready)
	c.EndClosed(&watch)
	clean()
	require.Zero(t, b.n)

	require.NoError(t, c.TryReserve(tx, 2))
	send.Carry(7, nil)
	_, sent, _ := c.PollSend(tx, &send, &b)
	require.False(t, sent)
	granted, _ := c.PollReserve(tx, &slots, &b, 2)
	require.False(t, granted)
	require.True(t, c.list.Tail.Load().Has(sending))
	require.NotZero(t, c.offers.Load())
	c.Release(2)
	require.Equal(t, 1, b.n, "the send was served, the reservation needs both slots")
	n, all := c.EndSend(&send)
	require.Equal(t, 1, n)
	require.True(t, all)
	send.Clear()
	v, err := c.receive(rx, nil)
	require.NoError(t, err)
	require.Equal(t, 7, v)
	require.Equal(t, 2, b.n)
	require.Equal(t, 2, c.list.Reserved())
	c.EndReserve(&slots)
	clean()
	require.Zero(t, c.offers.Load())
	require.Equal(t, 2, c.Room())
	c.DropSender(tx)
	c.DropReceiver(rx)
	clean()
}
