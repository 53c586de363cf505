package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/remote/internal/harness"
)

// The test binary is the program, for the processes that the program starts.
func TestMain(m *testing.M) {
	if os.Getenv(parentVariable) != "" || os.Getenv(programVariable) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

const programVariable = "CHECKSUMS_PROGRAM"

const limit = 60 * time.Second

// tree makes a directory with n files in some directories, and returns it with what
// sha256sum says of it.
func tree(t *testing.T, n int) (dir, want string) {
	t.Helper()
	dir = t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	var lines []string
	for i := range n {
		path := filepath.Join(dir, fmt.Sprint("d", i%7), fmt.Sprintf("file %04d", i))
		if i == n/2 {
			path += " \\ and\nodd \xff"
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		data := make([]byte, rng.IntN(20_000))
		for k := range data {
			data[k] = byte(rng.Uint32())
		}
		require.NoError(t, os.WriteFile(path, data, 0o600))
		r, err := hash(t.Context(), Job{Name: path})
		require.NoError(t, err)
		lines = append(lines, r.Name)
	}
	slices.Sort(lines)
	for i, name := range lines {
		r, err := hash(t.Context(), Job{Name: name})
		require.NoError(t, err)
		lines[i] = r.line()
	}
	return dir, strings.Join(lines, "")
}

// sha256sum, where there is one, must say the same as the test's own reference.
func TestTheReferenceIsWhatSha256sumPrints(t *testing.T) {
	exe, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Skip("there is no sha256sum")
	}
	dir, want := tree(t, 20)
	names, problems := files(dir)
	require.Empty(t, problems)
	slices.Sort(names)
	got, err := exec.Command(exe, append([]string{"--"}, names...)...).Output()
	require.NoError(t, err)
	assert.Equal(t, string(got), want)
}

// One command does it all: server, coordinator, workers.
func TestOneCommandSumsATree(t *testing.T) {
	dir, want := tree(t, 60)
	var out, log bytes.Buffer
	assert.Equal(t, exitOK, run(t.Context(), []string{dir}, &out, &log), log.String())
	assert.Equal(t, want, out.String())
}

// Workers and the coordinator are killed again and again.
func TestEveryFileIsThereOnceWhicheverProcessIsKilled(t *testing.T) {
	n, every := 2000, "150ms"
	if testing.Short() {
		n = 300
	}
	dir, want := tree(t, n)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var out, log bytes.Buffer
	assert.Equal(t, exitOK, run(ctx, []string{"-kill", every, "-parallel", "1", dir}, &out, &log), log.String())
	assert.Equal(t, want, out.String())
	t.Logf("%d were killed", strings.Count(log.String(), "is dead"))
}

// program starts the program in a process.
func program(t *testing.T, out *bytes.Buffer, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, exe, args...)
	cmd.Env = append(os.Environ(), programVariable+"=1")
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// By hand: the coordinator is killed when a part is done, stays away for longer than its
// lease, and goes on from its journal. The workers wait for it.
func TestACoordinatorGoesOnWhereItWasKilled(t *testing.T) {
	dir, want := tree(t, 400)
	s := harness.Server(t)
	journal := filepath.Join(t.TempDir(), "journal")
	start := func(out *bytes.Buffer) *exec.Cmd {
		return program(t, out, "-role", "coordinator", "-url", s.ClientURL(), "-journal", journal, dir)
	}
	lines := func() int {
		text, _ := os.ReadFile(journal)
		return bytes.Count(text, []byte("\n"))
	}
	var none, out bytes.Buffer
	first := start(&none)
	worker := program(t, new(bytes.Buffer), "-role", "worker", "-url", s.ClientURL(), "-parallel", "1")
	require.Eventually(t, func() bool { return lines() > 20 }, limit, time.Millisecond)
	require.NoError(t, first.Process.Kill())
	_ = first.Wait()
	done := lines()
	require.Empty(t, none.String())
	if !testing.Short() {
		time.Sleep(lease + lease/2) // what this is about is the clock of another process
	}
	second := start(&out)
	require.NoError(t, second.Wait())
	assert.Equal(t, want, out.String())
	require.NoError(t, worker.Wait(), "the end of the work is the end of a worker")
	t.Logf("killed with %d lines of %d", done, lines())

	// The same again, on the same server.
	require.NoError(t, os.Remove(journal))
	out.Reset()
	third := start(&out)
	program(t, new(bytes.Buffer), "-role", "worker", "-url", s.ClientURL())
	require.NoError(t, third.Wait())
	assert.Equal(t, want, out.String())
}

func TestAFileThatCannotBeReadIsAProblemAndNoEnd(t *testing.T) {
	dir, _ := tree(t, 3)
	gone := filepath.Join(dir, "d0", "loop")
	require.NoError(t, os.WriteFile(gone, nil, 0o000))
	if _, err := os.ReadFile(gone); err == nil {
		t.Skip("this user may read everything")
	}
	var out, log bytes.Buffer
	assert.Equal(t, exitProblems, run(t.Context(), []string{dir}, &out, &log))
	assert.Contains(t, log.String(), gone)
	assert.Equal(t, 3, strings.Count(out.String(), "  "))
}

func TestMistakesInTheFlagsAreExplained(t *testing.T) {
	for _, args := range [][]string{
		{}, {"a", "b"}, {"-role", "worker"}, {"-role", "worker", "-url", "x", "a"}, {"-role", "server", "-url", "x"},
		{"-role", "coordinator", "-url", "x", "a"}, {"-workers", "0", "a"}, {"-nosuch"},
	} {
		var log bytes.Buffer
		assert.Equal(t, exitUsage, run(t.Context(), args, &bytes.Buffer{}, &log), args)
		assert.NotEmpty(t, log.String())
	}
}
