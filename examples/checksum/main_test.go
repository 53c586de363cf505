package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/task/tasktest"
)

func TestMain(m *testing.M) { tasktest.VerifyTestMain(m) }

// result is what a user sees of one run.
type result struct {
	code           int
	stdout, stderr string
}

// runWith runs the program in this process.
func runWith(ctx context.Context, open opener, args ...string) result {
	var stdout, stderr bytes.Buffer
	p := program{stdout: &stdout, stderr: &stderr, open: open}
	code := p.run(ctx, args)
	return result{code, stdout.String(), stderr.String()}
}

func runArgs(t *testing.T, args ...string) result {
	t.Helper()
	return runWith(t.Context(), openFile, args...)
}

// lines returns the lines of s in a fixed order.
func lines(s string) []string {
	l := strings.SplitAfter(s, "\n")
	slices.Sort(l)
	return l
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

// tree is a directory with a little of everything, and a symbolic link if the
// system has them.
func tree(t *testing.T) string {
	files := map[string]string{
		"a":              "hello\n",
		"empty":          "",
		"dir/with space": "one",
		"dir/deep/ü":     "two",
		"dir/ two  ":     "three",
		"big":            strings.Repeat("0123456789", 3*chunk/10+1),
		"whole chunk":    strings.Repeat("x", chunk),
	}
	if runtime.GOOS != "windows" {
		files["new\nline"] = "four"
		files[`back\slash`] = "five"
	}
	root := writeFiles(t, files)
	if err := os.Symlink("a", filepath.Join(root, "link")); err != nil {
		t.Log("no symbolic links here:", err)
	}
	return root
}

// reference sums the files one after the other, without tasks.
func reference(t *testing.T, paths ...string) string {
	t.Helper()
	var out strings.Builder
	walk(paths, func(path string, err error) bool {
		require.NoError(t, err)
		s, err := hashFile(t.Context(), openFile, path)
		require.NoError(t, err)
		require.NoError(t, s.err)
		out.WriteString(s.line())
		return true
	})
	return out.String()
}

var workers = []string{"1", "2", "7", "1000"}

func TestTheSumsAreThoseOfASequentialRun(t *testing.T) {
	root := tree(t)
	want := reference(t, root)
	for _, n := range workers {
		got := runArgs(t, "-workers", n, root)
		assert.Equal(t, exitOK, got.code)
		assert.Empty(t, got.stderr)
		assert.Equal(t, lines(want), lines(got.stdout), "%s workers", n)
	}
}

func TestTheOutputIsThatOfSha256sum(t *testing.T) {
	sha256sum, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Skip("no sha256sum here:", err)
	}
	root := tree(t)
	var files []string
	walk([]string{root}, func(path string, err error) bool { files = append(files, path); return err == nil })
	want, err := exec.CommandContext(t.Context(), sha256sum, files...).Output()
	require.NoError(t, err)
	got := runArgs(t, root)
	assert.Equal(t, lines(string(want)), lines(got.stdout))

	check := exec.CommandContext(t.Context(), sha256sum, "--check", "--status", "-")
	check.Stdin = strings.NewReader(got.stdout)
	assert.NoError(t, check.Run())
}

func TestSortedOutputIsInTheOrderOfTheBytesOfTheNames(t *testing.T) {
	root := writeFiles(t, map[string]string{"b": "2", "a/z": "1", "a b": "3", "B": "4", "a.": "5"})
	var want string
	for _, name := range []string{"B", "a b", "a.", "a/z", "b"} {
		want += reference(t, filepath.Join(root, filepath.FromSlash(name)))
	}
	for _, n := range workers {
		assert.Equal(t, result{exitOK, want, ""}, runArgs(t, "-sort", "-workers", n, root))
	}
}

func TestANameThatWouldBreakTheFormatIsEscaped(t *testing.T) {
	for name, want := range map[string]string{
		"plain  name": "plain  name",
		`a\b`:         `a\\b`,
		"a\nb":        `a\nb`,
		"a\rb":        `a\rb`,
		"\\n\n":       `\\n\n`,
	} {
		line := sum{path: name}.line()
		assert.True(t, strings.HasSuffix(line, "  "+want+"\n"), "%q", line)
		assert.Equal(t, name != want, strings.HasPrefix(line, `\`), "%q", line)
		assert.Equal(t, 1, strings.Count(line, "\n"))
	}
}

func TestWhatCannotBeReadIsReportedAtTheEndAndTheRestIsSummed(t *testing.T) {
	root := writeFiles(t, map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"})
	good := []string{filepath.Join(root, "a"), filepath.Join(root, "d")}
	missing := filepath.Join(root, "missing")
	open := func(path string) (io.ReadCloser, error) {
		switch filepath.Base(path) {
		case "b":
			return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrPermission}
		case "c":
			return io.NopCloser(io.MultiReader(strings.NewReader("half"), brokenReader{})), nil
		}
		return openFile(path)
	}
	for _, n := range workers {
		got := runWith(t.Context(), open, "-workers", n, missing, os.DevNull, root)
		assert.Equal(t, exitFailed, got.code)
		assert.Equal(t, lines(reference(t, good...)), lines(got.stdout))
		assert.Contains(t, got.stderr, missing)
		assert.Contains(t, got.stderr, os.DevNull+": neither a regular file nor a directory")
		assert.Contains(t, got.stderr, "open "+filepath.Join(root, "b")+": permission denied")
		assert.Contains(t, got.stderr, "read "+filepath.Join(root, "c")+": "+errBroken.Error())
		assert.True(t, strings.HasSuffix(got.stderr, "checksum: 4 of 6 could not be read\n"), got.stderr)
	}
}

func TestAFileWithoutPermissionIsNotFatal(t *testing.T) {
	root := writeFiles(t, map[string]string{"a": "1", "secret": "2"})
	secret := filepath.Join(root, "secret")
	require.NoError(t, os.Chmod(secret, 0))
	if f, err := os.Open(secret); err == nil {
		f.Close()
		t.Skip("this user may read everything")
	}
	got := runArgs(t, root)
	assert.Equal(t, exitFailed, got.code)
	assert.Equal(t, reference(t, filepath.Join(root, "a")), got.stdout)
	assert.Contains(t, got.stderr, secret)
}

// A panic in a task is that file's misfortune.
func TestAPanicOfOneFileIsNotFatalForTheRest(t *testing.T) {
	root := writeFiles(t, map[string]string{"a": "1", "b": "2"})
	got := runWith(t.Context(), func(path string) (io.ReadCloser, error) {
		if filepath.Base(path) == "a" {
			panic("boom")
		}
		return openFile(path)
	}, root)
	assert.Equal(t, exitFailed, got.code)
	assert.Equal(t, reference(t, filepath.Join(root, "b")), got.stdout)
	assert.Contains(t, got.stderr, "panicked: boom")
}

func TestALinkIsFollowedIfItIsNamedAndItsFilesKeepThatName(t *testing.T) {
	root := writeFiles(t, map[string]string{"dir/a": "1"})
	link := filepath.Join(root, "link")
	if err := os.Symlink("dir", link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	assert.Equal(t, reference(t, filepath.Join(link, "a")), runArgs(t, link).stdout)
	assert.Equal(t, reference(t, filepath.Join(root, "dir", "a")), runArgs(t, root).stdout)
}

func TestProgressIsShownOnlyWhereItHelps(t *testing.T) {
	root := writeFiles(t, map[string]string{"a": "1"})
	line := "\r1 files, 0 MB"
	for _, tt := range []struct {
		outTerminal, errTerminal bool
		args                     []string
		want                     bool
	}{
		{false, false, nil, false},
		{false, true, nil, true},
		{true, true, nil, false},
		{true, true, []string{"-sort"}, true},
		{true, false, nil, false},
		{false, false, []string{"-progress"}, true},
		{true, true, []string{"-progress"}, true},
	} {
		var stdout, stderr bytes.Buffer
		p := program{
			stdout: &stdout, stderr: &stderr, open: openFile,
			outTerminal: tt.outTerminal, errTerminal: tt.errTerminal,
		}
		assert.Equal(t, exitOK, p.run(t.Context(), append(tt.args, root)))
		want := ""
		if tt.want {
			want = line + "\r" + strings.Repeat(" ", len(line)-1) + "\r"
		}
		assert.Equal(t, want, stderr.String(), "%+v", tt)
		assert.Equal(t, reference(t, root), stdout.String())
	}
}

func TestMistakesAreExplained(t *testing.T) {
	for _, args := range [][]string{{"-workers", "0"}, {"-workers", "1025"}, {"-unknown"}, {""}} {
		got := runArgs(t, args...)
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.stderr, "-h explains the flags")
		assert.Empty(t, got.stdout)
	}
	got := runArgs(t, "-h")
	assert.Zero(t, got.code)
	assert.Contains(t, got.stdout, "-workers N")
	assert.Contains(t, got.stdout, "Exit code")
}

func TestWithoutArgumentsItReadsTheCurrentDirectory(t *testing.T) {
	t.Chdir(writeFiles(t, map[string]string{"a": "1"}))
	assert.Equal(t, reference(t, "a"), runArgs(t).stdout)
}

func TestOutputThatCannotBeWrittenEndsTheWork(t *testing.T) {
	files := make(map[string]string)
	for i := range 100 {
		files[strings.Repeat("x", i+1)] = "1"
	}
	root := writeFiles(t, files)
	for _, args := range [][]string{{root}, {"-sort", root}, {"-h"}} {
		var stderr bytes.Buffer
		p := program{stdout: brokenWriter{}, stderr: &stderr, open: openFile}
		assert.Equal(t, exitFailed, p.run(t.Context(), args))
		assert.Equal(t, "checksum: "+errBroken.Error()+"\n", stderr.String())
	}
}

var errBroken = errors.New("broken on purpose")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }
