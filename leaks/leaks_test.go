package leaks_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/leaks"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// A queued waiter refers to its handle, and the handle's record must not refer to the wait queue.
func TestTheHandlesOfAForgottenFutureAreFoundWhenTheirChannelIsUnreachable(t *testing.T) {
	cx := future.NewContext(context.Background(), new(nobody))
	assertLeaks(t, found(func() {
		tx, rx := async.Bounded[int](0)
		tx.Send(1).Poll(cx)
		rx.Ready()
	}), "async.Sender[int]", "async.Receiver[int]")
	assertLeaks(t, found(func() {
		tx, rx := async.Bounded[int](1)
		async.ForEach(rx, func(context.Context, int) error { return nil }).Poll(cx)
		tx.Closed().Poll(cx)
	}), "async.Sender[int]", "async.Receiver[int]")
}

type nobody struct{}

func (*nobody) Wake() {}

// Each kind of handle that wants a Drop.
func TestAForgottenHandleIsReportedOnceWithWhereItWasMade(t *testing.T) {
	before := leaks.Count()
	assertLeaks(t, found(func() { mpsc.Channel[int]() }), "mpsc.Sender[int]", "mpsc.Receiver[int]")
	assertLeaks(t, found(func() { mpsc.SyncChannel[string](1) }), "mpsc.SyncSender[string]", "mpsc.Receiver[string]")
	assertLeaks(t, found(func() { async.Bounded[*int](1) }), "async.Sender[*int]", "async.Receiver[*int]")
	assertLeaks(t, found(func() { async.Unbounded[error]() }), "async.Sender[error]", "async.Receiver[error]")
	assert.EqualValues(t, 8, leaks.Count()-before)
	assert.Empty(t, found(func() {}), "reported once")
	assert.EqualValues(t, 8, leaks.Count()-before)
}

func TestAForgottenCloneIsReportedAndItsOriginalIsNot(t *testing.T) {
	assertLeaks(t, found(func() {
		tx, rx := mpsc.Channel[int]()
		tx.Clone()
		tx.Drop()
		rx.Drop()
	}), "mpsc.Sender[int]")
	assertLeaks(t, found(func() {
		tx, rx := mpsc.SyncChannel[int](1)
		tx.Clone()
		tx.Drop()
		rx.Drop()
	}), "mpsc.SyncSender[int]")
	assertLeaks(t, found(func() {
		tx, rx := async.Bounded[int](1)
		tx.Clone()
		rx.Clone()
		up, _ := tx.Downgrade().Upgrade()
		down, _ := rx.Downgrade().Upgrade()
		_, _ = up, down
		tx.Drop()
		rx.Drop()
	}), "async.Sender[int]", "async.Sender[int]", "async.Receiver[int]", "async.Receiver[int]")
}

func TestADroppedHandleIsNotReported(t *testing.T) {
	assert.Empty(t, found(func() {
		tx, rx := async.Bounded[int](4)
		clone := tx.Clone()
		weak := tx.Downgrade()
		up, _ := weak.Upgrade()
		for _, drop := range []func(){tx.Drop, clone.Drop, up.Drop, rx.Drop, rx.Drop} {
			drop()
		}
		tx.Clone().Clone() // dropped from the beginning
		rx.Clone()
		ptx, prx := mpsc.SyncChannel[int](4)
		ptx.Drop()
		ptx.Drop()
		ptx.Clone()
		prx.Drop()
	}))
}

func TestZeroAndWeakHandlesAreNotReported(t *testing.T) {
	assert.Empty(t, found(func() {
		new(async.Sender[int]).Clone()
		new(async.Receiver[int]).Clone()
		new(mpsc.Sender[int]).Clone().Drop()
		new(async.Permit[int]).Drop()
		new(async.Permits[int]).Drop()
		tx, rx := async.Bounded[int](4)
		tx.Downgrade()
		rx.Downgrade()
		tx.Drop()
		rx.Drop()
	}))
}

func TestAHandleInUseIsNotReported(t *testing.T) {
	var tx *mpsc.Sender[int]
	var rx *mpsc.Receiver[int]
	assert.Empty(t, found(func() { tx, rx = mpsc.Channel[int]() }))
	require.NoError(t, tx.Send(1))
	_, err := rx.Recv()
	require.NoError(t, err)
	tx.Drop()
	rx.Drop()
}

func TestAForgottenPermitIsReportedAndAUsedOneIsNot(t *testing.T) {
	ctx := context.Background()
	assertLeaks(t, found(func() {
		tx, rx := async.Bounded[int](16)
		defer tx.Drop()
		defer rx.Drop()
		tx.TryReserve()
		tx.Reserve().Await(ctx)
		tx.TryReserveMany(2)
		some, _ := tx.ReserveMany(2).Await(ctx)
		some.Send(1)
	}), "async.Permit[int]", "async.Permit[int]", "async.Permits[int]", "async.Permits[int]")
	assert.Empty(t, found(func() {
		tx, rx := async.Bounded[int](16)
		defer tx.Drop()
		defer rx.Drop()
		p, _ := tx.TryReserve()
		p.Drop()
		p, _ = tx.TryReserve()
		assert.NoError(t, p.Send(1))
		assert.ErrorIs(t, p.Send(2), async.ErrDropped)
		many, _ := tx.TryReserveMany(3)
		assert.Equal(t, 3, many.Len())
		for left := 2; left >= 0; left-- {
			assert.NoError(t, many.Send(1))
			assert.Equal(t, left, many.Len())
		}
		assert.ErrorIs(t, many.Send(2), async.ErrDropped)
		many, _ = tx.TryReserveMany(3)
		many.Drop()
		tx.TryReserveMany(0) // has nothing to give back
	}))
}

func TestALeakInABubbleIsReportedAndItsChannelLeftAlone(t *testing.T) {
	assertLeaks(t, found(func() {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := async.Bounded[int](1)
			done := tx.Done() // closing it from outside would end the process
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				defer rx.Drop()
				_, err := rx.Recv().Await(t.Context()) // so would waking it
				assert.ErrorIs(t, err, context.Canceled)
			}()
			synctest.Wait()
			before := leaks.Count()
			assert.True(t, collectUntil(func() bool { return leaks.Count() > before }))
			assert.Contains(t, rx.String(), "senders 1")
			select {
			case <-done:
				t.Error("notified of the close")
			case <-ended:
				t.Error("woken")
			default:
			}
		})
	}), "async.Sender[int]")
}

// A bubble's channel may outlive it.
func TestACloneOfAHandleFromABubbleIsFromTheBubbleToo(t *testing.T) {
	assertLeaks(t, found(func() {
		var tx *mpsc.Sender[int]
		var rx *mpsc.Receiver[int]
		synctest.Test(t, func(*testing.T) {
			tx, rx = mpsc.Channel[int]()
			rx.Ready()
			tx.Done()
		})
		tx.Clone()
		collect()
		assert.Contains(t, rx.String(), "senders 2")
		tx.Drop()
		assert.Contains(t, rx.String(), "senders 1")
	}), "mpsc.Sender[int]", "mpsc.Receiver[int]")
}

func TestCheckInsideABubbleSaysThatItBelongsOutside(t *testing.T) {
	fake := new(fakeT)
	synctest.Test(t, func(*testing.T) { leaks.Check(fake) })
	require.Len(t, fake.errors, 1)
	assert.Contains(t, fake.errors[0], "call it outside")
	assert.Empty(t, fake.cleanups)
}
