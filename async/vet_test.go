package async_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// vetCopies is what go vet says of the file of copies. It runs once: nothing that a test
// does changes the answer.
var vetCopies = sync.OnceValues(func() ([]byte, error) {
	return exec.Command("go", "vet", "-copylocks", "./testdata/copies").CombinedOutput()
})

// A copy of a handle would be dropped apart from its original. The compiler allows it, so
// go vet has to see every one, of every type of this module that must not be copied.
func TestVetReportsEveryCopyOfAHandle(t *testing.T) {
	const file = "testdata/copies/copies.go"
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	out, err := vetCopies()
	require.Error(t, err, "%s", out)
	reported := map[int]string{}
	for _, m := range regexp.MustCompile(`copies\.go:(\d+):\d+: (.*)`).FindAllStringSubmatch(string(out), -1) {
		line, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		reported[line] = m[2]
	}
	for i, line := range strings.Split(string(source), "\n") {
		complaint := reported[i+1]
		if strings.Contains(line, "// copied") {
			assert.Contains(t, complaint, "lock", "%s:%d: %s", file, i+1, line)
		} else {
			assert.Empty(t, complaint, "%s:%d: %s", file, i+1, line)
		}
	}
}
