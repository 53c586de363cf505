package differential

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The listings of the chapter that handoff ports print the same here and in Rust, up to how
// the lines of the two sides are interleaved.
func TestTheListingsPrintWhatTheOriginalsPrint(t *testing.T) {
	o := originals(t) // builds the Rust programs
	require.NoError(t, o.Close())
	listings := []string{"hello_channel", "sync_iter", "async_unbounded"}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir)
	for _, name := range listings {
		build.Args = append(build.Args, "./examples/"+name)
	}
	build.Dir = filepath.Join("..", "..")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, name := range listings {
		t.Run(name, func(t *testing.T) {
			theirs, err := exec.Command(filepath.Join("rust", "target", "debug", name)).Output()
			require.NoError(t, err)
			ours, err := exec.Command(filepath.Join(dir, name)).Output()
			require.NoError(t, err)
			assert.Equal(t, bySide(string(theirs)), bySide(strings.ReplaceAll(string(ours), "a goroutine", "the thread")))
		})
	}
}

// bySide are the lines that each side has printed, in order: they begin with what it did.
func bySide(output string) map[string][]string {
	sides := map[string][]string{}
	for line := range strings.Lines(output) {
		did, what, _ := strings.Cut(strings.TrimSpace(line), ": ")
		sides[did] = append(sides[did], what)
	}
	return sides
}
