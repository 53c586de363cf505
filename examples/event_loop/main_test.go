package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A bubble has a clock of its own, so that it is exact which events there are.
func bubble(t *testing.T, test func(t *testing.T, o options, stdin *io.PipeWriter, r io.Reader, sigs chan os.Signal, out *lockedBuffer)) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		defer r.Close()
		o := options{dirs: []string{t.TempDir()}, every: time.Second, tick: 10 * time.Second}
		test(t, o, w, r, make(chan os.Signal, 1), new(lockedBuffer))
	})
}

func TestEventsOfEveryKindAreHandledInOneLoop(t *testing.T) {
	bubble(t, func(t *testing.T, o options, stdin *io.PipeWriter, r io.Reader, sigs chan os.Signal, out *lockedBuffer) {
		done := make(chan error, 1)
		go func() { done <- serve(t.Context(), o, r, sigs, out) }()
		expect := func(want string) {
			t.Helper()
			synctest.Wait()
			require.Equal(t, want, out.take())
		}
		expect("")
		_, err := io.WriteString(stdin, "hello\nworld\n")
		require.NoError(t, err)
		expect("line: hello\nline: world\n")

		path := filepath.Join(o.dirs[0], "file")
		require.NoError(t, os.WriteFile(path, []byte("a"), 0o600))
		time.Sleep(1500 * time.Millisecond)
		expect("created " + path + "\n")
		require.NoError(t, os.WriteFile(path, []byte("ab"), 0o600))
		time.Sleep(time.Second)
		expect("changed " + path + "\n")
		require.NoError(t, os.Remove(path))
		time.Sleep(time.Second)
		expect("removed " + path + "\n")

		time.Sleep(7 * time.Second)
		expect("tick 1\n")
		require.NoError(t, stdin.Close()) // the end of one source is not that of the loop
		time.Sleep(10 * time.Second)
		expect("tick 2\n")
		sigs <- os.Interrupt
		expect("signal: interrupt\n8 events\n")
		require.NoError(t, <-done)
	})
}

// A source of each directory sends into one channel.
func TestSeveralDirectoriesAreWatched(t *testing.T) {
	bubble(t, func(t *testing.T, o options, stdin *io.PipeWriter, r io.Reader, sigs chan os.Signal, out *lockedBuffer) {
		require.NoError(t, o.addDir(t.TempDir()))
		done := make(chan error, 1)
		go func() { done <- serve(t.Context(), o, r, sigs, out) }()
		time.Sleep(500 * time.Millisecond)
		var want []string
		for _, dir := range o.dirs {
			path := filepath.Join(dir, "file")
			require.NoError(t, os.WriteFile(path, []byte("a"), 0o600))
			want = append(want, "created "+path+"\n")
		}
		time.Sleep(time.Second)
		require.ElementsMatch(t, want, slices.Collect(strings.Lines(out.take())))
		sigs <- os.Interrupt
		require.NoError(t, <-done)
		stdin.Close()
	})
}

func TestTheLineQuitEndsEverything(t *testing.T) {
	bubble(t, func(t *testing.T, o options, stdin *io.PipeWriter, r io.Reader, sigs chan os.Signal, out *lockedBuffer) {
		go func() {
			_, _ = io.WriteString(stdin, "quit\n")
			stdin.Close()
		}()
		require.NoError(t, serve(t.Context(), o, r, sigs, out))
		require.Equal(t, "line: quit\n1 events\n", out.take())
	})
}

func TestAContextThatEndsEndsEverything(t *testing.T) {
	bubble(t, func(t *testing.T, o options, stdin *io.PipeWriter, r io.Reader, sigs chan os.Signal, out *lockedBuffer) {
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		require.NoError(t, serve(ctx, o, r, sigs, out))
		require.Equal(t, "tick 1\ntick 2\n2 events\n", out.take())
		stdin.Close()
	})
}

func TestASourceThatFailsEndsTheLoopWithItsError(t *testing.T) {
	bubble(t, func(t *testing.T, o options, stdin *io.PipeWriter, r io.Reader, sigs chan os.Signal, out *lockedBuffer) {
		stdin.CloseWithError(errBroken)
		require.ErrorIs(t, serve(t.Context(), o, r, sigs, out), errBroken)
	})
	bubble(t, func(t *testing.T, o options, stdin *io.PipeWriter, r io.Reader, sigs chan os.Signal, out *lockedBuffer) {
		done := make(chan error, 1)
		go func() { done <- serve(t.Context(), o, r, sigs, out) }()
		synctest.Wait()
		require.NoError(t, os.RemoveAll(o.dirs[0]))
		require.ErrorIs(t, <-done, os.ErrNotExist)
		stdin.Close()
	})
}

func TestABrokenOutputEndsTheLoop(t *testing.T) {
	bubble(t, func(t *testing.T, o options, stdin *io.PipeWriter, r io.Reader, sigs chan os.Signal, _ *lockedBuffer) {
		sigs <- os.Interrupt
		require.ErrorIs(t, serve(t.Context(), o, r, sigs, brokenWriter{}), errBroken)
		stdin.Close()
	})
}

// A loop that was busy for a while receives the latest tick.
func TestATickThatWasMissedIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l loop
		ticks := listen[tick](&l, 1)
		l.running.Go(func() { sendTicks(time.Second, ticks) })
		var got []int
		require.NoError(t, l.run(t.Context(), func(e event) (bool, error) {
			got = append(got, e.(tick).n)
			time.Sleep(5300 * time.Millisecond)
			return len(got) < 3, nil
		}))
		require.Equal(t, []int{1, 6, 11}, got)
	})
}

func TestMistakesAreExplained(t *testing.T) {
	for _, args := range [][]string{{"-tick", "0s"}, {"-every", "x"}, {"-every", "0s"}, {"stray"}, {"-for", "-1s"}, {"-dir", ""}} {
		var out, errs bytes.Buffer
		assert.Equal(t, 2, run(t.Context(), args, strings.NewReader(""), nil, &out, &errs), args)
		assert.Contains(t, errs.String(), args[0])
		assert.Contains(t, errs.String(), "-h explains the flags")
	}
	var out, errs bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{"-dir", filepath.Join(t.TempDir(), "missing")}, strings.NewReader(""), nil, &out, &errs))
	assert.Contains(t, errs.String(), "missing")
	errs.Reset()
	assert.Zero(t, run(t.Context(), []string{"-h"}, strings.NewReader(""), nil, &out, &errs))
	assert.Contains(t, out.String(), "\n  -dir")
	assert.Empty(t, errs.String())
	assert.Zero(t, run(t.Context(), []string{"-for", "50ms", "-tick", "10ms"}, strings.NewReader("a line\n"), nil, &out, &errs))
	assert.Contains(t, out.String(), "line: a line\n")
	assert.Contains(t, out.String(), "tick ")
}

// lockedBuffer is a bytes.Buffer for several goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// take returns what was written since the last call.
func (b *lockedBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.buf.Reset()
	return b.buf.String()
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
