package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/task"
)

// ants starts two goroutines when it is imported.
func TestMain(m *testing.M) { goleak.VerifyTestMain(withRuntime{m}, goleak.IgnoreCurrent()) }

// withRuntime stops the default runtime before leaks are looked for.
type withRuntime struct{ m *testing.M }

func (w withRuntime) Run() int {
	code := w.m.Run()
	if err := task.Default().Shutdown(context.Background()); err != nil {
		fmt.Println("shutdown:", err)
		return 1
	}
	return code
}

// The lines of the two tasks may mix in any way, so each side is compared on its own.
func TestEachSideCountsToFourInOrder(t *testing.T) {
	var out lockedBuffer
	require.NoError(t, run(t.Context(), &out))

	var sent, received []string
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSuffix(line, "\n")
		if v, ok := strings.CutPrefix(line, "Sent: "); ok {
			sent = append(sent, v)
		} else {
			v, ok := strings.CutPrefix(line, "Received: ")
			assert.True(t, ok, line)
			received = append(received, v)
		}
	}
	want := []string{"1", "2", "3", "4"}
	assert.Equal(t, want, sent)
	assert.Equal(t, want, received)
}

func TestAnErrorOfTheWriterEndsBothSides(t *testing.T) {
	require.ErrorIs(t, run(t.Context(), brokenWriter{}), errBroken)
}

func TestAnInterruptEndsBothSides(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out lockedBuffer
	if err := run(ctx, &out); err != nil {
		require.ErrorIs(t, err, context.Canceled)
	}
}

// lockedBuffer is a bytes.Buffer for several writers.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var errBroken = errors.New("broken writer")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
