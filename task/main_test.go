package task_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/task"
)

// Importing ants starts two goroutines, which are there before the tests are.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// start makes a runtime that the test must leave empty.
func start(t *testing.T, opts ...task.Option) context.Context {
	t.Helper()
	rt, err := task.New(opts...)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		assert.NoError(t, rt.Shutdown(ctx))
	})
	return rt.Context(context.Background())
}

// within ends a wait that should not take that long.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// quiet keeps what a test provokes out of its output.
func quiet() task.Option {
	return task.WithLogger(slog.New(slog.DiscardHandler))
}
