package leaks_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/leaks"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// within is how long the wait for a collected handle may take.
const within = 30 * time.Second

// collecting runs wait, which ends when a handle is collected, and forces collections until it returns.
func collecting(t *testing.T, wait func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		wait()
	}()
	require.True(t, collectUntil(func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	}), "the wait did not end")
}

func TestAReceiverLearnsThatTheLastSenderWasCollected(t *testing.T) {
	assertLeaks(t, found(func() {
		tx, rx := mpsc.Channel[int]()
		require.NoError(t, tx.Send(1))
		collecting(t, func() {
			defer rx.Drop()
			v, err := rx.Recv()
			assert.NoError(t, err)
			assert.Equal(t, 1, v)
			_, err = rx.Recv()
			assert.ErrorIs(t, err, mpsc.ErrDisconnected)
		})
	}), "mpsc.Sender[int]")
	assertLeaks(t, found(func() {
		_, rx := async.Bounded[int](1)
		collecting(t, func() {
			defer rx.Drop()
			_, err := rx.Recv().Await(context.Background())
			assert.ErrorIs(t, err, async.ErrClosed)
		})
	}), "async.Sender[int]")
}

func TestABlockedSenderGetsItsValueBackWhenTheReceiverIsCollected(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	assertLeaks(t, found(func() {
		tx, _ := mpsc.SyncChannel[int](0)
		collecting(t, func() {
			defer tx.Drop()
			var failed *mpsc.SendError[int]
			err := tx.SendContext(ctx, 7)
			assert.ErrorIs(t, err, mpsc.ErrDisconnected)
			assert.ErrorAs(t, err, &failed)
			assert.Equal(t, 7, failed.Value)
		})
	}), "mpsc.Receiver[int]")
	assertLeaks(t, found(func() {
		tx, _ := async.Bounded[int](1)
		require.NoError(t, tx.TrySend(1))
		collecting(t, func() {
			defer tx.Drop()
			f := tx.Send(7)
			assert.ErrorIs(t, f.Await(ctx), async.ErrClosed)
			v, ok := f.Unsent()
			assert.True(t, ok)
			assert.Equal(t, 7, v)
		})
	}), "async.Receiver[int]")
}

func TestAChannelEndsOnlyWithItsLastHandle(t *testing.T) {
	tx, rx := async.Bounded[int](1)
	defer rx.Drop()
	defer tx.Drop()
	assertLeaks(t, found(func() { tx.Clone() }), "async.Sender[int]")
	assert.Equal(t, 1, rx.SenderCount())
	assert.False(t, rx.IsClosed())
}

// The slot of a collected permit is free for other senders.
func TestTheSlotsOfACollectedPermitAreFreeAgain(t *testing.T) {
	ctx := context.Background()
	assertLeaks(t, found(func() {
		tx, rx := async.Bounded[int](4)
		defer rx.Drop()
		func() {
			tx.TryReserve()
			many, _ := tx.TryReserveMany(3)
			many.Send(1)
		}()
		collecting(t, func() {
			p, err := tx.ReserveMany(3).Await(ctx)
			assert.NoError(t, err)
			p.Drop()
		})
		assert.Equal(t, 3, tx.Available())
		tx.Drop()
		assert.Len(t, drain(rx), 1, "and the channel has its end")
	}), "async.Permit[int]", "async.Permits[int]")
}

func drain(rx *async.Receiver[int]) (all []int) {
	for {
		v, err := rx.RecvBlocking()
		if err != nil {
			return all
		}
		all = append(all, v)
	}
}

// call is a send of 1 and a receive that wait.
type call struct {
	send func(ctx context.Context, tx *async.Sender[int]) error
	recv func(ctx context.Context, rx *async.Receiver[int]) (int, error)
}

var awaits = call{
	func(ctx context.Context, tx *async.Sender[int]) error { return tx.Send(1).Await(ctx) },
	func(ctx context.Context, rx *async.Receiver[int]) (int, error) { return rx.Recv().Await(ctx) },
}

var many = call{
	func(ctx context.Context, tx *async.Sender[int]) error {
		_, err := tx.SendMany([]int{1}).Await(ctx)
		return err
	},
	func(ctx context.Context, rx *async.Receiver[int]) (int, error) {
		buf := make([]int, 1)
		_, err := rx.RecvMany(buf).Await(ctx)
		return buf[0], err
	},
}

// polled awaits futures that are not the channel's own.
var polled = call{
	func(ctx context.Context, tx *async.Sender[int]) error {
		_, err := future.Await(ctx, tx.Send(1))
		return err
	},
	func(ctx context.Context, rx *async.Receiver[int]) (int, error) { return future.Await(ctx, rx.Recv()) },
}

// The liveness of a variable ends with its last use, which may be a call that waits.
func TestAHandleIsNotCollectedWhileACallOnItWaits(t *testing.T) {
	calls := map[string]struct {
		call

		ends bool // its context can end
	}{
		"blocking": {call: call{
			func(_ context.Context, tx *async.Sender[int]) error { return tx.SendBlocking(1) },
			func(_ context.Context, rx *async.Receiver[int]) (int, error) { return rx.RecvBlocking() },
		}},
		"await":                  {call: awaits},
		"await that can end":     {call: awaits, ends: true},
		"await of several":       {call: many},
		"await of a polled":      {call: polled, ends: true},
		"await of several, ends": {call: many, ends: true},
	}
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			assertLeaks(t, found(func() {
				synctest.Test(t, func(t *testing.T) {
					tx, rx := async.Bounded[int](0)
					other := tx.Clone()
					before := leaks.Count()
					ctx := context.Background()
					if c.ends {
						ctx = t.Context()
					}
					go func() { assert.NoError(t, c.send(ctx, tx)) }()
					synctest.Wait()
					collect()
					assert.Equal(t, before, leaks.Count(), "the sender")
					_, err := rx.RecvBlocking()
					require.NoError(t, err)

					go func() {
						v, err := c.recv(ctx, rx)
						assert.NoError(t, err)
						assert.Equal(t, 2, v)
					}()
					synctest.Wait()
					assert.True(t, collectUntil(func() bool { return leaks.Count() > before }), "the sender, which is garbage by now")
					collect()
					assert.Equal(t, before+1, leaks.Count(), "the receiver")
					require.NoError(t, other.SendBlocking(2))
					other.Drop()
				})
			}), "async.Sender[int]", "async.Receiver[int]")
		})
	}
}

// A receiver that stood in a native select is a waiter of its channel for ever after, and
// must not be kept by that.
func TestAReceiverThatLeftASelectIsFoundWhileItsSenderLives(t *testing.T) {
	assertLeaks(t, found(func() {
		tx, rx := mpsc.SyncChannel[int](0)
		select {
		case <-rx.Ready():
		default:
		}
		collecting(t, func() {
			defer tx.Drop()
			assert.ErrorIs(t, tx.Send(1), mpsc.ErrDisconnected)
		})
	}), "mpsc.Receiver[int]")
	assertLeaks(t, found(func() {
		tx, rx := async.Bounded[int](1)
		rx.Ready()
		collecting(t, func() {
			defer tx.Drop()
			<-tx.Done()
		})
	}), "async.Receiver[int]")
}

// The waiters of a tracked handle find their owner in another way.
func TestADropEndsTheWaitsOfATrackedHandleAndOfNoOther(t *testing.T) {
	defer leaks.Track()()
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Bounded[int](0)
		other := tx.Clone()
		for range 3 {
			go func() { assert.ErrorIs(t, tx.SendBlocking(1), async.ErrDropped) }()
		}
		go func() { assert.NoError(t, other.SendBlocking(2)) }()
		synctest.Wait()
		tx.Drop()
		synctest.Wait()
		v, err := rx.TryRecv()
		require.NoError(t, err)
		assert.Equal(t, 2, v)
		rx.Drop()
		other.Drop()
	})
}
