package async_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

func ignore(context.Context, int) error { return nil }

var errBoom = errors.New("boom")

func TestForEachHandlesEveryMessageAndEndsWithTheChannel(t *testing.T) {
	forEachBuffer(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		var got []int
		each := async.ForEach(rx, func(_ context.Context, v int) error {
			got = append(got, v)
			return nil
		})
		woken := assertPending(t, each)
		for i := range 300 {
			require.NoError(t, tx.TrySend(i))
			require.Equal(t, 1, woken.count())
			woken = assertPending(t, each)
		}
		tx.Drop()
		_, err := poll(t, each)
		require.NoError(t, err)
		require.Len(t, got, 300)
		require.IsIncreasing(t, got)
		require.Zero(t, rx.ReceiverCount(), "it owns the receiver")
	})
}

func TestForEachEndsWithTheFirstErrorOrTheCause(t *testing.T) {
	tx, rx := async.Unbounded[int]()
	each := async.ForEach(rx, func(_ context.Context, v int) error {
		if v == 3 {
			return errBoom
		}
		return nil
	})
	for i := range 5 {
		require.NoError(t, tx.TrySend(i))
	}
	_, err := poll(t, each)
	require.ErrorIs(t, err, errBoom)
	require.True(t, tx.IsClosed())
	assertRefused(t, 9, async.ErrClosed, tx.TrySend(9))

	tx, rx = async.Unbounded[int]()
	require.NoError(t, tx.TrySend(1))
	tx.CloseCause(errBoom)
	n := 0
	_, err = poll(t, async.ForEach(rx, func(context.Context, int) error { n++; return nil }))
	require.Equal(t, errBoom, err)
	require.Equal(t, 1, n, "what was buffered comes first")

	tx, rx = async.Unbounded[int]()
	each = async.ForEach(rx, ignore)
	woken := assertPending(t, each)
	rx.Drop()
	require.Equal(t, 1, woken.count())
	_, err = poll(t, each)
	require.ErrorIs(t, err, async.ErrDropped)
	require.True(t, tx.IsClosed())
}

func TestADroppedForEachLeavesItsMessagesToOthers(t *testing.T) {
	tx, rx := async.Unbounded[int]()
	other := rx.Clone()
	each := async.ForEach(rx, ignore)
	assertPending(t, each)
	receive := other.Recv()
	woken := assertPending(t, receive)
	require.NoError(t, tx.TrySend(1))
	require.Zero(t, woken.count())
	each.Drop()
	require.Equal(t, 1, woken.count())
	v, err := poll(t, receive)
	require.NoError(t, err)
	require.Equal(t, 1, v)
	require.Equal(t, 1, tx.ReceiverCount())
}

func TestAForEachThatPanicsLetsGoOfItsReceiver(t *testing.T) {
	tx, rx := async.Unbounded[int]()
	each := async.ForEach(rx, func(context.Context, int) error { panic("boom") })
	require.NoError(t, tx.TrySend(1))
	cx, _ := newCx()
	assert.PanicsWithValue(t, "boom", func() { _, _, _ = each.Poll(cx) })
	assert.True(t, tx.IsClosed())
}

// The cooperative budget of tokio.
func TestABusyForEachLetsOthersRunAfterABurst(t *testing.T) {
	tx, rx := async.Unbounded[int]()
	for i := range 1000 {
		require.NoError(t, tx.TrySend(i))
	}
	n := 0
	each := async.ForEach(rx, func(context.Context, int) error { n++; return nil })
	for want := 128; want <= 896; want += 128 {
		cx, woken := newCx()
		_, ready, _ := each.Poll(cx)
		require.False(t, ready)
		require.Equal(t, want, n)
		require.Equal(t, 1, woken.count(), "it wakes itself")
	}

	// And on a runtime: a channel that is never empty starves no other task.
	rt, err := task.New(task.WithWorkers(1))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	tx, rx = async.Unbounded[int]()
	require.NoError(t, tx.TrySend(0))
	busy := task.SpawnFuture(ctx, async.ForEach(rx, func(_ context.Context, v int) error { return tx.TrySend(v + 1) }))
	for range 100 {
		_, err := task.Spawn(ctx, func(context.Context) (int, error) { return 1, nil }).Await(t.Context())
		require.NoError(t, err)
	}
	tx.Close()
	_, err = busy.Await(t.Context())
	require.ErrorIs(t, err, async.ErrClosed) // of its TrySend
	require.NoError(t, rt.Shutdown(context.Background()))
}

// Idle consumers are memory and nothing else. The comparison is a goroutine on a channel
// of its own.
func TestAMillionIdleConsumers(t *testing.T) {
	n := 1_000_000
	switch {
	case testsize.Race:
		n = 2_000
	case !testsize.Long():
		n = 50_000
	}
	rt, err := task.New(task.WithWorkers(2))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	before, goroutines := footprint(), runtime.NumGoroutine()
	var sum atomic.Int64
	txs := make([]*async.Sender[int], n)
	for i := range txs {
		tx, rx := async.Unbounded[int]()
		txs[i] = tx
		task.SpawnFuture(ctx, async.ForEach(rx, func(_ context.Context, v int) error {
			sum.Add(int64(v))
			return nil
		})).Drop()
	}
	waitFor(rt, func(s task.Stats) bool { return s.Waiting == n })
	each := (footprint() - before) / int64(n)
	t.Logf("%d idle consumers take %d bytes each", n, each)
	if !testsize.Race {
		assert.Less(t, each, int64(900))
	}
	assert.Less(t, runtime.NumGoroutine()-goroutines, 10)
	for _, tx := range txs {
		assert.NoError(t, tx.TrySend(1))
		tx.Drop()
	}
	waitFor(rt, func(s task.Stats) bool { return s.Waiting+s.Ready+s.Running == 0 })
	assert.EqualValues(t, n, sum.Load())
	require.NoError(t, rt.Shutdown(context.Background()))
}

// waitFor returns when what a runtime says of itself is so.
func waitFor(rt *task.Runtime, so func(task.Stats) bool) {
	for !so(rt.Stats()) {
		runtime.Gosched()
	}
}

// footprint is how much memory the process uses for objects and stacks.
func footprint() int64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc + s.StackInuse)
}

func TestAGoroutineOnItsOwnChanForComparison(t *testing.T) {
	n := 50_000
	if testsize.Race {
		t.Skip("the race detector's own memory is counted")
	}
	before := footprint()
	chans := make([]chan int, n)
	done := make(chan struct{})
	for i := range chans {
		ch := make(chan int, 1)
		chans[i] = ch
		go func() {
			for range ch {
			}
			done <- struct{}{}
		}()
	}
	for range 10 {
		runtime.Gosched()
	}
	t.Logf("a goroutine on a chan of its own takes %d bytes", (footprint()-before)/int64(n))
	for _, ch := range chans {
		close(ch)
	}
	for range chans {
		<-done
	}
}
