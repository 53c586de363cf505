// Package move_test checks the pair of programs that docs/remote.md compares.
package move_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The difference that the page shows is the difference of the programs.
func TestTheDifferenceIsTheOneOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../../docs/remote.md")
	require.NoError(t, err)
	_, block, ok := strings.Cut(string(page), "```diff\n")
	require.True(t, ok)
	block, _, ok = strings.Cut(block, "```\n")
	require.True(t, ok)
	// With one side of the diff left out, each part is in the program of the other side.
	for name, side := range map[string]string{"before": "-", "after": "+"} {
		source, err := os.ReadFile(name + "/main.go")
		require.NoError(t, err)
		var part strings.Builder
		for line := range strings.Lines(block + "@@\n") {
			switch text := line[1:]; line[:1] {
			case "@":
				assert.Contains(t, string(source), part.String(), name)
				part.Reset()
			case " ", side:
				part.WriteString(text)
			}
		}
	}
}

func TestBothProgramsPrintTheSame(t *testing.T) {
	var printed []string
	for _, name := range []string{"before", "after"} {
		cmd := exec.CommandContext(t.Context(), "go", "run", "./"+name)
		cmd.Env = append(os.Environ(), "NATS_URL=")
		out, err := cmd.Output()
		require.NoError(t, err, name)
		printed = append(printed, string(out))
	}
	assert.Equal(t, printed[0], printed[1])
	assert.Equal(t, 5, strings.Count(printed[0], "job "))
}
