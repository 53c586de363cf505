package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

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

func TestEveryExampleIsOnTheTour(t *testing.T) {
	dirs, err := filepath.Glob("../*/main.go")
	require.NoError(t, err)
	code, list, _ := run(t, "-list")
	require.Zero(t, code)
	for _, dir := range dirs {
		if name := filepath.Base(filepath.Dir(dir)); name != "tour" {
			assert.Contains(t, list, name+" ")
		}
	}
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	for _, s := range stops {
		assert.Contains(t, string(readme), "./examples/"+s.name)
	}
}

func TestTheTourRunsAnExampleUnderItsHeading(t *testing.T) {
	code, stdout, stderr := run(t, "-run", "sync_iter")
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "== sync_iter\n")
	assert.Contains(t, stdout, "Received: 4\n")
}

func TestMistakesAreExplained(t *testing.T) {
	for _, args := range [][]string{{"-run", "nothing"}, {"stray"}, {"-unknown"}} {
		code, _, stderr := run(t, args...)
		assert.Equal(t, 2, code)
		assert.NotEmpty(t, stderr)
	}
	code, _, help := run(t, "-h")
	assert.Zero(t, code)
	assert.Contains(t, help, "-run name")
}
