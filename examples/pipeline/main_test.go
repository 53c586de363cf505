package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// ants starts two goroutines when it is imported.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

type result struct {
	code           int
	stdout, stderr string
}

func program(ctx context.Context, args ...string) result {
	var out, errs bytes.Buffer
	code := run(ctx, args, &out, &errs)
	return result{code, out.String(), errs.String()}
}

func gzipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

// corpus makes a tree of n files with random words, some of them gzipped under any name.
func corpus(t *testing.T, n int) string {
	t.Helper()
	root := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		var b bytes.Buffer
		for range rng.IntN(400) {
			fmt.Fprintf(&b, "word%c Übung%c, %d\n", 'a'+rune(rng.IntN(26)), 'A'+rune(rng.IntN(9)), rng.IntN(10))
		}
		data := b.Bytes()
		if i%3 == 0 {
			data = gzipped(t, data)
		}
		dir := filepath.Join(root, strconv.Itoa(i%7))
		require.NoError(t, os.MkdirAll(dir, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), data, 0o600))
	}
	return root
}

func TestThePipelineEqualsThePlainLoop(t *testing.T) {
	root := corpus(t, 60)
	want := program(t.Context(), "-reference", "-top", "1000", root)
	require.Zero(t, want.code)
	require.Contains(t, want.stdout, "60 files, ")
	require.Contains(t, want.stdout, " übunga\n")
	for _, workers := range []int{1, 2, 7} {
		for _, buffer := range []int{0, 1, 4, 100} {
			got := program(t.Context(), "-workers", strconv.Itoa(workers), "-buffer", strconv.Itoa(buffer), "-top", "1000", root)
			require.Equal(t, want, got, "%d workers, buffer %d", workers, buffer)
		}
	}
}

func TestWhatCannotBeReadIsReportedAndSkipped(t *testing.T) {
	root := corpus(t, 5)
	broken := filepath.Join(root, "broken")
	data := gzipped(t, bytes.Repeat([]byte("some words "), 100))
	require.NoError(t, os.WriteFile(broken, data[:len(data)/2], 0o600))
	got := program(t.Context(), root)
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.stderr, broken)
	assert.Contains(t, got.stdout, "5 files, ")

	// The others are still read, in whatever order they are named.
	for _, plain := range [][]string{nil, {"-reference"}} {
		got = program(t.Context(), append(plain, filepath.Join(root, "missing"), root)...)
		assert.Equal(t, 1, got.code)
		assert.Contains(t, got.stderr, "missing")
		assert.Contains(t, got.stdout, "5 files, ")
	}

	got = program(t.Context(), os.DevNull)
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.stderr, os.DevNull+": neither a regular file nor a directory\n")
}

func TestALinkThatIsNamedIsFollowed(t *testing.T) {
	root := corpus(t, 5)
	want := program(t.Context(), root)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Skip(err) // Windows wants a privilege for it
	}
	assert.Equal(t, want, program(t.Context(), link))
}

func TestAnInterruptStopsEveryStage(t *testing.T) {
	root := corpus(t, 30)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, result{130, "", "pipeline: interrupted\n"}, program(ctx, root))
	assert.Equal(t, result{130, "", "pipeline: interrupted\n"}, program(ctx, "-reference", root))
}

func TestMistakesAreExplained(t *testing.T) {
	for _, args := range [][]string{{"-workers", "0"}, {"-buffer", "-1"}, {"-top", "-1"}, {"-unknown"}} {
		got := program(t.Context(), args...)
		assert.Equal(t, 2, got.code, args)
		assert.Contains(t, got.stderr, args[0]) // says what is wrong with which flag
		assert.Contains(t, got.stderr, "-h explains the flags")
	}
	got := program(t.Context(), ".", "")
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.stderr, "empty file name")

	got = program(t.Context(), "-h")
	assert.Zero(t, got.code)
	assert.Empty(t, got.stderr)
	assert.Contains(t, got.stdout, "\n  -workers")
}

func TestABrokenOutputIsReported(t *testing.T) {
	var errs bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{corpus(t, 1)}, brokenWriter{}, &errs))
	assert.Contains(t, errs.String(), "broken writer")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken writer") }
