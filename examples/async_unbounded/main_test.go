package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
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

var bounds = []int{-1, 0, 1, 3}

// variations are the kinds of channel, with the numbers of the listing.
func variations() (all []options) {
	for _, face := range []string{blocking, awaitable} {
		for _, bound := range bounds {
			opt := listing
			opt.face, opt.bound = face, bound
			all = append(all, opt)
		}
	}
	return all
}

type result struct {
	code           int
	stdout, stderr string
}

func program(ctx context.Context, args ...string) result {
	var out lockedBuffer
	var errs bytes.Buffer
	code := command(ctx, args, &out, &errs)
	return result{code, out.String(), errs.String()}
}

// countsToFour compares each side on its own, because the lines of the two tasks may mix
// in any way.
func countsToFour(t *testing.T, out string) {
	t.Helper()
	sent, rest := split(out, "Sent: ")
	received, rest := split(rest, "Received: ")
	assert.Equal(t, "1 2 3 4", sent)
	assert.Equal(t, "1 2 3 4", received)
	assert.Empty(t, rest)
}

func TestEachSideCountsToFourInOrder(t *testing.T) {
	got := program(t.Context())
	assert.Zero(t, got.code)
	assert.Empty(t, got.stderr)
	countsToFour(t, got.stdout)
}

func TestEveryKindOfChannelPrintsWhatTheListingPrints(t *testing.T) {
	for _, opt := range variations() {
		var out lockedBuffer
		require.NoError(t, vary(t.Context(), opt, &out), "%+v", opt)
		countsToFour(t, out.String())
	}
}

func TestEachProducersNumbersStayInOrder(t *testing.T) {
	const producers, messages = 3, 20
	for _, opt := range variations() {
		opt.producers, opt.messages = producers, messages
		var out lockedBuffer
		require.NoError(t, vary(t.Context(), opt, &out), "%+v", opt)
		for _, side := range []string{"Sent: ", "Received: "} {
			taken, _ := split(out.String(), side)
			next := make(map[int]int)
			for value := range strings.SplitSeq(strings.ReplaceAll(taken, ") ", ")\n"), "\n") {
				var number, producer int
				_, err := fmt.Sscanf(value, "%d (producer %d)", &number, &producer)
				require.NoError(t, err, value)
				next[producer]++
				assert.Equal(t, next[producer], number, "%s%s, %+v", side, value, opt)
			}
			assert.Equal(t, map[int]int{1: messages, 2: messages, 3: messages}, next, "%+v", opt)
		}
	}
}

// It is what -h says: a bound of N lets a sender be N messages ahead, and one that is
// in main's hand.
func TestABoundKeepsTheSidesTogether(t *testing.T) {
	for _, opt := range variations() {
		if opt.bound < 0 {
			continue
		}
		opt.messages = 50
		var out lockedBuffer
		require.NoError(t, vary(t.Context(), opt, &out), "%+v", opt)
		lines := strings.Split(out.String(), "\n")
		for i := 1; i+opt.bound+1 <= opt.messages; i++ {
			received := slices.Index(lines, fmt.Sprint("Received: ", i))
			sent := slices.Index(lines, fmt.Sprint("Sent: ", i+opt.bound+1))
			assert.Less(t, received, sent, "number %d, %+v", i, opt)
		}
	}
}

// goleak in TestMain shows that the producers end as well.
func TestAnErrorOfTheWriterEndsBothSides(t *testing.T) {
	require.ErrorIs(t, run(t.Context(), brokenWriter{}), errBroken)
	for _, opt := range variations() {
		opt.producers = 3
		require.ErrorIs(t, vary(t.Context(), opt, brokenWriter{}), errBroken, "%+v", opt)
	}
	var errs bytes.Buffer
	assert.Equal(t, exitFailed, command(t.Context(), nil, brokenWriter{}, &errs))
	assert.Equal(t, "async_unbounded: broken writer\n", errs.String())
}

func TestAnInterruptEndsTheProgram(t *testing.T) {
	for _, opt := range variations() {
		opt.producers, opt.messages = 5, 100
		ctx, cancel := context.WithCancel(t.Context())
		out := cancelling{cancel: cancel}
		require.ErrorIs(t, vary(ctx, opt, &out), context.Canceled, "%+v", opt)
		received, _ := split(out.String(), "Received: ")
		assert.LessOrEqual(t, strings.Count(received, "producer"), 1, "nothing is received after Ctrl-C")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := program(ctx, "-messages", "10000", "-bound", "0")
	assert.Equal(t, result{exitInterrupted, got.stdout, "async_unbounded: interrupted\n"}, got)
}

func TestNoMessagesAtAllEndTheLoop(t *testing.T) {
	assert.Equal(t, result{}, program(t.Context(), "-messages", "0"))
}

func TestMistakesAreExplained(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-nope"}, "-nope"},
		{[]string{"stray"}, `"stray"`},
		{[]string{"-producers", "0"}, "-producers 0"},
		{[]string{"-producers", "1001"}, "from 1 to 1000"},
		{[]string{"-messages", "-1"}, "-messages -1"},
		{[]string{"-messages", "10001"}, "from 0 to 10000"},
		{[]string{"-bound", "-2"}, "-1 for no bound"},
		{[]string{"-bound", "1048577"}, "-bound 1048577"},
		{[]string{"-face", "two"}, "blocking or awaitable"},
		{[]string{"-bound"}, "needs an argument"},
	} {
		got := program(t.Context(), tt.args...)
		assert.Equal(t, exitUsage, got.code, tt.args)
		assert.Contains(t, got.stderr, tt.want, tt.args)
		assert.Contains(t, got.stderr, "-h explains the flags", tt.args)
		assert.Empty(t, got.stdout, tt.args)
	}
}

func TestHelpGoesToStdoutAndNamesEveryFlag(t *testing.T) {
	got := program(t.Context(), "-h")
	assert.Equal(t, result{stdout: usage()}, got)
	newFlags(new(options)).VisitAll(func(f *flag.Flag) {
		assert.Contains(t, got.stdout, "\n  -"+f.Name)
	})
}

// split takes the lines that begin with prefix out of text. It returns what
// follows the prefix, joined by spaces, and the lines that are left.
func split(text, prefix string) (taken, rest string) {
	var values []string
	var left strings.Builder
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, prefix); ok {
			values = append(values, strings.TrimSuffix(value, "\n"))
		} else {
			left.WriteString(line)
		}
	}
	return strings.Join(values, " "), left.String()
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

// cancelling ends a context with the first write.
type cancelling struct {
	lockedBuffer
	cancel context.CancelFunc
}

func (c *cancelling) Write(p []byte) (int, error) {
	c.cancel()
	return c.lockedBuffer.Write(p)
}

var errBroken = errors.New("broken writer")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
