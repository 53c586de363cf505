package mutant

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Code changes, and a mutant that does not apply any more would be a test that cannot fail.
func TestAMutantThatNoLongerAppliesSaysSo(t *testing.T) {
	m := Mutant{Name: "off by one", File: "a.go", Old: "n + 1", New: "n"}
	changed, err := m.apply("return n + 1")
	require.NoError(t, err)
	assert.Equal(t, "return n", changed)
	for src, times := range map[string]int{"return n + 2": 0, "return n + 1, n + 1": 2} {
		_, err := m.apply(src)
		assert.ErrorContains(t, err, fmt.Sprintf(`the mutant "off by one" no longer applies: its old text occurs %d times in a.go`, times))
	}
	m.New = m.Old
	_, err = m.apply("return n + 1")
	assert.ErrorContains(t, err, "changes nothing")
}

const way = "HANDOFF_MUTANT_WAY"

// TestWay ends in the way that its parent, [TestAMutantIsFoundOnlyByATestThatFails], asks for.
func TestWay(t *testing.T) {
	switch os.Getenv(way) {
	case "fails":
		t.Error("as asked for")
	case "exits":
		os.Exit(1)
	}
}

func TestAMutantIsFoundOnlyByATestThatFails(t *testing.T) {
	for how, want := range map[string]string{
		"fails":  "",
		"exits":  "no test failed",
		"passes": "the tests pass with the mutant",
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestWay$")
		cmd.Env = append(os.Environ(), way+"="+how)
		out, err := cmd.CombinedOutput()
		if err = found(out, err); want == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, want)
		}
	}
}

// The overlay is that of a file of this module, from whichever directory the tests run in.
func TestAnOverlayReplacesTheFileByTheChangedOne(t *testing.T) {
	t.Setenv(DirVariable, t.TempDir())
	m := Mutant{Name: "no race", File: "internal/testkit/testsize/race_on.go", Old: "Race = true", New: "Race = false"}
	overlay, err := os.ReadFile(m.Overlay(t))
	require.NoError(t, err)
	changed, err := os.ReadFile(os.Getenv(DirVariable) + "/no-race.go")
	require.NoError(t, err)
	assert.Contains(t, string(changed), "const Race = false")
	original, err := os.Stat("../testsize/race_on.go")
	require.NoError(t, err)
	assert.Contains(t, string(overlay), original.Name())
	assert.Contains(t, string(overlay), "no-race.go")
}
