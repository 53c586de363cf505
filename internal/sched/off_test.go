//go:build !handoff_sched

package sched

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

func output(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// An inlined method needs a direct import of its package where it is used, even if the
// type goes by another name here. One blank import less, and each atomic of the lock is
// a call.
func TestANormalBuildHasNothingOfThisPackageInIt(t *testing.T) {
	if !testsize.Long() {
		t.Skip("it builds a program")
	}
	program := filepath.Join(t.TempDir(), "program")
	output(t, "build", "-o", program, "github.com/handoff-go/handoff/examples/hello_channel")
	symbols := output(t, "tool", "nm", program)
	const core = "github.com/handoff-go/handoff/internal/"
	assert.True(t, strings.Contains(symbols, core+"queue.(*Cursor).wait"), "it looks at the right thing")
	for _, name := range []string{core + "sched.", core + "queue.(*Cursor).grab", "sync/atomic.(*Uint64).And"} {
		assert.False(t, strings.Contains(symbols, name), "%s is not inlined away", name)
	}
}
