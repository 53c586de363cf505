package task_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

func TestAJoinSetReturnsResultsInTheOrderOfTheirEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t, task.WithWorkers(1))
		var set task.JoinSet[int]
		_, ok, err := set.Next(ctx)
		require.False(t, ok)
		require.NoError(t, err)
		for _, d := range []int{3, 1, 2} {
			set.Spawn(ctx, func(ctx context.Context) (int, error) {
				return d, task.Sleep(ctx, time.Duration(d)*time.Second)
			})
		}
		require.Equal(t, 3, set.Len())
		for want := 1; want <= 3; want++ {
			v, ok, err := set.Next(ctx)
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, want, v)
		}
		_, ok, err = set.Next(ctx)
		require.False(t, ok)
		require.NoError(t, err)

		set.Add(task.SpawnFuture(ctx, future.Pending[int]()))
		soon, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, ok, err = set.Next(soon)
		require.False(t, ok)
		require.Equal(t, context.DeadlineExceeded, err)
		set.CancelAll()
		_, ok, err = set.Next(ctx)
		require.True(t, ok)
		require.ErrorIs(t, err, task.ErrCancelled)
	})
}

func TestSeveralCallsOfNextShareTheResultsAndAllEnd(t *testing.T) {
	ctx := start(t)
	var set task.JoinSet[int]
	for i := range 1000 {
		set.Spawn(ctx, func(ctx context.Context) (int, error) { return i, task.YieldNow(ctx) })
	}
	var sum, n atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				v, ok, err := set.Next(within(t))
				assert.NoError(t, err)
				if !ok {
					return
				}
				sum.Add(int64(v))
				n.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1000, n.Load())
	require.EqualValues(t, 999*500, sum.Load())
}

func TestBlockingWorkIsLimitedQueuedAndOnlyStoppableWhileQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t, task.WithWorkers(1), task.WithBlockingLimit(2))
		var now, most atomic.Int32
		work := func(context.Context) (int, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return 1, nil
		}
		var handles []*task.JoinHandle[int]
		for range 5 {
			handles = append(handles, task.SpawnBlocking(ctx, work))
		}
		synctest.Wait()
		handles[4].Cancel()
		begin := time.Now()
		_, err := handles[4].Await(ctx)
		require.ErrorIs(t, err, task.ErrCancelled)
		require.Zero(t, time.Since(begin), "at once")
		handles[0].Cancel()
		for _, h := range handles[:4] {
			v, err := h.Await(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, v)
		}
		require.EqualValues(t, 2, most.Load())
		require.Equal(t, 2*time.Second, time.Since(begin))

		_, err = task.SpawnBlocking(ctx, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }).Await(ctx)
		require.ErrorIs(t, err, task.ErrGoexit)
		_, err = task.SpawnBlocking(ctx, func(context.Context) (int, error) { panic("boom") }).Await(ctx)
		require.ErrorContains(t, err, "boom")
	})
}

func TestOneWorkerWaitsForBlockingWorkWithoutHoldingOthersUp(t *testing.T) {
	ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
	var set task.JoinSet[int]
	for range 50 {
		set.Spawn(ctx, func(ctx context.Context) (int, error) {
			return task.SpawnBlocking(ctx, func(ctx context.Context) (int, error) {
				return task.Spawn(ctx, func(context.Context) (int, error) { return 1, nil }).Await(ctx)
			}).Await(ctx)
		})
	}
	for range 50 {
		v, ok, err := set.Next(within(t))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, 1, v)
	}
}

func TestAPanicThatNoAwaitReturnsReachesTheHandlerOnce(t *testing.T) {
	var mu sync.Mutex
	var heard []any
	rt, err := task.New(task.WithPanicHandler(func(p *task.PanicError) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, p.Value)
		panic("handler")
	}))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	boom := func(v any) *task.JoinHandle[struct{}] {
		return task.Go(ctx, func(context.Context) error { panic(v) })
	}
	received := boom("received")
	_, err = received.Await(within(t))
	require.Error(t, err)
	received.Drop()
	_, err = received.Await(within(t))
	require.ErrorIs(t, err, future.ErrDropped)

	dropped := boom("dropped")
	dropped.Drop()
	late := boom("late")
	<-late.Done()
	late.Drop()
	<-boom("forgotten").Done()
	require.NoError(t, rt.Shutdown(within(t)))
	mu.Lock()
	defer mu.Unlock()
	require.ElementsMatch(t, []any{"dropped", "late", "forgotten"}, heard)
}

func TestShutdownSaysWhatDidNotEndAndALaterOneWaitsForIt(t *testing.T) {
	rt, err := task.New()
	require.NoError(t, err)
	gate, begun := make(chan int), make(chan struct{})
	h := task.SpawnBlocking(rt.Context(context.Background()), func(context.Context) (int, error) {
		close(begun)
		return <-gate, nil
	})
	<-begun
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	err = rt.Shutdown(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "1 still running")
	gate <- 5
	require.NoError(t, rt.Shutdown(within(t)))
	v, err := h.Await(within(t))
	require.NoError(t, err)
	require.Equal(t, 5, v)
}

func TestStatsAddUpAndCurrentKnowsTheTask(t *testing.T) {
	rt, err := task.New(task.WithWorkers(1))
	require.NoError(t, err)
	ctx := rt.Context(context.Background())
	_, ok := task.Current(ctx)
	require.False(t, ok)
	h := task.Spawn(ctx, func(ctx context.Context) (task.Info, error) {
		mine, _ := task.Current(ctx)
		child, err := task.Spawn(ctx, func(ctx context.Context) (task.Info, error) {
			info, _ := task.Current(ctx)
			return info, nil
		}, task.Named("child")).Await(ctx)
		assert.Equal(t, mine.ID, child.Parent)
		assert.Equal(t, "child", child.Name)
		return mine, err
	}, task.Named("parent"))
	info, err := h.Await(within(t))
	require.NoError(t, err)
	require.Equal(t, "parent", info.Name)
	require.Equal(t, h.ID(), info.ID)
	require.WithinDuration(t, time.Now(), info.SpawnedAt, time.Minute)
	pending := task.SpawnFuture(ctx, future.Pending[int]())
	pending.Cancel()
	_, err = pending.Await(within(t))
	require.ErrorIs(t, err, task.ErrCancelled)
	s := rt.Stats()
	require.EqualValues(t, 3, s.Spawned)
	require.EqualValues(t, 2, s.Completed)
	require.EqualValues(t, 1, s.Cancelled)
	require.NoError(t, rt.Shutdown(within(t)))
	require.Zero(t, rt.Stats().Running)
}

func TestTheDefaultRuntimeSaysWhatToDoInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		require.PanicsWithValue(t, "task: the default runtime cannot run inside a synctest bubble; make one there with task.New and use its Context",
			func() { task.Go(context.Background(), func(context.Context) error { return nil }) })
	})
	_, err := task.Go(context.Background(), func(context.Context) error { return nil }).Await(within(t))
	require.NoError(t, err)
	require.NoError(t, task.Default().Shutdown(within(t)))
}

func TestAMillionPendingTasksCostAtMost300BytesEachAndGoAway(t *testing.T) {
	n := testsize.Scaled(1_000_000)
	ctx := start(t)
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	var woken sync.WaitGroup
	woken.Add(n)
	states := make([]parked, n)
	before := heap()
	for i := range states {
		states[i].wg = &woken
		task.SpawnFuture[int](ctx, &states[i])
	}
	for i := range states { // in any order: each is waited for once
		for !states[i].set.Load() {
			runtime.Gosched()
		}
	}
	each := (heap() - before) / int64(n)
	t.Logf("%d bytes a task", each)
	if !testsize.Race {
		require.LessOrEqual(t, each, int64(300))
	}
	for i := range states {
		states[i].waker.Wake()
	}
	woken.Wait()
	states = nil
	_, _ = task.Go(ctx, func(context.Context) error { return nil }).Await(within(t))
	require.Less(t, heap()-before, int64(n)*60)
}

// parked is pending at the first poll and ready at the second.
type parked struct {
	wg    *sync.WaitGroup
	waker future.Waker
	set   atomic.Bool
}

func (p *parked) Poll(cx *future.Context) (int, bool, error) {
	if p.set.Load() {
		p.wg.Done()
		return 0, true, nil
	}
	p.waker = cx.Waker()
	p.set.Store(true)
	return 0, false, nil
}

func (p *parked) Drop() {}

// sour is pending, and panics when it is dropped.
type sour struct{}

func (sour) Poll(*future.Context) (int, bool, error) { return 0, false, nil }
func (sour) Drop()                                   { panic("sour") }

func TestAFutureThatPanicsInItsDropEndsItsTaskOnly(t *testing.T) {
	ctx := start(t, task.WithWorkers(1))
	h := task.SpawnFuture[int](ctx, sour{})
	h.Cancel()
	_, err := h.Await(within(t))
	require.ErrorContains(t, err, "sour")
	_, err = task.Go(ctx, func(context.Context) error { return nil }).Await(within(t))
	require.NoError(t, err)
}

func TestDroppingAHandleEndsTheWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t)
		h := task.SpawnFuture(ctx, future.Pending[int]())
		waits := make(chan error, 3)
		for range cap(waits) {
			go func() { _, err := h.Await(ctx); waits <- err }()
		}
		synctest.Wait()
		h.Drop()
		for range cap(waits) {
			require.ErrorIs(t, <-waits, future.ErrDropped)
		}
		h.Cancel()
	})
}

func TestBlockOnStopsWaitingForItsTurnWithItsContextAndTheTurnGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t, task.WithWorkers(1), task.WithStallRelief(0))
		hog := task.Go(ctx, func(context.Context) error { time.Sleep(time.Hour); return nil })
		synctest.Wait()
		soon, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		begin := time.Now()
		_, err := task.BlockOn(soon, func(context.Context) (int, error) { return 1, nil })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(begin))
		v, err := task.BlockOn(ctx, func(context.Context) (int, error) { return 2, nil })
		require.NoError(t, err)
		require.Equal(t, 2, v)
		_, err = hog.Await(ctx)
		require.NoError(t, err)
	})
}

func TestACancelDuringASpawnQueuesATaskOnce(t *testing.T) {
	for range 300 {
		rt, err := task.New(task.WithWorkers(1))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for range 50 {
					task.SpawnFuture(ctx, future.Pending[int]())
				}
			})
		}
		require.NoError(t, rt.Shutdown(within(t)))
		wg.Wait()
	}
}

func TestAShutdownOnOneProcessorDoesNotWaitForThePreemptionOfASpin(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	least := time.Hour
	for range 20 { // any of them shows it, the others may have been interrupted
		rt, err := task.New()
		require.NoError(t, err)
		_, err = task.Go(rt.Context(context.Background()), func(context.Context) error { return nil }).Await(context.Background())
		require.NoError(t, err)
		start := time.Now()
		require.NoError(t, rt.Shutdown(context.Background()))
		least = min(least, time.Since(start))
	}
	require.Less(t, least, 5*time.Millisecond)
}
