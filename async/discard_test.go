package async_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

type query struct {
	question string
	*future.Promise[int]
}

func TestDiscardingARequestEndsTheWaitForItsReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, capacity := range []int{1, 2} {
			tx, rx := async.Bounded[query](capacity)
			other := rx.Clone()
			promise, answer := future.NewPromise[int]()
			require.NoError(t, tx.TrySend(query{"?", promise}))
			rx.Drop() // not the last
			_, ready, _ := answer.Poll(future.NewContext(t.Context(), nopWaker{}))
			assert.False(t, ready)
			other.Drop()
			_, err := future.Await(t.Context(), answer)
			assert.ErrorIs(t, err, future.ErrDropped)
			tx.Drop()
		}
	})
}

type nopWaker struct{}

func (nopWaker) Wake() {}

func TestEveryHandleCanBeADiscardedMessage(t *testing.T) {
	inner, innerRx := async.Unbounded[int]()
	promise, answer := future.NewPromise[int]()
	tx, rx := async.Unbounded[async.Discarder]()
	defer tx.Drop()
	for _, h := range []async.Discarder{inner, innerRx, promise} {
		require.NoError(t, tx.TrySend(h))
	}
	rx.Drop()
	assert.ErrorIs(t, inner.TrySend(1), async.ErrDropped)
	_, err := innerRx.TryRecv()
	assert.ErrorIs(t, err, async.ErrDropped)
	_, err = future.Await(t.Context(), answer)
	assert.ErrorIs(t, err, future.ErrDropped)
}

func TestAPipeDiscardsWhatItCannotPassOn(t *testing.T) {
	for name, end := range map[string]func(p future.Future[struct{}], rx *async.Receiver[query]){
		"dropped while it offers":             func(p future.Future[struct{}], _ *async.Receiver[query]) { p.Drop() },
		"the receiver leaves while it offers": func(_ future.Future[struct{}], rx *async.Receiver[query]) { rx.Drop() },
	} {
		t.Run(name, func(t *testing.T) {
			in, from := async.Unbounded[query]()
			to, out := async.Bounded[query](0)
			defer in.Drop()
			defer out.Drop()
			promise, answer := future.NewPromise[int]()
			require.NoError(t, in.TrySend(query{"?", promise}))
			p := async.Pipe(from, to, func(_ context.Context, q query) (query, error) { return q, nil })
			cx := future.NewContext(t.Context(), nopWaker{})
			_, ready, _ := p.Poll(cx)
			require.False(t, ready)
			end(p, out)
			_, _, _ = p.Poll(cx)
			_, err := future.Await(t.Context(), answer)
			assert.ErrorIs(t, err, future.ErrDropped)
		})
	}
}

func TestAPipeDiscardsWhatItsFunctionHeldWhenTheReceiverLeft(t *testing.T) {
	in, from := async.Unbounded[query]()
	to, out := async.Bounded[query](1)
	defer in.Drop()
	promise, answer := future.NewPromise[int]()
	require.NoError(t, in.TrySend(query{"?", promise}))
	p := async.Pipe(from, to, func(_ context.Context, q query) (query, error) {
		out.Drop()
		return q, nil
	})
	_, err := future.Await(t.Context(), p)
	require.ErrorIs(t, err, async.ErrClosed)
	_, err = future.Await(t.Context(), answer)
	assert.ErrorIs(t, err, future.ErrDropped)
}

type bomb struct{}

func (bomb) Discarded() { panic("boom") }

func TestAPipeDropsItsSenderWhateverADiscardedMessageDoes(t *testing.T) {
	in, from := async.Unbounded[bomb]()
	to, out := async.Unbounded[bomb]()
	defer in.Drop()
	require.NoError(t, in.TrySend(bomb{}))
	p := async.Pipe(from, to, func(_ context.Context, b bomb) (bomb, error) { return b, nil })
	assert.PanicsWithValue(t, "boom", p.Drop)
	_, err := out.TryRecv()
	assert.ErrorIs(t, err, async.ErrClosed)
	out.Drop()
}

func TestADiscardedMessageWithoutAReplyIsNothing(t *testing.T) {
	tx, rx := async.Unbounded[async.Discarder]()
	defer tx.Drop()
	var s *async.Sender[int]
	var r *async.Receiver[int]
	for _, m := range []async.Discarder{query{"?", nil}, s, r} {
		require.NoError(t, tx.TrySend(m))
	}
	assert.NotPanics(t, rx.Drop)
}
