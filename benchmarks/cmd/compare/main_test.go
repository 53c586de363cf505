package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets this program be the child of itself, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-child" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestBadFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-run", "("}, "-run: error parsing regexp"},
		{[]string{"-peers", "["}, "-peers: error parsing regexp"},
		{[]string{"-run", "no such thing", "-rust", ""}, `no scenario matches "no such thing"; -list shows them`},
		{[]string{"-run", "seq", "-peers", "nobody", "-rust", ""}, `no peer in these scenarios matches "nobody"`},
		{[]string{"-rounds", "0"}, "at least one"},
		{[]string{"-time", "-1s"}, "more than nothing"},
		{[]string{"-cpu", "1,two"}, `"two" is not a number of processors`},
		{[]string{"-cpu", "0"}, "not a number"},
		{[]string{"-o", "nowhere/at/all.md"}, "no directory nowhere/at"},
		{[]string{"seq"}, `what is "seq"?`},
		{[]string{"-fast"}, "not defined"},
		{[]string{"-child", "seq", "-peer", "nobody"}, "no peer"},
	} {
		var out, errs bytes.Buffer
		assert.ErrorContains(t, run(t.Context(), c.args, &out, &errs), c.want, "%v", c.args)
	}
	var out, errs bytes.Buffer
	err := run(t.Context(), []string{"-h"}, &out, &errs)
	assert.True(t, errors.Is(err, flag.ErrHelp))
	assert.Contains(t, errs.String(), "-quick")
}

func TestQuick(t *testing.T) {
	page := filepath.Join(t.TempDir(), "report.md")
	var out, errs bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-quick", "-rounds", "2", "-cpu", "1", "-rust", "", "-o", page,
		"-run", `^seq/cap=1$|^burst$|^memory/promise`, "-peers", "^go$|^chan$|handoff"}, &out, &errs))
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(text), "### memory/promise")
	assert.Contains(t, string(text), "**handoff mpsc**")
	assert.Contains(t, string(text), "The Rust libraries: not measured, switched off with -rust.")
	assert.NotContains(t, string(text), "failed")
	charts, err := filepath.Glob(filepath.Join(filepath.Dir(page), "img", "*.svg"))
	require.NoError(t, err)
	assert.NotEmpty(t, charts)
	assert.Contains(t, errs.String(), "round 2 of 2")
}

func TestAPartGoesToStandardOutput(t *testing.T) {
	var out, errs bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-quick", "-rust", "", "-run", "^seq/cap=1$", "-peers", "chan", "-cpu", "1"}, &out, &errs))
	assert.Contains(t, out.String(), "| one core |")
}

func TestMissingRustIsNoError(t *testing.T) {
	var out, errs bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-list", "-rust", t.TempDir()}, &out, &errs))
	assert.Contains(t, errs.String(), "Rust peers: not measured: no Cargo project")
	assert.Contains(t, out.String(), "spsc/cap=128\n\tchan\n")
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	assert.ErrorContains(t, run(ctx, []string{"-quick", "-rust", ""}, &out, &errs), "before anything was measured")
}

func TestArgumentsCanBePasted(t *testing.T) {
	assert.Equal(t, []string{"-run", "'a|b'", "''", `'it'\''s'`}, quote([]string{"-run", "a|b", "", "it's"}))
}
