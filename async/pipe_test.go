package async_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

func double(_ context.Context, v int) (int, error) { return 2 * v, nil }

func TestPipePassesEverythingOnInOrder(t *testing.T) {
	for _, in := range []int{unbounded, 1, 7} {
		for _, out := range []int{unbounded, 0, 1, 7} {
			rt, err := task.New(task.WithWorkers(2))
			require.NoError(t, err)
			ctx := rt.Context(context.Background())
			tx, prx := open[int](in)
			ptx, rx := open[int](out)
			h := task.SpawnFuture(ctx, async.Pipe(prx, ptx, double))
			go func() {
				for i := range 1000 {
					assert.NoError(t, tx.SendBlocking(i))
				}
				tx.Drop()
			}()
			next := 0
			for v := range rx.All(t.Context()) {
				require.Equal(t, 2*next, v)
				next++
			}
			require.Equal(t, 1000, next)
			_, err = h.Await(t.Context())
			require.NoError(t, err)
			require.NoError(t, rt.Shutdown(context.Background()))
		}
	}
}

func TestAnIdlePipeHoldsNoSlotAndABlockedOneNoMessage(t *testing.T) {
	tx, prx := async.Unbounded[int]()
	ptx, rx := async.Bounded[int](1)
	own := ptx.Clone()
	other := prx.Clone()
	pipe := async.Pipe(prx, ptx, double)
	woken := assertPending(t, pipe)
	require.Equal(t, 1, own.Available(), "idle")
	require.NoError(t, own.TrySend(-1))
	require.NoError(t, tx.TrySend(1))
	require.Equal(t, 1, woken.count())
	woken = assertPending(t, pipe)
	require.Equal(t, 1, other.Len(), "blocked")

	// Another receiver is faster.
	v, err := poll(t, other.Recv())
	require.NoError(t, err)
	require.Equal(t, 1, v)
	v, err = rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, -1, v)
	require.Equal(t, 1, woken.count())
	woken = assertPending(t, pipe)
	require.Equal(t, 1, own.Available(), "it gave the slot back")

	require.NoError(t, tx.TrySend(2))
	require.Equal(t, 1, woken.count())
	assertPending(t, pipe)
	v, err = rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 4, v)

	// Dropped while it is blocked: the message stays.
	require.NoError(t, own.TrySend(-1))
	require.NoError(t, tx.TrySend(3))
	woken = assertPending(t, pipe)
	pipe.Drop()
	require.Zero(t, woken.count())
	v, err = other.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 3, v)
	own.Drop()
	require.True(t, rx.IsClosed(), "it owns the sender")
}

// A Pipe that was notified and finds no slot passes the notification on.
func TestAPipeThatFindsNoSlotNotifiesTheNextReceiver(t *testing.T) {
	tx, prx := async.Unbounded[int]()
	ptx, _ := async.Bounded[int](1)
	require.NoError(t, ptx.TrySend(-1))
	other := prx.Clone().Recv()
	pipe := async.Pipe(prx, ptx, double)
	first := assertPending(t, pipe)
	next := assertPending(t, other)
	require.NoError(t, tx.TrySend(1))
	require.Equal(t, 1, first.count())
	require.Zero(t, next.count(), "one message wakes one consumer")
	assertPending(t, pipe)
	require.Equal(t, 1, next.count(), "the pipe found no slot")
	v, err := poll(t, other)
	require.NoError(t, err)
	require.Equal(t, 1, v)
}

// So does one that is dropped between its notification and its poll.
func TestAPipeThatWasNotifiedAndIsDroppedNotifiesTheNextReceiver(t *testing.T) {
	for _, capacity := range []int{0, 1} {
		tx, prx := async.Unbounded[int]()
		ptx, _ := async.Bounded[int](capacity)
		other := prx.Clone().Recv()
		pipe := async.Pipe(prx, ptx, double)
		assertPending(t, pipe)
		next := assertPending(t, other)
		require.NoError(t, tx.TrySend(1))
		pipe.Drop()
		require.Equal(t, 1, next.count())
	}
}

func TestAPipeEndsWithEitherSide(t *testing.T) {
	for _, capacity := range []int{unbounded, 0, 1} {
		make_ := func(fn func(context.Context, int) (int, error)) (*async.Sender[int], *async.Receiver[int], func() error, *counter) {
			tx, prx := async.Unbounded[int]()
			ptx, rx := open[int](capacity)
			pipe := async.Pipe(prx, ptx, fn)
			woken := assertPending(t, pipe)
			return tx, rx, func() error {
				_, err := poll(t, pipe)
				require.True(t, tx.IsClosed())
				require.True(t, rx.IsClosed())
				return err
			}, woken
		}
		tx, _, end, woken := make_(double)
		tx.Drop()
		require.Equal(t, 1, woken.count())
		require.NoError(t, end())

		tx, _, end, woken = make_(double)
		tx.CloseCause(errBoom)
		require.Equal(t, 1, woken.count())
		require.Equal(t, errBoom, end())

		_, rx, end, woken := make_(double)
		rx.Drop()
		require.Equal(t, 1, woken.count(), "though it was idle")
		require.ErrorIs(t, end(), async.ErrClosed)

		_, rx, end, woken = make_(double)
		rx.CloseCause(errBoom)
		require.Equal(t, 1, woken.count())
		require.ErrorIs(t, end(), errBoom)

		tx, rx, end, _ = make_(func(context.Context, int) (int, error) { return 0, errBoom })
		require.NoError(t, tx.TrySend(1))
		require.ErrorIs(t, end(), errBoom)
		_, err := rx.TryRecv()
		require.ErrorIs(t, err, async.ErrClosed, "no slot stays reserved")

	}
}

func TestAPipeThatPanicsLetsGoOfEverything(t *testing.T) {
	tx, prx := async.Unbounded[int]()
	ptx, rx := async.Bounded[int](1)
	pipe := async.Pipe(prx, ptx, func(context.Context, int) (int, error) { panic("boom") })
	require.NoError(t, tx.TrySend(1))
	cx, _ := newCx()
	assert.PanicsWithValue(t, "boom", func() { _, _, _ = pipe.Poll(cx) })
	assert.True(t, tx.IsClosed())
	_, err := rx.TryRecv()
	assert.ErrorIs(t, err, async.ErrClosed)
}

// A message and the end of the other side are two reasons to poll and one wake.
func TestTwoReasonsToPollAPipeAreOneWake(t *testing.T) {
	tx, prx := async.Unbounded[int]()
	ptx, rx := async.Unbounded[int]()
	pipe := async.Pipe(prx, ptx, double)
	woken := assertPending(t, pipe)
	require.NoError(t, tx.TrySend(1))
	rx.Drop()
	require.Equal(t, 1, woken.count())
	_, err := poll(t, pipe)
	require.ErrorIs(t, err, async.ErrClosed)
}

func TestAChainOfAThousandPipes(t *testing.T) {
	const stages = 1000
	for _, capacity := range []int{1, 0, unbounded} {
		rt, err := task.New(task.WithWorkers(2))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		before := runtime.NumGoroutine()
		tx, last := open[int](capacity)
		for range stages {
			ptx, rx := open[int](capacity)
			task.SpawnFuture(ctx, async.Pipe(last, ptx, func(_ context.Context, v int) (int, error) { return v + 1, nil })).Drop()
			last = rx
		}
		messages := testsize.Scaled(100)
		go func() {
			for i := range messages {
				assert.NoError(t, tx.SendBlocking(i))
			}
			tx.Drop()
		}()
		next := 0
		for v := range last.All(t.Context()) {
			require.Equal(t, next+stages, v)
			next++
		}
		require.Equal(t, messages, next)
		assert.Less(t, runtime.NumGoroutine()-before, 20, "no goroutine for each stage")
		require.NoError(t, rt.Shutdown(context.Background()))
	}
}
