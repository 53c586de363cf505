package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// numbered makes a directory with n files of two chunks each.
func numbered(t *testing.T, n int) string {
	files := make(map[string]string)
	for i := range n {
		files[strconv.Itoa(100+i)] = strings.Repeat(strconv.Itoa(i), 2*chunk)
	}
	return writeFiles(t, files)
}

func TestNoMoreFilesAreOpenThanThereAreWorkers(t *testing.T) {
	root := numbered(t, 20)
	const limit = 3
	var now, most atomic.Int32
	var gate sync.WaitGroup // the first of them wait for each other
	gate.Add(limit)
	var opened atomic.Int32
	got := runWith(t.Context(), func(path string) (io.ReadCloser, error) {
		most.Store(max(most.Load(), now.Add(1)))
		if opened.Add(1) <= limit {
			gate.Done()
			gate.Wait()
		}
		f, err := os.Open(path)
		return closer{f, func() { now.Add(-1) }}, err
	}, "-workers", strconv.Itoa(limit), root)
	require.Equal(t, exitOK, got.code)
	assert.EqualValues(t, limit, most.Load())
}

type closer struct {
	*os.File
	closed func()
}

func (c closer) Close() error { c.closed(); return c.File.Close() }

func TestResultsComeInTheOrderOfTheirEnd(t *testing.T) {
	root := numbered(t, 3)
	var order []string
	last := make(chan struct{}) // the first file is held back until the others are through
	complete, err := distribute(t.Context(), options{paths: []string{root}, workers: 2}, func(path string) (io.ReadCloser, error) {
		if filepath.Base(path) == "100" {
			<-last
		}
		return openFile(path)
	}, func(s sum) {
		order = append(order, filepath.Base(s.path))
		if len(order) == 2 {
			close(last)
		}
	})
	require.NoError(t, err)
	require.True(t, complete)
	assert.Equal(t, []string{"101", "102", "100"}, order)
}

// What an interrupt leaves is a part of the list, every line of which is right.
func TestAnInterruptLeavesRightSumsAndSaysThatTheyAreNotAll(t *testing.T) {
	const files = 10
	root := numbered(t, files)
	all := reference(t, root)
	for _, args := range [][]string{{"-workers", "1"}, {"-workers", "4"}, {"-sort", "-workers", "2"}} {
		for n := int32(1); n <= files; n++ {
			ctx, cancel := context.WithCancel(t.Context())
			var opened atomic.Int32
			var at string
			got := runWith(ctx, func(path string) (io.ReadCloser, error) {
				if opened.Add(1) == n {
					at = path
					cancel()
				}
				return openFile(path)
			}, append(args, root)...)
			cancel()
			assert.Equal(t, exitInterrupted, got.code)
			count := strings.Count(got.stdout, "\n")
			assert.NotContains(t, got.stdout, at, "the file it came at was given up")
			assert.Equal(t, "checksum: interrupted: the list is not complete, it has "+strconv.Itoa(count)+" files\n", got.stderr)
			for line := range strings.Lines(got.stdout) {
				assert.Contains(t, all, line)
			}
		}
	}
}

func TestAnInterruptBeforeTheStartReadsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := runWith(ctx, func(string) (io.ReadCloser, error) {
		t.Error("opened")
		return nil, os.ErrInvalid
	}, numbered(t, 3))
	assert.Equal(t, exitInterrupted, got.code)
	assert.Empty(t, got.stdout)
}

func TestAnInterruptAfterTheLastFileComesTooLate(t *testing.T) {
	root := numbered(t, 5)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	complete, err := distribute(ctx, options{paths: []string{root}, workers: 2}, openFile, func(sum) {
		if n++; n == 5 {
			cancel()
		}
	})
	require.NoError(t, err)
	assert.True(t, complete)
	assert.Equal(t, 5, n)
}

const childVariable = "CHECKSUM_INTERRUPT_ME"

// TestInterrupted is the process that the next test interrupts.
func TestInterrupted(t *testing.T) {
	root := os.Getenv(childVariable)
	if root == "" {
		t.Skip("runs in a process of another test")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	p := program{stdout: os.Stdout, stderr: os.Stderr, open: func(path string) (io.ReadCloser, error) {
		if filepath.Base(path) == "101" {
			_, _ = os.Stderr.WriteString("now\n")
			return endless{}, nil
		}
		return openFile(path)
	}}
	os.Exit(p.run(ctx, []string{"-workers", "1", root}))
}

// endless is a file that only an interrupt can end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
func (endless) Close() error               { return nil }

func TestCtrlCEndsTheProgramWithItsExitCode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt there")
	}
	root := numbered(t, 3)
	exe, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, "-test.run=^TestInterrupted$")
	cmd.Env = append(os.Environ(), childVariable+"="+root)
	var stdout strings.Builder
	cmd.Stdout = &stdout
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	buf := make([]byte, 4)
	_, err = io.ReadFull(stderr, buf)
	require.NoError(t, err)
	require.Equal(t, "now\n", string(buf))
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	rest, err := io.ReadAll(stderr)
	require.NoError(t, err)
	require.Error(t, cmd.Wait())
	assert.Equal(t, exitInterrupted, cmd.ProcessState.ExitCode())
	assert.Equal(t, reference(t, filepath.Join(root, "100")), stdout.String())
	assert.Contains(t, string(rest), "interrupted")
}
