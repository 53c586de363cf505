package tasktest_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
	"github.com/handoff-go/handoff/task/tasktest"
)

func TestTheGoroutinesOfTheImportAreNoLeak(t *testing.T) {
	require.Error(t, goleak.Find(), "they are there")
	tasktest.VerifyNone(t)
}

func TestARuntimeIsALeakUntilItIsShutDown(t *testing.T) {
	rt, err := task.New()
	require.NoError(t, err)
	var before fake
	tasktest.VerifyNone(&before)
	require.Len(t, before.errors, 1)
	assert.Contains(t, fmt.Sprint(before.errors...), "purgeStaleWorkers")

	require.NoError(t, rt.Shutdown(soon(t)))
	tasktest.VerifyNone(t)
}

func TestTheDefaultRuntimeIsNoLeakButItsTasksAre(t *testing.T) {
	ctx := context.Background()
	_, err := task.Go(ctx, func(context.Context) error { return nil }).Await(soon(t))
	require.NoError(t, err)
	tasktest.VerifyNone(t)

	// Tasks that are about to end are given the time.
	task.SpawnFuture(ctx, future.After(20*time.Millisecond)).Drop()
	tasktest.VerifyNone(t)

	left := task.SpawnFuture(ctx, future.Pending[int]())
	var f fake
	tasktest.VerifyNone(&f)
	require.Len(t, f.errors, 1)
	assert.Contains(t, fmt.Sprint(f.errors...), "1 tasks of the default runtime were left")
	_, err = left.Await(soon(t))
	require.ErrorIs(t, err, context.Canceled)
	tasktest.VerifyNone(t)
}

func TestADefaultRuntimeThatDoesNotEndIsReported(t *testing.T) {
	free := make(chan struct{})
	stuck := task.SpawnBlocking(context.Background(), func(context.Context) (int, error) { <-free; return 1, nil })
	err := tasktest.EndDefault(time.Millisecond, 10*time.Millisecond)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "1 tasks of the default runtime were left")
	require.ErrorContains(t, err, "did not end within 10ms")
	close(free)
	v, err := stuck.Await(soon(t))
	require.NoError(t, err)
	require.Equal(t, 1, v)
	tasktest.VerifyNone(t)
}

func TestOptionsOfTheUserApplyToo(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	go func() { <-stop }()
	var f fake
	tasktest.VerifyNone(&f)
	require.Len(t, f.errors, 1)
	cleaned := false
	tasktest.VerifyNone(t, goleak.IgnoreCurrent(), goleak.Cleanup(func(int) { cleaned = true }))
	require.True(t, cleaned)
}

func TestVerifyNoneInsideABubbleSaysWhatToDo(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		var f fake
		tasktest.VerifyNone(&f)
		assert.Contains(t, fmt.Sprint(f.errors...), "call it outside")
	})
}

func TestVerifyTestMainFailsTheProcessThatLeaks(t *testing.T) {
	for name, want := range map[string]string{
		"leaked runtime":   "purgeStaleWorkers",
		"leaked goroutine": "select (no cases)",
		"leaked task":      "1 tasks of the default runtime were left",
	} {
		passed, out := runProgram(t, name)
		assert.False(t, passed, name)
		assert.Contains(t, out, want, name)
		assert.Contains(t, out, "--- PASS: TestProgram", "the test itself passed")
	}
	for _, name := range []string{"nothing", "used default"} {
		passed, out := runProgram(t, name)
		assert.True(t, passed, "%s: %s", name, out)
	}
}
