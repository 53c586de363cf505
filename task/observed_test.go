package task_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/task"
)

// observing switches observing on for the test, in a bubble or outside.
func observing(t *testing.T, events int) {
	t.Helper()
	t.Cleanup(observe.Enable(observe.Options{Events: events}))
}

// row returns the row of the newest task with that name: one of another test may be
// remembered.
func row(t *testing.T, name string) (r observe.Task) {
	t.Helper()
	tasks := observe.Snapshot().Tasks
	for _, k := range tasks {
		if k.Name == name && k.ID > r.ID {
			r = k
		}
	}
	require.NotZero(t, r.ID, "no task %q in %v", name, tasks)
	return r
}

// inBubble runs f in a bubble, with a runtime of its own.
func inBubble(t *testing.T, f func(t *testing.T, ctx context.Context), opts ...task.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(opts...)
		require.NoError(t, err)
		// A failed test may leave tasks that wait for it, and with a runtime in a bubble that
		// is no deadlock, for ants' tickers go on.
		end, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		defer rt.Shutdown(end)
		f(t, rt.Context(context.Background()))
	})
}

func TestAnObservedFunctionReportsItsTimesAndWhatItAwaits(t *testing.T) {
	observing(t, 0)
	inBubble(t, func(t *testing.T, ctx context.Context) {
		begun := time.Now()
		_, _, line, _ := runtime.Caller(0)
		h := task.Go(ctx, func(ctx context.Context) error {
			time.Sleep(3 * time.Second) // on its worker
			task.Sleep(ctx, 20*time.Second)
			time.Sleep(time.Second)
			return errors.New("no luck")
		}, task.Named("reader"))
		time.Sleep(2 * time.Second)
		r := row(t, "reader")
		assert.Equal(t, "function", r.Kind)
		assert.Equal(t, "running", r.State)
		assert.Equal(t, "shop", r.Runtime)
		assert.Equal(t, h.ID(), r.Number)
		assert.Zero(t, r.Parent)
		assert.True(t, strings.HasSuffix(r.Site, fmt.Sprintf("task/observed_test.go:%d", line+1)), r.Site)
		assert.True(t, begun.Equal(r.Spawned))
		assert.Equal(t, 2*time.Second, r.RunTime)
		assert.Nil(t, r.Awaits)

		time.Sleep(11 * time.Second)
		r = row(t, "reader")
		assert.Equal(t, "waiting", r.State)
		assert.Equal(t, 3*time.Second, r.RunTime)
		assert.EqualValues(t, 1, r.Polls)
		require.NotNil(t, r.Awaits)
		assert.Equal(t, observe.Waiting{Actor: r.ID, Op: "sleep", Since: r.Since, For: 10 * time.Second}, *r.Awaits)
		assert.True(t, begun.Add(3*time.Second).Equal(r.Since))

		h.Await(context.Background())
		r = row(t, "reader")
		assert.Equal(t, "done", r.State)
		assert.Equal(t, "no luck", r.Err)
		assert.Equal(t, 4*time.Second, r.RunTime)
		assert.Equal(t, 3*time.Second, r.LongestPoll)
		assert.EqualValues(t, 2, r.Polls)
		assert.Nil(t, r.Awaits)
	}, task.WithName("shop"))
}

func TestAnObservedPolledTaskReportsItsPollsAndItsFuture(t *testing.T) {
	observing(t, 0)
	inBubble(t, func(t *testing.T, ctx context.Context) {
		p, f := future.NewPromise[int]()
		h := task.SpawnFuture(ctx, future.Map(f, func(n int) int {
			time.Sleep(time.Second)
			return n
		}), task.Named("mapped"))
		task.SpawnFuture(ctx, future.After(time.Minute), task.Named("timer")).Drop()
		synctest.Wait()
		r := row(t, "mapped")
		assert.Equal(t, "polled", r.Kind)
		assert.Equal(t, "waiting", r.State)
		assert.EqualValues(t, 1, r.Polls)
		require.NotNil(t, r.Awaits)
		assert.Equal(t, "other", r.Awaits.Op)
		assert.True(t, strings.HasPrefix(r.Awaits.What, "future."), r.Awaits.What)
		assert.Equal(t, "sleep", row(t, "timer").Awaits.Op)

		p.Resolve(7)
		h.Await(context.Background())
		r = row(t, "mapped")
		assert.Equal(t, "done", r.State)
		assert.EqualValues(t, 2, r.Polls)
		assert.Equal(t, time.Second, r.LongestPoll)
	})
}

func TestTheQueueTimeIsReportedAlsoOfBlockingWork(t *testing.T) {
	observing(t, 0)
	inBubble(t, func(t *testing.T, ctx context.Context) {
		busy := func(context.Context) (int, error) { time.Sleep(10 * time.Second); return 0, nil }
		task.Spawn(ctx, busy).Drop()
		ready := task.Spawn(ctx, busy, task.Named("second"))
		task.SpawnBlocking(ctx, busy).Drop()
		queued := task.SpawnBlocking(ctx, busy, task.Named("queued"))
		time.Sleep(4 * time.Second)
		r := row(t, "second")
		assert.Equal(t, "ready", r.State)
		assert.Equal(t, 4*time.Second, r.QueueWait)
		q := row(t, "queued")
		assert.Equal(t, "blocking", q.Kind)
		assert.Equal(t, "queued", q.State)
		assert.Equal(t, 4*time.Second, q.QueueWait)
		ready.Await(ctx)
		queued.Await(ctx)
		assert.Equal(t, 10*time.Second, row(t, "second").QueueWait)
		assert.Equal(t, 10*time.Second, row(t, "queued").QueueWait)
		assert.Equal(t, 10*time.Second, row(t, "queued").RunTime)
	}, task.WithWorkers(1), task.WithBlockingLimit(1), task.WithStallRelief(0))
}

func TestAJoinIsReportedByBothTasks(t *testing.T) {
	observing(t, 0)
	inBubble(t, func(t *testing.T, ctx context.Context) {
		gate := make(chan struct{})
		inner := task.Go(ctx, func(context.Context) error { <-gate; return nil }, task.Named("inner"))
		outer := task.Go(ctx, func(ctx context.Context) error {
			_, err := inner.Await(ctx)
			return err
		}, task.Named("outer"))
		polled := task.SpawnFuture(ctx, inner.Future(), task.Named("polled"))
		undo := make(chan struct{})
		go func() {
			defer close(undo)
			observe.Name("main loop")
			inner.Await(context.Background())
		}()
		synctest.Wait()
		in := row(t, "inner")
		require.Len(t, in.Waiting, 3)
		for _, name := range []string{"outer", "polled"} {
			r := row(t, name)
			require.NotNil(t, r.Awaits, name)
			assert.Equal(t, observe.Waiting{Actor: r.ID, Op: "join", Task: in.ID, Since: r.Awaits.Since}, *r.Awaits)
		}
		s := observe.Snapshot()
		assert.Len(t, s.WaitsFor(), 3)
		assert.True(t, slices.ContainsFunc(s.Actors, func(a observe.Actor) bool { return a.Name == "main loop" && a.Goroutine != 0 }))
		close(gate)
		outer.Await(ctx)
		polled.Await(ctx)
		<-undo
		assert.Empty(t, row(t, "inner").Waiting)
		assert.Empty(t, observe.Snapshot().WaitsFor())
	}, task.WithWorkers(2)) // inner blocks one
}

func TestAJoinThatIsGivenUpIsNotShown(t *testing.T) {
	observing(t, 0)
	inBubble(t, func(t *testing.T, ctx context.Context) {
		h := task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Hour) }, task.Named("inner"))
		short, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := h.Await(short)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Empty(t, row(t, "inner").Waiting)
		var set task.JoinSet[struct{}]
		set.Add(h)
		assert.Empty(t, row(t, "inner").Waiting, "a set does not wait")
		h.Cancel()
		set.Next(ctx)
	})
}

func TestPanicsAndParentsAreSeenAfterTheEnd(t *testing.T) {
	observing(t, 0)
	inBubble(t, func(t *testing.T, ctx context.Context) {
		h := task.Go(ctx, func(ctx context.Context) error {
			task.Go(ctx, func(context.Context) error { panic("boom") }, task.Named("child")).Await(ctx)
			return nil
		}, task.Named("parent"))
		h.Await(ctx)
		for range 1000 { // later ones do not hide it
			task.SpawnFuture(ctx, future.Ready(1)).Await(ctx)
		}
		child := row(t, "child")
		assert.Equal(t, "boom", child.Panic)
		assert.Equal(t, "done", child.State)
		for range 100 {
			task.Go(ctx, func(context.Context) error { return nil }, task.Named("filler")).Await(ctx)
		}
		tasks := observe.Snapshot().Tasks
		assert.LessOrEqual(t, len(tasks), 128, "those that have ended are bounded")
		assert.NotZero(t, child.Parent)
	}, task.WithPanicHandler(func(*task.PanicError) {}))
}

func TestWhatATaskHasFailedWithIsBounded(t *testing.T) {
	observing(t, 100)
	inBubble(t, func(t *testing.T, ctx context.Context) {
		task.Go(ctx, func(context.Context) error { return errors.New("x" + strings.Repeat("ä", 1<<20)) }, task.Named("long")).Await(ctx)
		text := row(t, "long").Err
		assert.LessOrEqual(t, len(text), 1100)
		assert.True(t, utf8.ValidString(text), "it is not cut within a character")
	})
}

func TestBlockOnIsATaskToo(t *testing.T) {
	observing(t, 0)
	inBubble(t, func(t *testing.T, ctx context.Context) {
		task.BlockOn(ctx, func(ctx context.Context) (int, error) {
			s := observe.Snapshot()
			require.Len(t, s.Tasks, 1)
			assert.Equal(t, "running", s.Tasks[0].State)
			h := task.Go(ctx, func(context.Context) error { return nil }, task.Named("child"))
			h.Await(ctx)
			assert.Equal(t, s.Tasks[0].ID, row(t, "child").Parent)
			return 0, nil
		})
		assert.Equal(t, "done", observe.Snapshot().Tasks[0].State)
	})
}

// eventTexts is what the events say, with the names of tasks. One without is that of BlockOn.
func eventTexts() (all []string) {
	names := map[uint64]string{0: "-"}
	for _, e := range observe.Events(observe.Filter{}) {
		if e.Kind == observe.Spawned {
			names[e.Task] = cmp.Or(e.Text, "root")
		}
		text := []string{cmp.Or(names[e.Actor], "test"), string(e.Kind)}
		for _, word := range []string{e.Op, names[e.Task], e.Text} {
			if word != "" && word != "-" {
				text = append(text, word)
			}
		}
		all = append(all, strings.Join(text, " "))
	}
	return all
}

func TestTheEventsOfATaskComeInOrder(t *testing.T) {
	observing(t, 1000)
	inBubble(t, func(t *testing.T, ctx context.Context) {
		task.BlockOn(ctx, func(ctx context.Context) (int, error) {
			inner := task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Second) }, task.Named("inner"))
			inner.Await(ctx)
			bad := task.Go(ctx, func(context.Context) error { panic("boom") }, task.Named("bad"))
			bad.Await(ctx)
			idle := task.SpawnFuture(ctx, future.Pending[int](), task.Named("idle"))
			task.YieldNow(ctx)
			idle.Cancel()
			idle.Await(ctx)
			return 0, errors.New("no luck")
		})
	}, task.WithWorkers(1), task.WithStallRelief(0))
	assert.Equal(t, []string{
		"test spawned root",
		"- started root",
		"root spawned inner inner",
		"root blocked join inner",
		"- started inner",
		"inner blocked sleep",
		"inner resumed sleep",
		"- finished inner",
		"root resumed join inner",
		"root spawned bad bad",
		"root blocked join bad",
		"- started bad",
		"- panicked bad boom",
		"root resumed join bad",
		"root spawned idle idle",
		"- started idle",
		"root cancelled idle",
		"root blocked join idle",
		"- finished idle task: cancelled",
		"root resumed join idle",
		"- finished root no luck",
	}, eventTexts())
}

func TestObservingKeepsNoTaskInUse(t *testing.T) {
	observing(t, 0)
	rt, err := task.New()
	require.NoError(t, err)
	defer rt.Shutdown(context.Background())
	ctx := rt.Context(context.Background())
	type big struct{ _ [1 << 16]byte }
	var kept weak.Pointer[big]
	func() {
		v := new(big)
		kept = weak.Make(v)
		h := task.Spawn(ctx, func(context.Context) (*big, error) { return v, nil }, task.Named("done"))
		h.Await(ctx)
		p, f := future.NewPromise[*big]()
		task.SpawnFuture(ctx, f, task.Named("forgotten")).Drop()
		p.Resolve(v)
	}()
	require.Eventually(t, func() bool { runtime.GC(); return kept.Value() == nil }, time.Minute, time.Millisecond)
	assert.Equal(t, "done", row(t, "done").State)
}

func TestObservingDoesNotChangeWhatASeedDoes(t *testing.T) {
	run := func() (trace []string) {
		rt, err := task.New(task.WithSeed(7))
		require.NoError(t, err)
		defer rt.Shutdown(context.Background())
		task.BlockOn(rt.Context(context.Background()), func(ctx context.Context) (int, error) {
			var set task.JoinSet[int]
			for i := range 10 {
				set.Spawn(ctx, func(ctx context.Context) (int, error) {
					for j := range 5 {
						trace = append(trace, fmt.Sprint(i, j))
						task.YieldNow(ctx)
					}
					p := task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) {
						trace = append(trace, fmt.Sprint(i, "polled"))
						return i, true, nil
					}))
					return p.Await(ctx)
				})
			}
			for {
				v, ok, _ := set.Next(ctx)
				if !ok {
					return 0, nil
				}
				trace = append(trace, fmt.Sprint("end of ", v))
			}
		})
		return trace
	}
	plain := run()
	defer observe.Enable(observe.Options{Events: 100})()
	assert.Equal(t, plain, run())
}

func TestATaskFromBeforeIsNotObserved(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context) {
		stop := observe.Enable(observe.Options{})
		stop()
		old := task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Second) }, task.Named("old"))
		defer observe.Enable(observe.Options{Events: 10})()
		_, err := old.Await(ctx)
		assert.NoError(t, err)
		assert.Empty(t, observe.Snapshot().Tasks)
	})
}
