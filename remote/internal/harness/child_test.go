package harness_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/remote/internal/harness"
)

func roles() map[string]func() error {
	return map[string]func() error{
		"greeter": func() error {
			fmt.Println("hello", os.Getenv("WHOM"))
			return nil
		},
		"sleeper": func() error {
			fmt.Println("in bed")
			fmt.Println("asleep")
			select {}
		},
		"failure": func() error { return os.ErrInvalid },
	}
}

func TestAChildRunsItsRole(t *testing.T) {
	c := harness.Spawn(t, "greeter", "WHOM=world")
	assert.Equal(t, "hello world", c.Line(time.Minute))
	require.NoError(t, c.Wait())
}

func TestAChildThatIsKilledLeavesWhatItPrinted(t *testing.T) {
	c := harness.Spawn(t, "sleeper")
	assert.Equal(t, "in bed", c.Line(time.Minute))
	// The second line may be in the pipe, or on its way into it.
	assert.LessOrEqual(t, len(c.KillAndRead()), 1)
	require.Error(t, c.Wait())
}

func TestAChildThatFailsSaysSo(t *testing.T) {
	require.Error(t, harness.Spawn(t, "failure").Wait())
}
