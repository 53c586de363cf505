package docs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A fuzz target without a corpus starts from nothing on each machine, and one that the weekly
// job leaves out is never searched.
func TestEveryFuzzTargetHasACorpusAndIsSearchedEveryWeek(t *testing.T) {
	workflow, err := os.ReadFile(filepath.Join(root, ".github", "workflows", "ci.yml"))
	require.NoError(t, err)
	targets := 0
	for name, files := range tests(t) {
		if !strings.HasPrefix(name, "Fuzz") {
			continue
		}
		for _, file := range files {
			targets++
			folder := filepath.Dir(filepath.FromSlash(file))
			inputs, _ := os.ReadDir(filepath.Join(root, folder, "testdata", "fuzz", name))
			assert.NotEmpty(t, inputs, "%s has no corpus", file)
			entry := "- {target: " + name + ", package: " + filepath.ToSlash(folder) + "}"
			assert.Contains(t, string(workflow), entry, "the weekly job")
		}
	}
	assert.Greater(t, targets, 5)
}
