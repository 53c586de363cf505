package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// ants starts two goroutines when it is imported.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// outcome is what a user sees of one run.
type outcome struct {
	code           int
	stdout, stderr string
}

// runWith ends stop or hurry as signals would.
func runWith(stop, hurry context.Context, open opener, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	p := program{stdout: &stdout, stderr: &stderr, open: open}
	code := p.run(stop, hurry, args)
	return outcome{code, stdout.String(), stderr.String()}
}

func runArgs(t *testing.T, args ...string) outcome {
	t.Helper()
	return runWith(t.Context(), t.Context(), openFile, args...)
}

// tree makes a directory with n files in two folders and returns it and their paths in
// the order of a walk.
func tree(t *testing.T, n int) (root string, paths []string) {
	t.Helper()
	root = t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "d"), 0o700))
	for i := range n {
		path := filepath.Join(root, fmt.Sprintf("f%04d", i))
		if i < n/2 {
			path = filepath.Join(root, "d", fmt.Sprintf("%04d", i))
		}
		require.NoError(t, os.WriteFile(path, []byte(strings.Repeat(path, i)), 0o600))
		paths = append(paths, path)
	}
	return root, paths
}

// fates returns the entries by path, and fails if a path has two.
func (o outcome) fates(t *testing.T) map[string]string {
	t.Helper()
	got := make(map[string]string)
	for line := range strings.Lines(o.stdout) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		require.GreaterOrEqual(t, len(fields), 2, line)
		require.NotContains(t, got, fields[1])
		got[fields[1]] = fields[0]
	}
	return got
}

// check is the oracle. What was offered is the first part of the walk, nothing left out,
// and each has one fate, which is that of its copy on the disk.
func (o outcome) check(t *testing.T, paths []string, out string) (count map[string]int) {
	t.Helper()
	fates := o.fates(t)
	count = make(map[string]int)
	for i, path := range paths {
		fate := fates[path]
		count[fate]++
		assert.Equal(t, i < len(fates), fate != "", "%s: the %d offered are not the first ones", path, len(fates))
		copied, err := os.Open(filepath.Join(out, path) + ".gz")
		if fate != "finished" {
			assert.ErrorIs(t, err, fs.ErrNotExist, "%s is %s", path, fate)
			continue
		}
		require.NoError(t, err)
		z, err := gzip.NewReader(copied)
		require.NoError(t, err)
		got, err := io.ReadAll(z)
		require.NoError(t, err)
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
		require.NoError(t, copied.Close())
	}
	for _, rest := range files(t, out) {
		assert.True(t, strings.HasSuffix(rest, ".gz"), "%s was left behind", rest)
	}
	assert.Contains(t, o.stderr, fmt.Sprintf("%d offered: %d finished, %d failed, %d returned, %d abandoned\n",
		len(fates), count["finished"], count["failed"], count["returned"], count["abandoned"]))
	return count
}

func files(t *testing.T, dir string) (found []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, path)
		}
		return err
	}))
	return found
}

func TestEveryFileHasACopy(t *testing.T) {
	root, paths := tree(t, 12)
	for _, workers := range []string{"1", "4", "100"} {
		for _, queue := range []string{"1", "3", "1000"} {
			out := t.TempDir()
			got := runArgs(t, "-out", out, "-workers", workers, "-queue", queue, root)
			assert.Equal(t, exitOK, got.code)
			assert.Equal(t, len(paths), got.check(t, paths, out)["finished"])
		}
	}
}

func TestASecondRunDoesOnlyWhatIsMissingOrHasChanged(t *testing.T) {
	root, paths := tree(t, 6)
	out := filepath.Join(root, "out") // inside of what is copied, and not copied itself
	require.NoError(t, os.Mkdir(out, 0o700))
	got := runArgs(t, "-out", out, root)
	assert.Len(t, got.fates(t), 6)
	got = runArgs(t, "-out", out, root)
	assert.Empty(t, got.stdout)
	assert.Contains(t, got.stderr, "0 offered")

	require.NoError(t, os.WriteFile(paths[3], []byte("other"), 0o600))
	require.NoError(t, os.Remove(filepath.Join(out, paths[5])+".gz"))
	got = runArgs(t, "-out", out, root)
	assert.Equal(t, map[string]string{paths[3]: "finished", paths[5]: "finished"}, got.fates(t))
}

func TestWithoutOutItMeasuresAndWritesNothing(t *testing.T) {
	root, paths := tree(t, 5)
	t.Chdir(root)
	got := runArgs(t)
	assert.Equal(t, exitOK, got.code)
	assert.Len(t, got.fates(t), len(paths))
	assert.Len(t, files(t, "."), len(paths))

	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	content, err := os.ReadFile(paths[4])
	require.NoError(t, err)
	_, _ = z.Write(content)
	require.NoError(t, z.Close())
	assert.Contains(t, got.stdout, fmt.Sprintf("finished\tf0004\t%d\t%d\n", len(content), packed.Len()))
}

func TestWhatFailsIsReportedAndTheRestIsDone(t *testing.T) {
	root, paths := tree(t, 4)
	missing, device := filepath.Join(root, "missing"), os.DevNull
	out := t.TempDir()
	got := runWith(t.Context(), t.Context(), func(path string) (io.ReadCloser, error) {
		switch path {
		case paths[1]:
			panic("boom")
		case paths[2]:
			return io.NopCloser(io.MultiReader(strings.NewReader("half"), broken{})), nil
		}
		return openFile(path)
	}, "-out", out, missing, device, root)
	assert.Equal(t, exitFailed, got.code)
	assert.Equal(t, map[string]string{
		missing: "failed", device: "failed", paths[0]: "finished", paths[1]: "failed", paths[2]: "failed", paths[3]: "finished",
	}, got.fates(t))
	assert.Contains(t, got.stdout, "panicked: boom")
	assert.Contains(t, got.stdout, errBroken.Error())
	assert.Len(t, files(t, out), 2)
}

func TestANameThatWouldBreakALineIsQuoted(t *testing.T) {
	var out bytes.Buffer
	j := journal{w: &out}
	j.add(entry{returned, "a\tb\nc", ""})
	assert.Equal(t, "returned\t\"a\\tb\\nc\"\n", out.String())
}

func TestOutputThatCannotBeWrittenIsAReasonToStopAndNotToLose(t *testing.T) {
	root, paths := tree(t, 100)
	out := t.TempDir()
	var stderr bytes.Buffer
	p := program{stdout: broken{}, stderr: &stderr, open: openFile}
	assert.Equal(t, exitFailed, p.run(t.Context(), t.Context(), []string{"-out", out, "-queue", "4", root}))
	assert.Contains(t, stderr.String(), errBroken.Error())
	assert.Contains(t, stderr.String(), " 0 failed, 1 returned, 0 abandoned\n")
	copies := files(t, out)
	assert.Less(t, len(copies), len(paths))
	for _, name := range copies {
		assert.True(t, strings.HasSuffix(name, ".gz"), name)
	}
	assert.Equal(t, exitFailed, p.run(t.Context(), t.Context(), []string{"-h"}))
}

// As in graceful_shutdown | head -1.
func TestAReaderThatLeavesIsAReasonToStopAndNotToComplain(t *testing.T) {
	root, _ := tree(t, 6)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	defer w.Close()
	// In main, SIGPIPE is ignored. Here it would not come anyway, for w is not fd 1.
	var stderr bytes.Buffer
	p := program{stdout: w, stderr: &stderr, open: openFile}
	assert.Equal(t, exitFailed, p.run(t.Context(), t.Context(), []string{root}))
	assert.Equal(t, 1, strings.Count(stderr.String(), "\n"), "what became of the files, and nothing else: %s", stderr.String())
	assert.Contains(t, stderr.String(), " offered: ")
}

func TestMistakesAreExplained(t *testing.T) {
	for _, args := range [][]string{
		{"-workers", "0"}, {"-workers", "257"}, {"-queue", "0"}, {"-grace", "-1s"}, {"-for", "x"}, {"-every", "1s"}, {"-unknown"}, {""},
	} {
		got := runArgs(t, args...)
		assert.Equal(t, exitUsage, got.code, args)
		assert.Contains(t, got.stderr, "-h explains the flags")
		assert.Empty(t, got.stdout)
	}
	got := runArgs(t, "-h")
	assert.Zero(t, got.code)
	assert.Contains(t, got.stdout, "-grace time")
	assert.Contains(t, got.stdout, "Exit code")
}

var errBroken = errors.New("broken on purpose")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }
func (broken) Read([]byte) (int, error)  { return 0, errBroken }

// lockedBuffer is a bytes.Buffer for several goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
