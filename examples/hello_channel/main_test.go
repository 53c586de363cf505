package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const golden = "Received: Hello from a goroutine!\n"

// variations are the kinds of channel, apart from the number of producers.
func variations() (all []options) {
	for _, face := range []string{blocking, awaitable} {
		for _, bound := range []int{-1, 0, 1, 100} {
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
	var out, errs bytes.Buffer
	code := command(ctx, args, &out, &errs)
	return result{code, out.String(), errs.String()}
}

func TestPrintsTheMessageItReceived(t *testing.T) {
	require.Equal(t, result{stdout: golden}, program(t.Context()))
}

func TestReturnsTheErrorOfTheWriter(t *testing.T) {
	require.ErrorIs(t, run(brokenWriter{}), errBroken)
	for _, opt := range variations() {
		opt.producers = 3
		require.ErrorIs(t, vary(t.Context(), opt, brokenWriter{}), errBroken, "%+v", opt)
	}
	var errs bytes.Buffer
	assert.Equal(t, exitFailed, command(t.Context(), nil, brokenWriter{}, &errs))
	assert.Equal(t, "hello_channel: broken writer\n", errs.String())
}

func TestEveryKindOfChannelPrintsWhatTheListingPrints(t *testing.T) {
	for _, opt := range variations() {
		var out bytes.Buffer
		require.NoError(t, vary(t.Context(), opt, &out), "%+v", opt)
		assert.Equal(t, golden, out.String(), "%+v", opt)
	}
}

func TestEveryProducerIsHeardOnce(t *testing.T) {
	for _, opt := range variations() {
		opt.producers, opt.message = 3, "Hi"
		var out bytes.Buffer
		require.NoError(t, vary(t.Context(), opt, &out), "%+v", opt)
		lines := slices.Sorted(strings.Lines(out.String()))
		assert.Equal(t, []string{
			"Received: Hi (producer 1)\n", "Received: Hi (producer 2)\n", "Received: Hi (producer 3)\n",
		}, lines, "%+v", opt)
	}
}

func TestTheFlagsReachTheChannel(t *testing.T) {
	assert.Equal(t, result{stdout: "Received: Good morning!\n"},
		program(t.Context(), "-message", "Good morning!", "-bound", "0", "-face", "awaitable"))
	got := program(t.Context(), "-producers", "2")
	assert.Equal(t, 2, strings.Count(got.stdout, "\n"))
}

// goleak in TestMain shows that the producers end too.
func TestAnInterruptEndsTheProgram(t *testing.T) {
	for _, opt := range variations() {
		opt.producers = 10
		ctx, cancel := context.WithCancel(t.Context())
		var out bytes.Buffer
		err := vary(ctx, opt, &cancelling{&out, cancel})
		require.ErrorIs(t, err, context.Canceled, "%+v", opt)
		assert.Equal(t, 1, strings.Count(out.String(), "\n"), "nothing is received after Ctrl-C")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := program(ctx, "-producers", "1000", "-bound", "0")
	assert.Equal(t, result{exitInterrupted, got.stdout, "hello_channel: interrupted\n"}, got)
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
		{[]string{"-producers", "many"}, "-producers"},
		{[]string{"-bound", "-2"}, "-1 for no bound"},
		{[]string{"-bound", "1048577"}, "-bound 1048577"},
		{[]string{"-face", "two"}, "blocking or awaitable"},
		{[]string{"-message"}, "needs an argument"},
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

// cancelling ends a context with the first write.
type cancelling struct {
	w      *bytes.Buffer
	cancel context.CancelFunc
}

func (c *cancelling) Write(p []byte) (int, error) {
	c.cancel()
	return c.w.Write(p)
}

var errBroken = errors.New("broken writer")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
