package async_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// blockedPipe returns a Pipe that waits for room in out, with the message 1 in its input
// or, at capacity 0, in its hands. other receives from its input too.
func blockedPipe(t *testing.T, capacity int) (in *async.Sender[int], own, other *async.Receiver[int], out *async.Receiver[int], pipe future.Future[struct{}], woken *counter) {
	t.Helper()
	in, own = async.Unbounded[int]()
	other = own.Clone()
	require.NoError(t, in.TrySend(1))
	tx, out := async.Bounded[int](capacity)
	for range capacity {
		require.NoError(t, tx.TrySend(0))
	}
	pipe = async.Pipe(own, tx, same)
	woken = assertPending(t, pipe)
	return in, own, other, out, pipe, woken
}

func TestAPipeTakesNothingOnceTheReceiversAreDropped(t *testing.T) {
	_, _, other, out, pipe, _ := blockedPipe(t, 1)
	_, err := out.TryRecv() // gives the Pipe its slot
	require.NoError(t, err)
	out.Drop()
	_, err = poll(t, pipe)
	require.ErrorIs(t, err, async.ErrClosed)
	v, err := other.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, v)
}

// What was promised before a Close is kept.
func TestAPipeUsesTheSlotItWasGivenBeforeAClose(t *testing.T) {
	_, _, _, out, pipe, _ := blockedPipe(t, 1)
	_, err := out.TryRecv()
	require.NoError(t, err)
	out.Close()
	_, err = poll(t, pipe)
	require.ErrorIs(t, err, async.ErrClosed)
	v, err := out.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, v)
	_, err = out.TryRecv()
	require.ErrorIs(t, err, async.ErrClosed)
}

func TestAPipeThatWaitsForASlotNoticesTheEndOfItsInput(t *testing.T) {
	in, _, other, out, pipe, woken := blockedPipe(t, 1)
	_, err := other.TryRecv()
	require.NoError(t, err)
	in.Drop()
	require.Equal(t, 1, woken.count())
	_, err = poll(t, pipe)
	require.NoError(t, err)
	_, err = out.TryRecv()
	require.NoError(t, err)
	_, err = out.TryRecv()
	require.ErrorIs(t, err, async.ErrClosed, "its sender is dropped and no slot reserved")

	// Closed, empty, and ended only when the last permit is home.
	in, _, other, _, pipe, woken = blockedPipe(t, 1)
	permit, err := in.TryReserve()
	require.NoError(t, err)
	_, err = other.TryRecv()
	require.NoError(t, err)
	in.Close()
	require.Equal(t, 1, woken.count())
	woken = assertPending(t, pipe)
	permit.Drop()
	require.Equal(t, 1, woken.count())
	_, err = poll(t, pipe)
	require.NoError(t, err)

	// Another receiver took the last message after the Close: with the slot at the latest.
	in, _, other, out, pipe, _ = blockedPipe(t, 1)
	in.Close()
	woken = assertPending(t, pipe)
	_, err = other.TryRecv()
	require.NoError(t, err)
	_, err = out.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, woken.count())
	_, err = poll(t, pipe)
	require.NoError(t, err)
}

func TestAPipeThatWaitsForRoomNoticesTheDropOfItsHandles(t *testing.T) {
	for _, capacity := range []int{0, 1} {
		_, own, other, _, pipe, woken := blockedPipe(t, capacity)
		own.Drop()
		require.Equal(t, 1, woken.count())
		_, err := poll(t, pipe)
		require.ErrorIs(t, err, async.ErrDropped)
		require.Equal(t, capacity, other.Len(), "it takes with it what it had received")
	}
}

// A closed input does not end a Pipe that has still to pass on what it received.
func TestAPipePassesOnWhatItHoldsWhenItsInputEnds(t *testing.T) {
	in, _, _, out, pipe, _ := blockedPipe(t, 0)
	in.Drop()
	woken := assertPending(t, pipe)
	v, err := out.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, v)
	require.Equal(t, 1, woken.count())
	_, err = poll(t, pipe)
	require.NoError(t, err)
}
