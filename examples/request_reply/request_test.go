package main

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
)

// A bubble has a clock of its own, so it is exact what took no time.

func TestAClientLearnsAtOnceThatItsReplyWasDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Bounded[request](1)
		go func() {
			r, _ := rx.RecvBlocking()
			r.reply.Drop()
		}()
		began := time.Now()
		_, err := ask(t.Context(), tx, "word", time.Hour)
		require.ErrorIs(t, err, errGivenUp)
		require.Zero(t, time.Since(began))
	})
}

func TestATimeoutHoldsForTheWholeRequestAndIsSeenByTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Bounded[request](1)
		began := time.Now()
		_, err := ask(t.Context(), tx, "word", time.Minute)
		require.ErrorIs(t, err, errNoAnswer)
		require.Equal(t, time.Minute, time.Since(began))

		_, err = ask(t.Context(), tx, "another", time.Minute)
		require.ErrorIs(t, err, errNotTaken, "the first one is in the only slot")
		require.Equal(t, 2*time.Minute, time.Since(began))

		r, err := rx.TryRecv()
		require.NoError(t, err)
		require.Equal(t, "word", r.word)
		select {
		case <-r.reply.Done():
		default:
			require.Fail(t, "the server does not see that the client stopped waiting")
		}
		require.False(t, r.reply.Resolve(nil))
		_, err = rx.TryRecv()
		require.ErrorIs(t, err, async.ErrEmpty, "what timed out before it was sent is not sent later")
	})
}

func TestARequestWithoutServersComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("moved away")
		for _, leave := range []func(rx *async.Receiver[request]){
			func(rx *async.Receiver[request]) { rx.Drop() },
			func(rx *async.Receiver[request]) { rx.CloseCause(cause) },
		} {
			tx, rx := async.Bounded[request](0)
			time.AfterFunc(time.Second, func() { leave(rx) })
			began := time.Now()
			_, err := ask(t.Context(), tx, "word", time.Hour)
			require.ErrorIs(t, err, errNoServer)
			require.ErrorIs(t, err, async.ErrClosed)
			require.Equal(t, time.Second, time.Since(began))
		}
	})
}

// panicsIn returns an opener that panics when it opens a file of this name after the
// index was built from the first n files.
func panicsIn(name string, n int64) opener {
	var opened atomic.Int64
	return func(path string) (io.ReadCloser, error) {
		if opened.Add(1) > n && filepath.Base(path) == name {
			panic("boom")
		}
		return openFile(path)
	}
}

func TestAServerThatPanicsTakesNothingButItsRequestAlong(t *testing.T) {
	root := writeFiles(t, map[string]string{"bad.go": "bad\n", "good.go": "good\n"})
	for _, clients := range []string{"1", "5"} {
		got := runWith(t.Context(), panicsIn("bad.go", 2), "good\nbad\ngood\ngood\n",
			"-dir", root, "-servers", "2", "-clients", clients, "-timeout", "1h")
		assert.Equal(t, exitFailed, got.code)
		assert.Equal(t, strings.Repeat(filepath.Join(root, "good.go")+":1:good\n", 3), got.stdout)
		assert.Contains(t, got.stderr, "bad: "+errGivenUp.Error())
		assert.Contains(t, got.stderr, "panicked: boom")
	}
}

// What is in the channel when the last server leaves is given up, and what comes later
// is not taken any more: no client waits until the timeout.
func TestWhenNoServerIsLeftEveryClientGetsAnError(t *testing.T) {
	root := writeFiles(t, map[string]string{"bad.go": "bad\n", "good.go": "good\n"})
	for _, clients := range []string{"1", "5", "50"} {
		got := runWith(t.Context(), panicsIn("bad.go", 2), "bad\n"+strings.Repeat("good\n", 100),
			"-dir", root, "-servers", "1", "-clients", clients, "-timeout", "1h")
		assert.Equal(t, exitFailed, got.code)
		told := strings.Count(got.stderr, errGivenUp.Error()) + strings.Count(got.stderr, errNoServer.Error())
		assert.Equal(t, 101, told+strings.Count(got.stdout, "\n"))
		assert.Positive(t, told)
	}
}

func TestAFileThatChangedIsNotQuotedWrongly(t *testing.T) {
	root := writeFiles(t, map[string]string{"a.go": "one\ntwo\n"})
	opened := 0
	got := runWith(t.Context(), func(path string) (io.ReadCloser, error) {
		if opened++; opened > 1 {
			return io.NopCloser(strings.NewReader("one\n")), nil
		}
		return openFile(path)
	}, "", "-dir", root, "-servers", "1", "two")
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.stderr, "two: "+filepath.Join(root, "a.go")+" has become shorter")
	assert.Empty(t, got.stdout)
}
