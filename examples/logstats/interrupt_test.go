package main

import (
	"context"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Ctrl-C ends the context that main passes to run, so these tests end it
// themselves, at a moment they choose. goleak in TestMain shows that every
// goroutine stops.

const partial = "PARTIAL: interrupted before everything was read\n\n"

// numbered makes a directory with n files and returns it and their paths in the
// order of the walk.
func numbered(t *testing.T, n int) (root string, paths []string) {
	t.Helper()
	files := make(map[string]string)
	var names []string
	for i := range n {
		name := string(rune('a' + i))
		names = append(names, name)
		files[name] = "word" + strconv.Itoa(i) + " common\n"
	}
	root = writeFiles(t, files)
	for _, name := range names {
		paths = append(paths, filepath.Join(root, name))
	}
	return root, paths
}

// interruptAt returns an opener that ends the context when file number n is
// opened. The lock keeps later files from being opened before that.
func interruptAt(n int, cancel context.CancelFunc) opener {
	var mu sync.Mutex
	opened := 0
	return func(path string) (io.ReadCloser, error) {
		mu.Lock()
		defer mu.Unlock()
		if opened++; opened == n {
			cancel()
		}
		return openFile(path)
	}
}

func TestAnInterruptPrintsWhatWasCountedUntilThen(t *testing.T) {
	root, paths := numbered(t, 10)
	for _, bound := range bounds {
		for n := 1; n <= len(paths); n++ {
			ctx, cancel := context.WithCancel(t.Context())
			got := runWith(ctx, interruptAt(n, cancel), false, append(flags(bound, 1), root)...)
			cancel()

			// The only reader has finished n-1 files and gives up file n, so the
			// table is that of the first n-1 files.
			want := partial + tableOf(t, paths[:n-1])
			assert.Equal(t, result{exitInterrupted, want, "logstats: " + errInterrupted.Error() + "\n"}, got,
				"bound %d, interrupted at file %d", bound, n)
		}
	}
}

// tableOf prints the table of files, without a channel.
func tableOf(t *testing.T, files []string) string {
	t.Helper()
	total := newTotals()
	reference(t.Context(), options{paths: files}, openFile, total.add)
	var out strings.Builder
	require.NoError(t, total.print(&out, 1000, true))
	return out.String()
}

func TestAnInterruptStopsManyReaders(t *testing.T) {
	root, _ := numbered(t, 20)
	const n = 5
	for _, bound := range bounds {
		for _, readers := range readers {
			ctx, cancel := context.WithCancel(t.Context())
			opt := options{paths: []string{root}, readers: readers, bound: bound}
			total := newTotals()
			complete := collect(ctx, opt, interruptAt(n, cancel), total.add)
			cancel()
			assert.False(t, complete, "bound %d, %d readers", bound, readers)
			assert.Less(t, total.files, int64(n), "bound %d, %d readers", bound, readers)
			assert.Zero(t, total.skipped, "an interrupt is not a file's fault")
		}
	}
}

func TestAnInterruptBeforeTheStartReadsNothing(t *testing.T) {
	root, _ := numbered(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, bound := range bounds {
		got := runWith(ctx, openFile, false, append(flags(bound, 3), root, filepath.Join(root, "missing"))...)
		assert.Equal(t, exitInterrupted, got.code)
		assert.Equal(t, partial+tableOf(t, nil), got.stdout)
	}
	got := runWith(ctx, openFile, false, "-ext", "", "-reference", root)
	assert.Equal(t, exitInterrupted, got.code)

	got = runWith(ctx, openFile, false) // asks go for GOROOT first
	assert.Equal(t, exitInterrupted, got.code)
	assert.Empty(t, got.stdout)
}

// By then every producer has done its work, so the result is not partial.
func TestAnInterruptAfterTheLastFileComesTooLate(t *testing.T) {
	root, paths := numbered(t, 6)
	for _, bound := range bounds {
		for _, readers := range readers {
			ctx, cancel := context.WithCancel(t.Context())
			total := newTotals()
			opt := options{paths: []string{root}, readers: readers, bound: bound}
			complete := collect(ctx, opt, openFile, func(s fileStats) {
				total.add(s)
				if total.files == int64(len(paths)) {
					cancel()
				}
			})
			cancel()
			assert.EqualValues(t, len(paths), total.files)
			assert.True(t, complete)
		}
	}
}
