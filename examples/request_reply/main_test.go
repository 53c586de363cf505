package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// ants starts two goroutines when it is imported.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// output is what a user sees of one run.
type output struct {
	code           int
	stdout, stderr string
}

func runWith(ctx context.Context, open opener, stdin string, args ...string) output {
	var stdout, stderr bytes.Buffer
	p := program{stdin: strings.NewReader(stdin), stdout: &stdout, stderr: &stderr, open: open}
	code := p.run(ctx, args)
	return output{code, stdout.String(), stderr.String()}
}

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

// source is a tree that has words in all positions.
func source(t *testing.T) string {
	return writeFiles(t, map[string]string{
		"a.go":        "one two one\n\ntwo.three(one)\n_one one1 ön\n",
		"dir/b.go":    "three",
		"dir/c.go":    "\tone\r\n \xff one\n",
		"empty.go":    "",
		"notes.txt":   "one two",
		".git/x.go":   "one",
		"z/deep/d.go": strings.Repeat("two\n", 1000) + "three\n",
	})
}

var asked = []string{"one", "two", "three", "_one", "one1", "ön", "nowhere", "one"}

// reference searches each word with a pattern, line by line, without an index or a
// channel.
func reference(t *testing.T, root string, words ...string) (out string) {
	t.Helper()
	for _, w := range words {
		pattern := regexp.MustCompile(`(^|[^\pL\p{Nd}_])` + w + `($|[^\pL\p{Nd}_])`)
		for _, path := range goFiles(t, root) {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			for i, line := range strings.Split(string(content), "\n") {
				if pattern.MatchString(line) {
					out += path + ":" + strconv.Itoa(i+1) + ":" + line + "\n"
				}
			}
		}
	}
	return out
}

func goFiles(t *testing.T, root string) (files []string) {
	t.Helper()
	for _, depth := range []string{"*.go", "*/*.go", "*/*/*.go"} {
		found, err := filepath.Glob(filepath.Join(root, depth))
		require.NoError(t, err)
		for _, path := range found {
			if !strings.Contains(path, "/.") {
				files = append(files, path)
			}
		}
	}
	return files
}

func TestTheAnswersAreThoseOfASequentialSearchInTheOrderOfTheQuestions(t *testing.T) {
	root := source(t)
	want := output{exitFailed, reference(t, root, asked...), "request_reply: nowhere: nowhere\n"}
	for _, servers := range []string{"1", "2", "7"} {
		for _, clients := range []string{"1", "3", "20"} {
			flags := []string{"-dir", root, "-servers", servers, "-clients", clients}
			got := runWith(t.Context(), openFile, "", append(flags, asked...)...)
			assert.Equal(t, want, got, "words as arguments, %s servers, %s clients", servers, clients)
			got = runWith(t.Context(), openFile, "\n "+strings.Join(asked, "\r\n\n"), flags...)
			assert.Equal(t, want, got, "words from standard input, %s servers, %s clients", servers, clients)
		}
	}
}

func TestTheOutputIsThatOfGrep(t *testing.T) {
	grep, err := exec.LookPath("grep")
	if err != nil {
		t.Skip("no grep here:", err)
	}
	words := []string{"Errorf", "ctx", "the", "x"}
	var want string
	for _, w := range words {
		out, err := exec.CommandContext(t.Context(), grep, append([]string{"-HnwF", "--", w}, goFiles(t, "..")...)...).Output()
		if err != nil {
			t.Skip("this grep is another one:", err)
		}
		want += string(out)
	}
	got := runWith(t.Context(), openFile, "", append([]string{"-dir", ".."}, words...)...)
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Equal(t, plain(want), plain(got.stdout))
}

// plain are the lines in ASCII: which other characters belong to a word depends for grep on
// the locale.
func plain(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if strings.IndexFunc(line, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestNoQuestionIsNoAnswer(t *testing.T) {
	assert.Equal(t, output{}, runWith(t.Context(), openFile, "", "-dir", source(t)))
	assert.Equal(t, output{}, runWith(t.Context(), openFile, "\n\n", "-dir", t.TempDir()))
}

func TestATerminalGetsAHint(t *testing.T) {
	var stderr bytes.Buffer
	p := program{stdin: strings.NewReader(""), terminal: true, stderr: &stderr, open: openFile}
	assert.Equal(t, exitOK, p.run(t.Context(), []string{"-dir", source(t)}))
	assert.Contains(t, stderr.String(), "words in 5 files")
}

func TestWhatCannotBeReadIsReportedAndTheRestIsAnswered(t *testing.T) {
	root := writeFiles(t, map[string]string{"a.go": "one\n", "b.go": "one two\n"})
	bad := filepath.Join(root, "a.go")
	got := runWith(t.Context(), func(path string) (io.ReadCloser, error) {
		if path == bad {
			return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrPermission}
		}
		return openFile(path)
	}, "", "-dir", root, "one")
	b := filepath.Join(root, "b.go")
	assert.Equal(t, output{exitFailed, b + ":1:one two\n", "request_reply: open " + bad + ": permission denied\n"}, got)

	missing := filepath.Join(root, "missing")
	got = runWith(t.Context(), openFile, "one", "-dir", missing)
	assert.Equal(t, exitFailed, got.code)
	assert.Contains(t, got.stderr, missing)
}

func TestAnInterruptEndsTheProgram(t *testing.T) {
	root := source(t)
	all := reference(t, root, asked...)
	for n := 1; n <= 9; n++ { // the files are opened once for the index, and again for lines
		ctx, cancel := context.WithCancel(t.Context())
		opened := 0
		got := runWith(ctx, func(path string) (io.ReadCloser, error) {
			if opened++; opened == n {
				cancel()
			}
			return openFile(path)
		}, "", append([]string{"-dir", root, "-servers", "1"}, asked...)...)
		cancel()
		if opened < n {
			continue
		}
		assert.Equal(t, exitInterrupted, got.code)
		assert.Contains(t, got.stderr, "interrupted\n")
		assert.True(t, strings.HasPrefix(all, got.stdout), "what was printed is right and in order")
	}
}

// Standard input may be a terminal without input.
func TestAnInterruptDoesNotWaitForTheInput(t *testing.T) {
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	var stderr bytes.Buffer
	p := program{stdin: r, stdout: writerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil }), stderr: &stderr, open: openFile}
	go func() { _, _ = io.WriteString(w, "one\n") }()
	assert.Equal(t, exitInterrupted, p.run(ctx, []string{"-dir", source(t)}))
	w.Close()
}

func TestInputThatBreaksIsReported(t *testing.T) {
	r, w := io.Pipe()
	w.CloseWithError(errBroken)
	var stdout, stderr bytes.Buffer
	p := program{stdin: r, stdout: &stdout, stderr: &stderr, open: openFile}
	assert.Equal(t, exitFailed, p.run(t.Context(), []string{"-dir", t.TempDir()}))
	assert.Contains(t, stderr.String(), errBroken.Error())
}

func TestOutputThatCannotBeWrittenEndsTheWork(t *testing.T) {
	broken := writerFunc(func([]byte) (int, error) { return 0, errBroken })
	for _, args := range [][]string{{"-h"}, append([]string{"-dir", source(t)}, asked...)} {
		var stderr bytes.Buffer
		p := program{stdin: strings.NewReader(""), stdout: broken, stderr: &stderr, open: openFile}
		assert.Equal(t, exitFailed, p.run(t.Context(), args))
		assert.Equal(t, "request_reply: "+errBroken.Error()+"\n", stderr.String())
	}
}

func TestMistakesAreExplained(t *testing.T) {
	for _, args := range [][]string{
		{"-servers", "0"}, {"-clients", "1025"}, {"-timeout", "0s"}, {"-timeout", "x"}, {"-unknown"}, {"two words"}, {"a.b"}, {""},
	} {
		got := runWith(t.Context(), openFile, "", args...)
		assert.Equal(t, exitUsage, got.code, args)
		assert.Contains(t, got.stderr, "-h explains the flags")
		assert.Empty(t, got.stdout)
	}
	got := runWith(t.Context(), openFile, "", "-h")
	assert.Zero(t, got.code)
	assert.Contains(t, got.stdout, "-timeout time")
	assert.Contains(t, got.stdout, "Exit code")
}

var errBroken = errors.New("broken on purpose")

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
