package foreign_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/foreign"
)

func TestNoProject(t *testing.T) {
	_, err := foreign.Build(t.Context(), t.TempDir())
	assert.ErrorContains(t, err, "no Cargo project")
}

func TestNoCargo(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Cargo.toml"), nil, 0o600))
	t.Setenv("PATH", t.TempDir())
	_, err := foreign.Build(t.Context(), dir)
	assert.ErrorContains(t, err, "no cargo")
}

// script is a program that answers like the Rust one, without Rust.
func script(t *testing.T, body string) *foreign.Program {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no shell on this machine")
	}
	path := filepath.Join(t.TempDir(), "peers")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700)) //nolint:gosec // it has to run
	return &foreign.Program{Path: path}
}

func TestJoin(t *testing.T) {
	p := script(t, `case "$1 $2 $3" in
"list seq -1") printf 'rust a\nrust b\n' ;;
"run rust a seq") echo '[12.5,null]' ;;
"run rust b seq") echo 'the sum is wrong' >&2; exit 1 ;;
esac`)
	scenarios := []bench.Scenario{
		{Name: "mine", Metrics: []string{"ns"}},
		{Name: "seq", Metrics: []string{"ns", "fairness"}, Args: []string{"seq", "-1", "1", "1", "8"}},
	}
	require.NoError(t, p.Join(t.Context(), scenarios))
	assert.Empty(t, scenarios[0].Peers)
	require.Len(t, scenarios[1].Peers, 2)

	a := scenarios[1].Peers[0]
	assert.True(t, a.Foreign)
	assert.Equal(t, "rust a", a.Name)
	vs, err := a.Run(7)
	require.NoError(t, err)
	assert.Len(t, vs, 2)
	assert.InDelta(t, 12.5, vs[0], 0)

	_, err = scenarios[1].Peers[1].Run(7)
	assert.ErrorContains(t, err, "the sum is wrong")
}

func TestAPeerThatIsStuckIsEnded(t *testing.T) {
	p := script(t, `case "$1" in
list) echo 'rust a' ;;
run) exec sleep 1000 ;;
esac`)
	p.Limit = 50 * time.Millisecond
	scenarios := []bench.Scenario{{Name: "seq", Metrics: []string{"ns"}, Args: []string{"seq", "-1", "1", "1", "8"}}}
	require.NoError(t, p.Join(t.Context(), scenarios))
	_, err := scenarios[0].Peers[0].Run(7)
	assert.ErrorIs(t, err, foreign.ErrStuck)
}
