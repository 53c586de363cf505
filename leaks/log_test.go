package leaks_test

import (
	"bytes"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/leak"
	"github.com/handoff-go/handoff/leaks"
)

// buffer is a place to log to from several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// logged returns what the default logger receives until the end of the test.
func logged(t *testing.T) *buffer {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	out := new(buffer)
	slog.SetDefault(slog.New(slog.NewTextHandler(out, nil)))
	return out
}

func TestALeakIsLoggedWithItsHandleItsMessageAndItsSite(t *testing.T) {
	out := logged(t)
	stop := leaks.Track()
	defer stop()
	tx, rx := async.Bounded[map[string]int](1)
	rx.Drop()
	_, _ = tx, rx
	require.True(t, collectUntil(func() bool { return strings.Contains(out.String(), "\n") }))
	assert.NoError(t, leak.Collect())
	line := out.String()
	assert.Equal(t, 1, strings.Count(line, "\n"))
	assert.Contains(t, line, "level=WARN")
	assert.Contains(t, line, "handle=async.Sender message=map[string]int created=")
	assert.Regexp(t, `/leaks/log_test\.go:\d+ by=\S+\.TestALeakIsLogged\S+ disconnected=(true|false)\n`, line)
}

// A handler that waits for what is still to be dropped must not wait for ever.
func TestALoggerThatWaitsHoldsNoDisconnectUp(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	defer leaks.Track()()
	sink, rx := async.Bounded[string](0)
	entered := make(chan struct{}, 2)
	told := make(chan error, 2)
	slog.SetDefault(slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		entered <- struct{}{}
		told <- sink.SendBlocking(string(p))
		return len(p), nil
	}), nil)))
	sink.Clone()
	require.True(t, collectUntil(func() bool { return len(entered) == 1 }))
	runtime.KeepAlive(rx) // and from here on it is garbage
	for range 2 {         // by its own looks or by a collection of others: the drop waits for the logger for a moment
		runtime.GC()
		select {
		case err := <-told:
			assert.ErrorIs(t, err, async.ErrClosed)
		case <-time.After(within):
			require.Fail(t, "the receiver is not dropped")
		}
	}
	sink.Drop()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// The process must not end because it looks for leaks, and the report is not lost.
func TestALoggerThatPanicsIsHarmless(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	defer leaks.Track()()
	entered := make(chan struct{}, 2)
	slog.SetDefault(slog.New(slog.NewTextHandler(writerFunc(func([]byte) (int, error) {
		entered <- struct{}{}
		panic("of a handler")
	}), nil)))
	_, rx := async.Bounded[int](0)
	collecting(t, func() {
		_, err := rx.RecvBlocking()
		assert.ErrorIs(t, err, async.ErrClosed)
	})
	assert.Len(t, entered, 1)
	rx.Drop()
	assert.NoError(t, leak.Collect())
}

func TestAfterStopNothingMoreIsTracked(t *testing.T) {
	out := logged(t)
	stop := leaks.Track()
	again := leaks.Track()
	stop()
	stop()
	async.Bounded[int8](1)
	again()
	async.Bounded[int16](1)
	require.True(t, collectUntil(func() bool { return strings.Count(out.String(), "message=int8") == 2 }))
	assert.NoError(t, leak.Collect())
	assert.NotContains(t, out.String(), "int16")
}

// The variable decides for a program that says nothing itself.
func TestTheEnvironmentSwitchesTrackingOn(t *testing.T) {
	for value, want := range map[string]int{"1": 2, "0": 0, "": 0} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProgramThatLeaks$")
		cmd.Env = append(os.Environ(), "HANDOFF_LEAKS="+value, "HANDOFF_LEAKS_CHILD=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		assert.Equal(t, want, strings.Count(string(out), "and had not been dropped"), "%q: %s", value, out)
	}
}

func TestProgramThatLeaks(t *testing.T) {
	if os.Getenv("HANDOFF_LEAKS_CHILD") == "" {
		t.Skip("the child of TestTheEnvironmentSwitchesTrackingOn")
	}
	async.Bounded[int](1)
	assert.NoError(t, leak.Collect())
	if os.Getenv("HANDOFF_LEAKS") == "1" {
		assert.EqualValues(t, 2, leaks.Count())
		return
	}
	assert.Zero(t, leaks.Count())
}
