package docs_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// What the mistakes that mistakes.md lists look like. Each test makes one.

func TestAForgottenHandleKeepsTheLoopWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := mpsc.Channel[int]()
		var ended atomic.Bool
		go func(tx *mpsc.Sender[int]) {
			defer tx.Drop()
			tx.Send(1)
		}(tx.Clone())
		go func() {
			for range rx.All() {
			}
			ended.Store(true)
		}()
		synctest.Wait()
		require.False(t, ended.Load())
		require.Contains(t, rx.String(), "senders 1", "printing a handle shows it")
		tx.Drop()
		synctest.Wait()
		require.True(t, ended.Load())
	})
}

func TestAForgottenReceiverKeepsItsSenderWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Bounded[int](0)
		defer tx.Drop()
		rx.Clone().Drop() // the only worker gives up
		send := make(chan error, 1)
		go func() { send <- tx.Send(1).Await(t.Context()) }()
		synctest.Wait()
		require.Empty(t, send)
		require.Contains(t, tx.String(), "receivers 1", "printing a handle shows it")
		rx.Drop()
		require.ErrorIs(t, <-send, async.ErrClosed)
	})
}

func TestAForgottenPermitKeepsTheLoopWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Bounded[int](1)
		defer rx.Drop()
		permit, err := tx.Reserve().Await(t.Context())
		require.NoError(t, err)
		tx.Drop()
		received := make(chan error, 1)
		go func() {
			_, err := rx.Recv().Await(t.Context())
			received <- err
		}()
		synctest.Wait()
		require.Empty(t, received)
		require.Contains(t, rx.String(), "senders 0", "a permit is no sender")
		permit.Drop()
		require.ErrorIs(t, <-received, async.ErrClosed)
	})
}

func TestOneDropEndsAHandleForAllWhoShareIt(t *testing.T) {
	tx, rx := mpsc.Channel[int]()
	defer rx.Drop()
	tx.Drop() // the goroutine that was done first
	require.ErrorIs(t, tx.Send(1), mpsc.ErrDropped, "the other one")
	require.ErrorIs(t, tx.Clone().Send(2), mpsc.ErrDropped, "a goroutine that clones when it runs")
}

func TestASendThatNobodyAwaitsDoesNothing(t *testing.T) {
	tx, rx := async.Bounded[int](1)
	defer rx.Drop()
	tx.Send(1)
	require.Equal(t, 0, rx.Len())
	tx.Drop()
	for range rx.All(t.Context()) {
		t.Error("received")
	}
}

func TestALoopEndsWithItsContextAndSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tx, rx := async.Bounded[int](1)
		defer rx.Drop()
		defer tx.Drop()
		go func() {
			synctest.Wait()
			cancel()
		}()
		for range rx.All(ctx) {
			t.Error("received")
		}
		require.False(t, rx.IsClosed())

		_, err := future.Await(ctx, async.ForEach(rx.Clone(), func(context.Context, int) error { return nil }))
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestDefersInTheWrongOrderWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		tx, rx := async.Bounded[int](0)
		var wg sync.WaitGroup
		wg.Go(func() {
			defer rx.Drop()
			for range rx.All(ctx) {
			}
		})
		var returned atomic.Bool
		go func() {
			defer returned.Store(true)
			defer tx.Drop()
			defer wg.Wait() // runs first
			assert.NoError(t, tx.Send(1).Await(ctx))
		}()
		synctest.Wait()
		require.False(t, returned.Load())
		tx.Close()
		synctest.Wait()
		require.True(t, returned.Load())
	})
}

func TestAReadyChannelThatIsKeptTellsOnce(t *testing.T) {
	tx, rx := mpsc.Channel[int]()
	defer rx.Drop()
	defer tx.Drop()
	require.NoError(t, tx.Send(1))
	require.NoError(t, tx.Send(2))
	ready := rx.Ready()
	<-ready
	_, err := rx.TryRecv()
	require.NoError(t, err)
	select {
	case <-ready:
		t.Error("readable twice")
	default:
	}
	<-rx.Ready() // called again
}

func TestAfterTheEndReadyStaysReadable(t *testing.T) {
	tx, rx := mpsc.Channel[int]()
	defer rx.Drop()
	tx.Drop()
	for range 100 {
		<-rx.Ready()
		_, err := rx.TryRecv()
		require.ErrorIs(t, err, mpsc.ErrDisconnected) // a loop that ignores it spins
	}
}

func TestATaskThatBlocksHoldsItsWorker(t *testing.T) {
	const tasks = 10
	type job = func(context.Context) (int, error)
	type spawner = func(context.Context, job, ...task.SpawnOption) *task.JoinHandle[int]
	rounds := func(spawn spawner, wait func(context.Context)) (d time.Duration) {
		inBubble(t, func(ctx context.Context, t *testing.T) {
			start := time.Now()
			var set task.JoinSet[int]
			for range tasks {
				set.Add(spawn(ctx, func(ctx context.Context) (int, error) {
					wait(ctx)
					return 0, nil
				}))
			}
			for set.Len() > 0 {
				_, _, err := set.Next(ctx)
				require.NoError(t, err)
			}
			d = time.Since(start)
		}, task.WithWorkers(2), task.WithStallRelief(0))
		return d
	}
	blocks := func(context.Context) { time.Sleep(time.Second) }
	awaits := func(ctx context.Context) { assert.NoError(t, task.Sleep(ctx, time.Second)) }
	require.Equal(t, tasks/2*time.Second, rounds(task.Spawn[int], blocks), "two at a time")
	require.Equal(t, time.Second, rounds(task.SpawnBlocking[int], blocks), "all at once")
	require.Equal(t, time.Second, rounds(task.Spawn[int], awaits), "all at once: workers are no limit")
}

func TestAnAwaitUnderAForeignContextHoldsTheWorker(t *testing.T) {
	inBubble(t, func(ctx context.Context, t *testing.T) {
		tx, rx := async.Bounded[int](0)
		defer rx.Drop()
		foreign, cancel := context.WithCancel(context.Background())
		defer cancel()
		waits := task.Go(ctx, func(context.Context) error {
			_, err := rx.Recv().Await(foreign)
			return err
		})
		sends := task.Go(ctx, func(ctx context.Context) error { return tx.Send(1).Await(ctx) })
		time.Sleep(time.Second)
		require.False(t, sends.IsFinished(), "it has not got the only worker")
		cancel()
		_, err := waits.Await(ctx)
		require.ErrorIs(t, err, context.Canceled)
		sends.Cancel()
	}, task.WithWorkers(1), task.WithStallRelief(0))
}

func TestTheErrorOfAPipeIsTheResultOfItsTask(t *testing.T) {
	inBubble(t, func(ctx context.Context, t *testing.T) {
		in, lines := async.Bounded[string](1)
		defer in.Drop()
		tx, out := async.Bounded[int](1)
		defer out.Drop()
		h := task.SpawnFuture(ctx, async.Pipe(lines, tx, func(context.Context, string) (int, error) { return 0, errBadJob }))
		require.NoError(t, in.Send("x").Await(ctx))

		_, err := out.Recv().Await(ctx)
		require.ErrorIs(t, err, async.ErrClosed, "the next stage sees the end")
		require.NotErrorIs(t, err, errBadJob, "and no reason")
		_, err = h.Await(ctx)
		require.ErrorIs(t, err, errBadJob)
	})
}

func TestNextUnderAnEndedContextLeavesTasksBehind(t *testing.T) {
	inBubble(t, func(ctx context.Context, t *testing.T) {
		ctx, cancel := context.WithCancel(ctx)
		started := make(chan struct{})
		var set task.JoinSet[int]
		set.Spawn(ctx, func(ctx context.Context) (int, error) {
			close(started)
			<-ctx.Done()
			time.Sleep(time.Second) // cleans up
			return 1, nil
		})
		<-started
		cancel()
		_, ok, err := set.Next(ctx)
		require.False(t, ok)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1, set.Len())
		n, ok, err := set.Next(context.WithoutCancel(ctx))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, 1, n)
	})
}
