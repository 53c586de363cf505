package mutant

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEachMutantOfTheCoreApplies(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	for _, m := range Core {
		overlay, err := m.Overlay(root, t.TempDir())
		if assert.NoError(t, err) {
			assert.FileExists(t, overlay)
		}
	}
}

func TestAMutantThatDoesNotApplyIsAnError(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.go"), []byte("one two two"), 0o600))
	for text, applies := range map[string]bool{"one": true, "two": false, "three": false} {
		_, err := Mutant{"m", []Edit{{"a.go", text, "x"}}}.Overlay(dir, t.TempDir())
		assert.Equal(t, applies, err == nil, "%s: %v", text, err)
	}
	_, err := Mutant{"m", []Edit{{"b.go", "one", "x"}}}.Overlay(dir, t.TempDir())
	assert.Error(t, err)
}
