package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// result is what a user sees of one run.
type result struct {
	code           int
	stdout, stderr string
}

// runWith runs the program in this process.
func runWith(ctx context.Context, open opener, terminal bool, args ...string) result {
	var stdout, stderr bytes.Buffer
	p := program{stdout: &stdout, stderr: &stderr, terminal: terminal, open: open}
	code := p.run(ctx, args)
	return result{code, stdout.String(), stderr.String()}
}

func runArgs(t *testing.T, args ...string) result {
	t.Helper()
	return runWith(t.Context(), openFile, false, args...)
}

// sorted returns r with its messages in a fixed order: several readers report
// what they cannot read as they come upon it.
func (r result) sorted() result {
	lines := strings.SplitAfter(r.stderr, "\n")
	slices.Sort(lines)
	r.stderr = strings.Join(lines, "")
	return r
}

// writeFiles makes a tree of files in a new directory and returns it.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return root
}

func TestPrintsTotalsAndTheMostFrequentIdentifiers(t *testing.T) {
	root := writeFiles(t, map[string]string{
		"a.go":      "func b() { b(); c() }\n",
		"sub/b.go":  "c c\r\nb 1x", // two lines; 1x is no identifier
		"notes.txt": "not read",
	})
	got := runArgs(t, "-top", "2", root)
	assert.Equal(t, result{exitOK, `files                  2
skipped                0
lines                  3
bytes                 31
identifiers            7
distinct               3

       count  identifier
           3  b
           3  c
`, ""}, got)
}

func TestTopZeroPrintsTotalsOnly(t *testing.T) {
	root := writeFiles(t, map[string]string{"a.go": "word"})
	got := runArgs(t, "-top", "0", root)
	assert.Contains(t, got.stdout, "identifiers            1\n")
	assert.NotContains(t, got.stdout, "word")
}

func TestAMissingFileIsReportedAndTheRestIsCounted(t *testing.T) {
	root := writeFiles(t, map[string]string{"a.go": "word\n"})
	missing := filepath.Join(root, "missing.go")
	got := runArgs(t, missing, root)
	assert.Equal(t, exitSkipped, got.code)
	assert.Contains(t, got.stderr, missing)
	assert.Contains(t, got.stdout, "files                  1\nskipped                1\n")
	assert.NotContains(t, got.stdout, "PARTIAL")
}

func TestWithoutArgumentsItReadsWhatGoEnvGOROOTNames(t *testing.T) {
	root := writeFiles(t, map[string]string{"src/a.go": "word\n"})
	t.Setenv("GOROOT", root)
	got := runArgs(t)
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Contains(t, got.stdout, "files                  1\n")
}

func TestWithoutArgumentsAndWithoutGoItSaysWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	got := runArgs(t)
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.stderr, "no file or directory given")
	assert.Empty(t, got.stdout)
}

func TestATableThatCannotBeWrittenIsAnError(t *testing.T) {
	var stderr bytes.Buffer
	p := program{stdout: brokenWriter{}, stderr: &stderr, open: openFile}
	assert.Equal(t, exitSkipped, p.run(t.Context(), []string{t.TempDir()}))
	assert.Contains(t, stderr.String(), errBroken.Error())
	assert.Equal(t, exitSkipped, p.run(t.Context(), []string{"-h"}))
}

func TestProgressIsShownOnATerminalOnlyAndWipedAtTheEnd(t *testing.T) {
	root := writeFiles(t, map[string]string{"a.go": "word\n"})

	got := runWith(t.Context(), openFile, true, root)
	const line = "1 files, 0 MB"
	wiped := "\r" + strings.Repeat(" ", len(line)) + "\r"
	assert.Equal(t, "\r"+line+wiped, got.stderr)

	assert.Empty(t, runArgs(t, root).stderr)
}

func TestAMessageDoesNotStandInTheProgressLine(t *testing.T) {
	root := writeFiles(t, map[string]string{"a.go": "word\n"})
	missing := filepath.Join(root, "missing.go")
	got := runWith(t.Context(), openFile, true, "-reference", root, missing)
	before, message, found := strings.Cut(got.stderr, "logstats: ")
	require.True(t, found, "%q", got.stderr)
	assert.Equal(t, "\r1 files, 0 MB\r             \r", before)
	assert.Contains(t, message, missing)
}

var errBroken = errors.New("broken on purpose")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
