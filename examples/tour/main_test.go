package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = tour(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// folders are the names of the examples, without the tour.
func folders(t *testing.T) (names []string) {
	t.Helper()
	mains, err := filepath.Glob("../*/main.go")
	require.NoError(t, err)
	for _, file := range mains {
		if name := filepath.Base(filepath.Dir(file)); name != "tour" {
			names = append(names, name)
		}
	}
	require.NotEmpty(t, names)
	return names
}

func TestEveryExampleIsOnTheTourOnce(t *testing.T) {
	var names []string
	for _, s := range stops {
		names = append(names, s.name)
		assert.NotEmpty(t, s.shows, s.name)
	}
	assert.ElementsMatch(t, folders(t), names)
}

// A test of the time that the tour takes would be one of the machine. What makes an example
// take long can be checked without a clock: that it waits for input or an interrupt,
// or reads a whole tree by default.
func TestNoStopWaitsForInputOrReadsAWholeTree(t *testing.T) {
	for _, s := range stops {
		files, err := filepath.Glob(filepath.Join("..", s.name, "*.go"))
		require.NoError(t, err)
		var src strings.Builder
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			src.Write(text)
		}
		if strings.Contains(src.String(), `"for", 0, "`) {
			at := slices.Index(s.args, "-for")
			if assert.True(t, at >= 0 && at+1 < len(s.args), "%s has no -for", s.name) {
				d, err := time.ParseDuration(s.args[at+1])
				assert.NoError(t, err)
				assert.LessOrEqual(t, d, time.Second, s.name)
			}
		}
		if strings.Contains(src.String(), "[file or directory ...]") {
			_, err := os.Stat(filepath.Join("../..", s.args[len(s.args)-1]))
			assert.NoError(t, err, "%s names no folder", s.name)
		}
		if strings.Contains(src.String(), "from standard input") {
			assert.NotContains(t, s.args[len(s.args)-1], "-", "%s names no word", s.name)
		}
	}
}

func TestEveryExampleHasARowInTheReadme(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	row := regexp.MustCompile(`(?m)^\| \[(\w+)\]\((\w+)\) \|.*$`)
	rows := make(map[string]string)
	for _, m := range row.FindAllStringSubmatch(string(readme), -1) {
		assert.Equal(t, m[1], m[2])
		assert.NotContains(t, rows, m[1])
		rows[m[1]] = m[0]
	}
	for _, name := range append(folders(t), "tour") {
		assert.Contains(t, rows[name], "`go run ./examples/"+name, "the row of %s", name)
		delete(rows, name)
	}
	assert.Empty(t, rows, "rows without a folder")
}

func TestTheListNamesEveryStopWithoutRunningIt(t *testing.T) {
	code, list, stderr := run(t, "-list")
	require.Zero(t, code)
	assert.Empty(t, stderr)
	lines := strings.Split(strings.TrimSpace(list), "\n")
	require.Len(t, lines, len(stops))
	for i, s := range stops {
		assert.Equal(t, s.name, strings.Fields(lines[i])[0])
		assert.Contains(t, lines[i], " "+s.shows)
	}
	_, list, _ = run(t, "-list", "-run", "sync_iter")
	assert.Equal(t, 1, strings.Count(list, "\n"))
}

func TestTheTourRunsExamplesUnderTheirHeadings(t *testing.T) {
	code, stdout, stderr := run(t, "-run", "sync_iter, hello_channel")
	require.Zero(t, code, stderr)
	headings := regexp.MustCompile(`(?m)^== \w+\n.*\n\$ .*\n\n`).FindAllString(stdout, -1)
	assert.Equal(t, []string{
		"== sync_iter\nA loop over the channel ends when the sender has dropped its handle.\n$ go run ./examples/sync_iter\n\n",
		"== hello_channel\nA goroutine sends one message, and main receives it.\n$ go run ./examples/hello_channel\n\n",
	}, headings)
	assert.Contains(t, stdout, "Received: 4\n")
	assert.Regexp(t, `tour: 2 examples, built and run in \d+\.\d s\n$`, stderr)
	assert.True(t, strings.HasSuffix(stdout, headings[1]+"Received: Hello from a goroutine!\n"))
}

// instead runs the test on other stops.
func instead(t *testing.T, other ...stop) {
	t.Helper()
	all := stops
	t.Cleanup(func() { stops = all })
	stops = other
}

func TestAfterAFailureTheRestStillRuns(t *testing.T) {
	instead(
		t,
		stop{"no_such_folder", "Cannot be built.", nil},
		stop{"sync_iter", "Fails.", []string{"-unknown"}},
		stop{"hello_channel", "Works.", []string{"-message", "still here"}},
	)
	code, stdout, stderr := run(t)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "tour: no_such_folder: ")
	assert.Contains(t, stderr, "tour: sync_iter: exit status 2\n")
	assert.Contains(t, stderr, "tour: 2 of 3 failed\n")
	assert.Contains(t, stdout, "$ go run ./examples/hello_channel -message 'still here'\n\nReceived: still here\n")
}

// event_loop would run until the end of days.
func TestAnInterruptEndsTheExampleAndTheTour(t *testing.T) {
	instead(t, stop{"event_loop", "Ticks.", []string{"-tick", "1ms"}}, stop{"hello_channel", "Is not reached.", nil})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := cancelling{at: "\ntick ", cancel: cancel} // not the first one, which may be overwritten
	var errs bytes.Buffer
	assert.Equal(t, exitInterrupted, tour(ctx, nil, &out, &errs))
	assert.True(t, strings.HasSuffix(errs.String(), "tour: interrupted\n"), errs.String())
	assert.NotContains(t, out.text.String(), "hello_channel")
	assert.Contains(t, out.text.String(), "signal: interrupt\n", "event_loop has ended in its own way")
}

func TestAnInterruptBeforeTheStartRunsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	assert.Equal(t, exitInterrupted, tour(ctx, nil, &out, &errs))
	assert.Empty(t, out.String())
}

// As in tour | head -3. A closed pipe is not reported.
func TestAClosedPipeEndsTheTourQuietly(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	defer w.Close()
	var errs bytes.Buffer
	assert.Equal(t, exitFailed, tour(t.Context(), []string{"-run", "sync_iter,hello_channel"}, w, &errs))
	assert.Equal(t, 1, strings.Count(errs.String(), "\n"), "that it builds, and nothing else: %s", errs.String())
}

func TestABrokenOutputIsReported(t *testing.T) {
	for _, args := range [][]string{{"-h"}, {"-list"}, {"-run", "hello_channel"}} {
		var errs bytes.Buffer
		assert.Equal(t, exitFailed, tour(t.Context(), args, brokenWriter{}, &errs), args)
		assert.Contains(t, errs.String(), "tour: broken writer\n", args)
	}
}

func TestNothingThatWasBuiltIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // of Unix
	t.Setenv("TMP", dir)    // of Windows
	code, _, stderr := run(t, "-run", "hello_channel")
	require.Zero(t, code, stderr)
	left, err := filepath.Glob(filepath.Join(dir, "handoff-tour-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestMistakesAreExplained(t *testing.T) {
	for _, args := range [][]string{
		{"-run", "nothing"}, {"-run", "sync_iter,"}, {"-run", "sync_iter,nothing"},
		{"-run"}, {"-run", ""}, {"stray"}, {"-unknown"}, {"-list=maybe"},
	} {
		code, stdout, stderr := run(t, args...)
		assert.Equal(t, exitUsage, code, args)
		assert.Contains(t, stderr, "-h explains the flags", args)
		assert.Empty(t, stdout, args)
	}
}

func TestHelpGoesToStdout(t *testing.T) {
	code, help, stderr := run(t, "-h")
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	assert.Contains(t, help, "-run names")
	assert.Contains(t, help, "-list")
}

func TestTheCommandCanBePastedIntoAShell(t *testing.T) {
	s := stop{name: "x", args: []string{"-a", "two words", "it's", ""}}
	assert.Equal(t, `go run ./examples/x -a 'two words' 'it'\''s' ''`, s.command())
	assert.False(t, slices.ContainsFunc(stops, func(s stop) bool { return strings.Contains(s.command(), "\n") }))
}

// cancelling ends a context when it has seen a text.
type cancelling struct {
	mu     sync.Mutex
	text   bytes.Buffer
	at     string
	cancel context.CancelFunc
}

func (c *cancelling) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text.Write(p)
	if strings.Contains(c.text.String(), c.at) {
		c.cancel()
	}
	return len(p), nil
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken writer") }
