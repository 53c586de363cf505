package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/observe"
)

// ants starts two goroutines when it is imported.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// visit runs the program with args and reads the state that its page shows, until it is as
// wanted. The program has ended when visit returns.
func visit(t *testing.T, wanted func(*observe.State) bool, args ...string) *observe.State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, w := io.Pipe()
	var errs bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, args, w, &errs)
		w.Close()
	}()
	line := make([]byte, 200)
	n, err := r.Read(line)
	require.NoError(t, err)
	url := strings.TrimSpace(string(line[:n]))
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	state := new(observe.State)
	for !wanted(state) {
		require.NoError(t, ctx.Err(), "the state never was as wanted")
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"state", nil)
		require.NoError(t, err)
		answer, err := client.Do(request)
		require.NoError(t, err)
		state = new(observe.State)
		require.NoError(t, json.NewDecoder(answer.Body).Decode(state))
		answer.Body.Close()
	}
	cancel()
	require.Zero(t, <-code, errs.String())
	return state
}

func channel(s *observe.State, name string) *observe.Channel {
	for i := range s.Channels {
		if s.Channels[i].Name == name {
			return &s.Channels[i]
		}
	}
	return &observe.Channel{}
}

func TestTheShopIsBusyAndOnItsPage(t *testing.T) {
	s := visit(t, func(s *observe.State) bool { return channel(s, "journal").Received > 20 })
	assert.Positive(t, channel(s, "orders").Sent)
	assert.Positive(t, channel(s, "priced").Sent)
	assert.Empty(t, s.Cycles())
	var names []string
	for _, task := range s.Tasks {
		names = append(names, task.Name)
	}
	assert.Subset(t, names, []string{"customer 1", "clerk 1", "packer", "bookkeeper"})
}

func TestThePlantedDeadlockIsFound(t *testing.T) {
	s := visit(t, func(s *observe.State) bool { return len(s.Cycles()) > 0 }, "-deadlock", "-idle", "10")
	assert.Len(t, s.Cycles()[0].Actors, 2)
}

func TestItEndsByItself(t *testing.T) {
	var out, errs bytes.Buffer
	assert.Zero(t, run(t.Context(), []string{"-for", "50ms", "-labels"}, &out, &errs), errs.String())
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+/debug/handoff/\n$`, out.String())
}

func TestMistakesAreExplained(t *testing.T) {
	for _, args := range [][]string{{"-for", "-1s"}, {"-for", "x"}, {"-idle", "-1"}, {"stray"}, {"-unknown"}} {
		var out, errs bytes.Buffer
		assert.Equal(t, 2, run(t.Context(), args, &out, &errs), args)
		assert.Contains(t, errs.String(), args[0])
		assert.Contains(t, errs.String(), "-h explains the flags")
	}
	var out, errs bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{"-addr", "256.0.0.1:0"}, &out, &errs))
	assert.Contains(t, errs.String(), "256.0.0.1")
	errs.Reset()
	assert.Zero(t, run(t.Context(), []string{"-h"}, &out, &errs))
	assert.Empty(t, errs.String())
	assert.Contains(t, out.String(), "\n  -addr")
}

func TestABrokenOutputIsReported(t *testing.T) {
	var errs bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), nil, brokenWriter{}, &errs))
	assert.Contains(t, errs.String(), "broken writer")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken writer") }
