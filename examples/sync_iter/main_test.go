package main

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The two goroutines' lines may mix in any way, so each side is compared on its
// own.
func TestEachSideCountsToFourInOrder(t *testing.T) {
	var out lockedBuffer
	require.NoError(t, run(&out))

	sent, rest := split(out.String(), "Sent: ")
	received, rest := split(rest, "Received: ")
	assert.Equal(t, "1 2 3 4", sent)
	assert.Equal(t, "1 2 3 4", received)
	assert.Empty(t, rest)
}

// goleak in TestMain shows that the producer ends as well.
func TestAnErrorOfTheWriterEndsBothSides(t *testing.T) {
	require.ErrorIs(t, run(brokenWriter{}), errBroken)
}

// split takes the lines that begin with prefix out of text. It returns what
// follows the prefix, joined by spaces, and the lines that are left.
func split(text, prefix string) (taken, rest string) {
	var values []string
	var left strings.Builder
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, prefix); ok {
			values = append(values, strings.TrimSuffix(value, "\n"))
		} else {
			left.WriteString(line)
		}
	}
	return strings.Join(values, " "), left.String()
}

// lockedBuffer is a bytes.Buffer for several writers.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var errBroken = errors.New("broken writer")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
