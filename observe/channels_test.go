package observe_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// atEachLevel runs f in a bubble with a runtime of its own, at both levels.
func atEachLevel(t *testing.T, f func(t *testing.T, ctx context.Context)) {
	for name, events := range map[string]int{"counts": 0, "events": 1000} {
		t.Run(name, func(t *testing.T) {
			alone(t)
			defer observe.Enable(observe.Options{Events: events})()
			synctest.Test(t, func(t *testing.T) {
				rt, err := task.New(task.WithWorkers(2))
				require.NoError(t, err)
				defer rt.Shutdown(context.Background())
				f(t, rt.Context(context.Background()))
			})
		})
	}
}

// channel returns the row of the only channel.
func channel(t *testing.T) observe.Channel {
	t.Helper()
	s := observe.Snapshot()
	var live []observe.Channel
	for _, c := range s.Channels {
		if c.Senders+c.Receivers > 0 {
			live = append(live, c)
		}
	}
	require.Len(t, live, 1)
	return live[0]
}

// taskCalled returns the row of the newest task with that name.
func taskCalled(t *testing.T, name string) (r observe.Task) {
	t.Helper()
	for _, k := range observe.Snapshot().Tasks {
		if k.Name == name && k.ID > r.ID {
			r = k
		}
	}
	require.NotZero(t, r.ID, "no task %q", name)
	return r
}

func TestARowOfAChannelShowsWhatWasDoneToIt(t *testing.T) {
	atEachLevel(t, func(t *testing.T, ctx context.Context) {
		tx, rx := async.Bounded[string](2, async.Named("words"))
		defer rx.Drop()
		defer tx.Drop()
		tx.TrySend("a")
		tx.TrySend("b")
		assert.ErrorIs(t, tx.TrySend("c"), async.ErrFull)
		rx.TryRecv()
		c := channel(t)
		assert.Equal(t, "words", c.Name)
		assert.Equal(t, "async bounded", c.Flavour)
		assert.Equal(t, "string", c.Message)
		assert.Contains(t, c.Site, "observe/channels_test.go:")
		assert.Equal(t, 2, c.Capacity)
		assert.Equal(t, 1, c.Len)
		assert.Equal(t, 2, c.HighWater)
		assert.EqualValues(t, 2, c.Sent)
		assert.EqualValues(t, 1, c.Received)
		assert.EqualValues(t, 1, c.TimesFull)
		assert.Equal(t, 1, c.Senders)
		assert.Equal(t, 1, c.Receivers)
		assert.Len(t, c.Handles, 2)
		assert.False(t, c.Closed)
		assert.Equal(t, c.Made, c.Filled, "in a bubble no time has passed")
	})
}

func TestATaskThatAwaitsAChannelIsShownOnBothRows(t *testing.T) {
	atEachLevel(t, func(t *testing.T, ctx context.Context) {
		tx, rx := async.Bounded[int](1)
		task.Go(ctx, func(ctx context.Context) error {
			defer rx.Drop()
			_, err := rx.Recv().Await(ctx)
			return err
		}, task.Named("function")).Drop()
		other := rx.Clone()
		task.SpawnFuture(ctx, async.ForEach(other, func(context.Context, int) error { return nil }), task.Named("polled")).Drop()
		time.Sleep(time.Minute)
		synctest.Wait()
		c := channel(t)
		require.Len(t, c.Waiting, 2)
		for _, name := range []string{"function", "polled"} {
			k := taskCalled(t, name)
			require.NotNil(t, k.Awaits, name)
			assert.Equal(t, observe.Waiting{Actor: k.ID, Op: "recv", Channel: c.ID, Since: k.Awaits.Since, For: time.Minute, Polled: name == "polled"}, *k.Awaits)
		}
		tx.Drop()
	})
}

func TestABlockedSenderIsWarnedOfOnBothFaces(t *testing.T) {
	atEachLevel(t, func(t *testing.T, ctx context.Context) {
		blocked := func() (kinds []observe.WarningKind) {
			time.Sleep(2 * time.Second)
			synctest.Wait()
			for _, w := range observe.Snapshot().Warnings() {
				kinds = append(kinds, w.Kind)
			}
			return kinds
		}
		tx, rx := mpsc.SyncChannel[int](0)
		go func() {
			defer tx.Drop()
			tx.Send(1)
		}()
		assert.Equal(t, []observe.WarningKind{observe.SenderBlocked}, blocked())
		rx.Drop()
		atx, arx := async.Bounded[int](0)
		task.Go(ctx, func(ctx context.Context) error {
			defer atx.Drop()
			return atx.Send(1).Await(ctx)
		}).Drop()
		assert.Equal(t, []observe.WarningKind{observe.SenderBlocked}, blocked())
		arx.Drop()
	})
}

// Two goroutines that wait for each other with timeouts: an idle program.
func TestAWaitWithATimeoutIsInNoDeadlock(t *testing.T) {
	atEachLevel(t, func(t *testing.T, ctx context.Context) {
		toAnna, anna := mpsc.Channel[int]()
		toBert, bert := mpsc.Channel[int]()
		talk := func(tx *mpsc.Sender[int], rx *mpsc.Receiver[int]) {
			defer tx.Drop()
			defer rx.Drop()
			tx.Send(1)
			rx.Recv()
			rx.RecvTimeout(time.Minute)
		}
		go talk(toBert, anna)
		go talk(toAnna, bert)
		synctest.Wait()
		time.Sleep(time.Second)
		s := observe.Snapshot()
		assert.Empty(t, s.Cycles())
		waiting := 0
		for _, c := range s.Channels {
			for _, w := range c.Waiting {
				waiting++
				assert.Equal(t, "recv", w.Op)
				assert.Equal(t, "recv with a timeout", w.What)
			}
		}
		assert.Equal(t, 2, waiting)
		time.Sleep(time.Hour)
	})
}

// Two that have talked, each time so that one of them had to wait, and then both listen.
func TestADeadlockOverChannelsIsFound(t *testing.T) {
	atEachLevel(t, func(t *testing.T, ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		there, fromLeft := async.Bounded[int](0)
		back, fromRight := async.Bounded[int](0)
		first := func(ctx context.Context, tx *async.Sender[int]) {
			task.Sleep(ctx, time.Second)
			tx.Send(1).Await(ctx)
			tx.Send(2).Await(ctx)
		}
		second := func(ctx context.Context, rx *async.Receiver[int]) {
			rx.Recv().Await(ctx)
			task.Sleep(ctx, time.Second)
			rx.Recv().Await(ctx)
		}
		left := task.Go(ctx, func(ctx context.Context) error {
			defer there.Drop()
			defer fromRight.Drop()
			first(ctx, there)
			second(ctx, fromRight)
			_, err := fromRight.Recv().Await(ctx)
			return err
		}, task.Named("left"))
		right := task.Go(ctx, func(ctx context.Context) error {
			defer back.Drop()
			defer fromLeft.Drop()
			second(ctx, fromLeft)
			first(ctx, back)
			_, err := fromLeft.Recv().Await(ctx)
			return err
		}, task.Named("right"))
		for range 8 { // up to 3.5 s: they talk
			assert.Empty(t, observe.Snapshot().Cycles())
			time.Sleep(time.Second / 2)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		cycles := observe.Snapshot().Cycles()
		require.Len(t, cycles, 1)
		assert.Equal(t, ids{taskCalled(t, "left").ID, taskCalled(t, "right").ID}, cycles[0].Actors)
		cancel()
		left.Await(context.Background())
		right.Await(context.Background())
		assert.Empty(t, observe.Snapshot().Cycles())
	})
}

// The commonest program there is: nothing was sent yet.
func TestAConsumerOfAnIdleProducerIsInNoDeadlock(t *testing.T) {
	atEachLevel(t, func(t *testing.T, ctx context.Context) {
		tx, rx := async.Bounded[int](1)
		gate := make(chan struct{})
		go func() {
			<-gate // something that is not observed
			tx.Drop()
		}()
		h := task.Go(ctx, func(ctx context.Context) error {
			defer rx.Drop()
			_, err := rx.Recv().Await(ctx)
			return err
		})
		time.AfterFunc(time.Minute, func() {
			assert.NotEmpty(t, observe.Snapshot().WaitsFor())
			assert.Empty(t, observe.Snapshot().Cycles())
			close(gate)
		})
		h.Await(context.Background())
	})
}

func TestAWaitThatATimeCanEndIsInNoDeadlock(t *testing.T) {
	atEachLevel(t, func(t *testing.T, ctx context.Context) {
		tx, rx := async.Bounded[int](1)
		h := task.Go(ctx, func(ctx context.Context) error {
			defer rx.Drop()
			defer tx.Drop()
			tx.Send(1).Await(ctx)
			rx.Recv().Await(ctx)
			_, err := future.Await(ctx, future.Timeout(time.Minute, future.Future[int](rx.Recv())))
			return err
		}, task.Named("alone"))
		time.Sleep(time.Second)
		synctest.Wait()
		k := taskCalled(t, "alone")
		require.NotNil(t, k.Awaits)
		assert.Equal(t, "recv", k.Awaits.Op)
		assert.Contains(t, k.Awaits.What, "future.")
		assert.Empty(t, observe.Snapshot().Cycles())
		_, err := h.Await(context.Background())
		assert.ErrorIs(t, err, future.ErrTimeout)
	})
}

func TestAHandleThatWasCollectedIsWarnedOf(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	tx, rx := mpsc.Channel[int]()
	defer rx.Drop()
	defer tx.Drop()
	func() { tx.Clone() }()
	require.Eventually(t, func() bool {
		runtime.GC()
		for _, w := range observe.Snapshot().Warnings() {
			if w.Kind == observe.LostHandle {
				return true
			}
		}
		return false
	}, time.Minute, time.Millisecond)
}
