package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The participants and the three messages are those of the chapter, in its order.
func TestTheDiagramOfTheChapterIsDrawnFromARun(t *testing.T) {
	code, stdout, stderr := run(t, "-diagram")
	assert.Equal(t, exitOK, code)
	assert.Empty(t, stderr)
	assert.Equal(t, strings.TrimPrefix(`
sequenceDiagram
    participant p1 as Main Thread
    participant p2 as Worker Thread
    Note over p1: creates channel messages
    Note over p1: creates channel replies
    p1->>p2: messages #35;1: Send Message
    p2->>p1: replies #35;1: Receive Message
    p1->>p2: messages #35;2: Process Message
`, "\n"), stdout)
}
