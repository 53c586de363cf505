package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// These tests run in bubbles with clocks of their own: each file takes exactly as long
// as its reader sleeps.

// slow returns an opener of files. Each read of them takes d.
func slow(d time.Duration) opener {
	return func(path string) (io.ReadCloser, error) {
		f, err := os.Open(path)
		return slowFile{f, d}, err
	}
}

type slowFile struct {
	io.ReadCloser
	d time.Duration
}

func (f slowFile) Read(b []byte) (int, error) {
	time.Sleep(f.d)
	return f.ReadCloser.Read(b)
}

// A signal may come at any moment, and there may be any time to finish.
func TestWhateverWasOfferedHasOneEnd(t *testing.T) {
	root, paths := tree(t, 12)
	step := 13 * time.Millisecond
	if !testsize.Long() {
		step *= 3
	}
	for _, queue := range []string{"1", "5", "100"} {
		for _, grace := range []string{"0s", "15ms", "1h"} {
			for at := time.Duration(0); at < 100*time.Millisecond; at += step {
				out := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					stop, cancel := context.WithCancelCause(t.Context())
					time.AfterFunc(at, func() { cancel(stopped("interrupt")) })
					// Most files take two reads.
					got := runWith(stop, t.Context(), slow(5*time.Millisecond),
						"-out", out, "-workers", "2", "-queue", queue, "-grace", grace, root)
					count := got.check(t, paths, out)
					want := exitOK
					if count["abandoned"] > 0 {
						want = exitFailed
					}
					assert.Equal(t, want, got.code)
					assert.LessOrEqual(t, count["returned"], 1, "there is one producer")
					if grace == "1h" {
						assert.Zero(t, count["abandoned"])
					}
				})
			}
		}
	}
}

func TestTheGraceIsNeitherShorterNorLonger(t *testing.T) {
	root, paths := tree(t, 20)
	out := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		// File 0 takes one read and the others two. At 1.5 s there are five accepted, one
		// is offered, and 2 and 3 are being read. At 2.5 s those are done, 4 is in its last
		// read, which completes it, 5 is in its first, and 6 waits.
		got := runWith(t.Context(), t.Context(), slow(600*time.Millisecond),
			"-out", out, "-workers", "2", "-queue", "5", "-for", "1500ms", "-grace", "1s", root)
		assert.Equal(t, exitFailed, got.code)
		assert.Equal(t, map[string]int{"finished": 5, "abandoned": 2, "returned": 1, "": 12}, got.check(t, paths, out), got.stdout)
		assert.Contains(t, got.stdout, "abandoned\t"+paths[5]+"\tnot finished\nabandoned\t"+paths[6]+"\tnot begun\nreturned\t"+paths[7]+"\n")
		assert.Contains(t, got.stderr, "the time of -for is over: finishing 5 within 1s")
		assert.Equal(t, 3*time.Second, time.Since(began))
	})
}

func TestASecondSignalEndsTheGrace(t *testing.T) {
	root, paths := tree(t, 20)
	out := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		stop, begin := context.WithCancelCause(t.Context())
		hurry, atOnce := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, func() { begin(stopped("interrupt")) })
		time.AfterFunc(2900*time.Millisecond, atOnce) // in the middle of a read
		began := time.Now()
		got := runWith(stop, hurry, slow(500*time.Millisecond),
			"-out", out, "-workers", "1", "-grace", "1h", root)
		assert.Equal(t, exitInterrupted, got.code)
		count := got.check(t, paths, out)
		assert.Positive(t, count["finished"])
		assert.Contains(t, got.stdout, "\tnot begun\n")
		assert.Contains(t, got.stdout, "\tnot finished\n")
		assert.Equal(t, 3*time.Second, time.Since(began))
	})
}

func TestAReaderThatNeverReturnsIsNotWaitedFor(t *testing.T) {
	root, paths := tree(t, 3)
	out := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		k := &keeper{say: func(string) {}, opt: options{
			paths: []string{root}, out: out, workers: 1, queue: 9, grace: time.Minute,
		}, open: func(path string) (io.ReadCloser, error) {
			if path == paths[1] {
				<-release
			}
			return openFile(path)
		}}
		stop, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		var got []entry
		require.NoError(t, k.keep(stop, t.Context(), func(e entry) { got = append(got, e) }))
		require.Len(t, got, 3)
		require.Equal(t, finished, got[0].fate)
		require.Equal(t, []entry{{abandoned, paths[1], "stuck"}, {abandoned, paths[2], "not begun"}}, got[1:])
		require.Equal(t, 2*time.Minute+lastCall, time.Since(began))
		close(release)
		require.NoError(t, k.rt.Shutdown(t.Context()))
	})
}

func TestWithEveryItGoesOnUntilItIsStopped(t *testing.T) {
	root, paths := tree(t, 3)
	out := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var stdout lockedBuffer
		added := filepath.Join(root, "z")
		time.AfterFunc(90*time.Second, func() { assert.NoError(t, os.WriteFile(added, []byte("new"), 0o600)) })
		p := program{stdout: &stdout, stderr: io.Discard, open: openFile}
		began := time.Now()
		code := p.run(t.Context(), t.Context(), []string{"-out", out, "-every", "1m", "-for", "1h", root})
		assert.Equal(t, exitOK, code)
		assert.Equal(t, time.Hour, time.Since(began))
		fates := outcome{stdout: stdout.String()}.fates(t)
		assert.Len(t, fates, len(paths)+1)
		assert.Equal(t, "finished", fates[added])
	})
}

func TestASignalBeforeTheStartAcceptsNothing(t *testing.T) {
	root, paths := tree(t, 3)
	out := t.TempDir()
	stop, begin := context.WithCancelCause(t.Context())
	begin(stopped("interrupt"))
	got := runWith(stop, t.Context(), openFile, "-out", out, root)
	require.Equal(t, exitOK, got.code)
	got.check(t, paths, out)
}
