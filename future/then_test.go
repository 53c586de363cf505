package future_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/future"
)

func TestAnErrorPassesByTheFunction(t *testing.T) {
	_, err := future.Await(context.Background(), future.Map(future.Fail[int](errBoom), func(int) string {
		assert.Fail(t, "called")
		return ""
	}))
	assert.Equal(t, errBoom, err)
	_, err = future.Await(context.Background(),
		future.Then(future.Fail[int](errBoom), func(context.Context, int) future.Future[string] {
			assert.Fail(t, "called")
			return nil
		}))
	assert.Equal(t, errBoom, err)
}

func TestAFunctionIsCalledOnceWithTheValue(t *testing.T) {
	p, q := new(probe), new(probe)
	var got []int
	f := future.Map(
		future.Then(p, func(_ context.Context, v int) future.Future[int] { got = append(got, v); return q }),
		func(v int) string { got = append(got, v); return "x" })
	cx, woken := newCx()
	assertNotReady(t, of(f), cx)
	p.complete(1, nil)
	assertNotReady(t, of(f), cx) // and polls q at once
	assert.Equal(t, 1, q.polled())
	assertNotReady(t, of(f), cx)
	q.complete(2, nil)
	assert.Equal(t, 2, woken.count())
	v, ready, err := f.Poll(cx)
	assert.True(t, ready)
	assert.NoError(t, err)
	assert.Equal(t, "x", v)
	assert.Equal(t, []int{1, 2}, got)
	p.assertEnded(t)
	q.assertEnded(t)
}

func TestThenHandsThePollsContextOn(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(context.Background(), key{}, 7)
	v, err := future.Await(ctx, future.Then(future.Ready(1), func(ctx context.Context, _ int) future.Future[any] {
		return future.Ready(ctx.Value(key{}))
	}))
	assert.NoError(t, err)
	assert.Equal(t, 7, v)
}

func TestAnErrorOfTheSecondIsTheResultOfThen(t *testing.T) {
	_, err := future.Await(context.Background(),
		future.Then(future.Ready(1), func(context.Context, int) future.Future[int] { return future.Fail[int](errBoom) }))
	assert.Equal(t, errBoom, err)
}

func TestAFunctionThatPanicsLeavesItsFutureConsumed(t *testing.T) {
	for _, f := range []subject{
		of(future.Map(future.Ready(1), func(int) int { panic(errBoom) })),
		of(future.Then(future.Ready(1), func(context.Context, int) future.Future[int] { panic(errBoom) })),
	} {
		cx, _ := newCx()
		assert.Panics(t, func() { _, _, _ = f.poll(cx) })
		f.drop()
		assertOver(t, f, cx, future.ErrConsumed)
	}
}
