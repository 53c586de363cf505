package main

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// ants starts two goroutines when it is imported.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

func program(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestEveryActorAnswersAndEnds(t *testing.T) {
	code, stdout, stderr := program(t.Context(), "-actors", "3000", "-n", "4")
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "3000 actors, ")
	assert.Contains(t, stdout, "each answered 10, after 4 messages")
	assert.Contains(t, stdout, "all have ended")
}

// A long request does not hold up a short one that came later.
func TestRequestsTakeTurns(t *testing.T) {
	tx, life := newActor()
	long, err := ask(tx, 100)
	require.NoError(t, err)
	short, err := ask(tx, 1)
	require.NoError(t, err)
	rt, err := task.New()
	require.NoError(t, err)
	handle := task.SpawnFuture(rt.Context(t.Context()), life)
	v, err := future.Await(t.Context(), short)
	require.NoError(t, err)
	assert.Equal(t, 101, v, "one step of the long one came before it")
	v, err = future.Await(t.Context(), long)
	require.NoError(t, err)
	assert.Equal(t, 5051, v)
	tx.Drop()
	_, err = handle.Await(t.Context())
	require.NoError(t, err)
	require.NoError(t, rt.Shutdown(t.Context()))
}

// A client that drops its handle after asking does not keep the actor alive, and a client
// that still waits for the answer gets an error.
func TestAnUnreachableActorEnds(t *testing.T) {
	tx, life := newActor()
	answer, err := ask(tx, 1000)
	require.NoError(t, err)
	tx.Drop()
	rt, err := task.New()
	require.NoError(t, err)
	_, err = task.SpawnFuture(rt.Context(t.Context()), life).Await(t.Context())
	require.NoError(t, err)
	_, err = future.Await(t.Context(), answer)
	require.ErrorIs(t, err, future.ErrDropped)
	require.NoError(t, rt.Shutdown(t.Context()))
}

func TestAnInterruptStopsTheProgram(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, stderr := program(ctx, "-actors", "1000")
	assert.Equal(t, 130, code)
	assert.Contains(t, stderr, "interrupted")
}

func TestMistakesAreExplained(t *testing.T) {
	for _, args := range [][]string{{"-actors", "0"}, {"-n", "0"}, {"-n", "x"}, {"stray"}, {"-unknown"}} {
		code, _, stderr := program(t.Context(), args...)
		assert.Equal(t, 2, code, args)
		assert.Contains(t, stderr, args[0])
		assert.Contains(t, stderr, "-h explains the flags")
	}
	code, help, stderr := program(t.Context(), "-h")
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	assert.Contains(t, help, "\n  -actors")
}

func TestABrokenOutputIsReported(t *testing.T) {
	var errs bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{"-actors", "10"}, brokenWriter{}, &errs))
	assert.Contains(t, errs.String(), "broken writer")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken writer") }
