package task_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// here is the place of the line that calls it, plus n.
func here(n int) string {
	_, file, line, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", file, line+n)
}

func TestADumpShowsTheStateOfEachLiveTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(1), task.WithName("shop"), task.WithBlockingLimit(1), task.WithStallRelief(0))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		p, f := future.NewPromise[string]()
		task.SpawnFuture(ctx, f, task.Named("reader"))
		site := here(-1)
		var set task.JoinSet[int]
		asleep := here(1)
		set.Spawn(ctx, func(ctx context.Context) (int, error) { return 0, task.Sleep(ctx, time.Hour) })
		release := make(chan struct{})
		task.SpawnBlocking(ctx, func(context.Context) (int, error) { <-release; return 0, nil })
		task.SpawnBlocking(ctx, func(context.Context) (int, error) { return 0, nil }, task.Named("later"))
		synctest.Wait()
		time.Sleep(time.Minute)
		task.Go(ctx, func(ctx context.Context) error {
			task.Go(ctx, func(context.Context) error { return nil }, task.Named("child"))
			<-release // not an await: it keeps its worker
			return nil
		})
		synctest.Wait() // the child is the sixth: the task and this goroutine would race for the number
		task.SpawnFuture(ctx, future.Ready(1))
		synctest.Wait()

		var out strings.Builder
		require.NoError(t, rt.Dump(&out))
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		require.Len(t, lines, 8, out.String())
		match := func(line int, parts ...string) {
			t.Helper()
			want := "^" + strings.Join(parts, "") + "$"
			require.Regexp(t, want, lines[line])
		}
		old := ", (1m0s|1m0.001s) old"
		young := `, \d*m?s old`
		match(0, `task runtime shop: 1 of 1 workers run, 0 lent, 2 ready, \d waiting, 1 of 1 blocking, 1 queued`)
		match(1, `task 1 "reader": waiting for `, regexp.QuoteMeta("future.promised[string]"), old, ", from ", regexp.QuoteMeta(site))
		match(2, `task 2: waiting for future\.after`, old, ", from ", regexp.QuoteMeta(asleep))
		match(3, `task 3: running`, old, ", from .*dump_test.go:.*")
		match(4, `task 4 "later": queued`, old, ", from .*dump_test.go:.*")
		match(5, `task 5: running`, young, ", from .*dump_test.go:.*")
		match(6, `task 6 "child" of 5: ready`, young, ", from .*dump_test.go:.*")
		match(7, `task 7: ready`, young)

		p.Resolve("")
		close(release)
		require.NoError(t, rt.Shutdown(context.Background()))
		out.Reset()
		require.NoError(t, rt.Dump(&out))
		require.Equal(t, 1, strings.Count(out.String(), "\n"), "nothing is left")
	})
}

func TestADumpShowsATaskThatIsStuckInItsFirstPoll(t *testing.T) {
	rt, err := task.New(task.WithWorkers(1), task.WithStallRelief(0), task.WithSpawnSites())
	require.NoError(t, err)
	in, release := make(chan struct{}), make(chan struct{})
	ctx := rt.Context(context.Background())
	h := task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (int, bool, error) {
		close(in)
		<-release
		return 1, true, nil
	}))
	site := here(-5)
	<-in
	var out strings.Builder
	require.NoError(t, rt.Dump(&out))
	require.Contains(t, out.String(), "task 1: running, ")
	require.Contains(t, out.String(), ", from "+site+"\n")
	close(release)
	_, err = h.Await(within(t))
	require.NoError(t, err)
	require.NoError(t, rt.Shutdown(within(t)))
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestADumpReturnsTheErrorOfItsWriter(t *testing.T) {
	rt, err := task.New()
	require.NoError(t, err)
	require.ErrorIs(t, rt.Dump(brokenWriter{}), errBroken)
	require.NoError(t, rt.Shutdown(within(t)))
}

func TestTheInfoOfATaskFollowsItsStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := start(t, task.WithWorkers(1))
		var inner context.Context
		state := func() task.State {
			info, ok := task.Current(inner)
			require.True(t, ok)
			return info.State
		}
		release := make(chan struct{})
		blocker := task.Go(ctx, func(context.Context) error { <-release; return nil })
		synctest.Wait()
		h := task.Go(ctx, func(ctx context.Context) error {
			inner = ctx
			<-release
			return task.Sleep(ctx, time.Second)
		})
		close(release)
		ends(t, blocker.Done())
		synctest.Wait()
		require.Equal(t, task.Waiting, state())
		require.Equal(t, "waiting", state().String())
		_, err := h.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, task.Done, state())
	})
}

func TestLocalsBelongToOneTaskAndEndWithIt(t *testing.T) {
	ctx := start(t)
	n := 0
	local := task.NewLocal(func() int { n++; return n })
	empty := task.NewLocal[error](nil)
	_, ok := local.Get(ctx)
	require.False(t, ok, "outside of a task there is none")
	require.False(t, local.Set(ctx, 1))
	var kept context.Context
	_, err := task.BlockOn(ctx, func(ctx context.Context) (int, error) {
		v, ok := local.Get(ctx)
		require.True(t, ok)
		require.Equal(t, 1, v)
		require.True(t, local.Set(ctx, 7))
		err, ok := empty.Get(ctx)
		require.True(t, ok)
		require.NoError(t, err)
		require.True(t, empty.Set(ctx, errBroken))
		err, _ = empty.Get(ctx)
		require.Equal(t, errBroken, err)

		child := task.Spawn(ctx, func(ctx context.Context) (int, error) {
			kept = ctx
			v, _ := local.Get(ctx)
			return v, nil
		})
		v, awaitErr := child.Await(ctx)
		require.NoError(t, awaitErr)
		require.Equal(t, 2, v, "a child has its own")
		v, _ = local.Get(context.WithValue(ctx, testKey{}, 1))
		require.Equal(t, 7, v)
		return 0, nil
	})
	require.NoError(t, err)
	_, ok = local.Get(kept)
	require.False(t, ok)
	require.False(t, local.Set(kept, 1))
}
