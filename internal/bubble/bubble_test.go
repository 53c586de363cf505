package bubble_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/internal/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestABubbleIsToldFromOutside(t *testing.T) {
	outside := time.Now()
	assert.False(t, bubble.Inside())
	synctest.Test(t, func(t *testing.T) {
		assert.True(t, bubble.Inside())
		assert.True(t, bubble.Of(time.Now()))
		assert.False(t, bubble.Of(outside))
	})
}

// If a new version of Go writes the header in another way, all bubbles look the same, and
// a runtime of one would be used in another.
func TestBubblesHaveNumbersOfTheirOwn(t *testing.T) {
	assert.Zero(t, bubble.Number())
	seen := make(map[uint64]bool)
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			n := bubble.Number()
			assert.NotZero(t, n)
			assert.False(t, seen[n], "%d is the number of another", n)
			seen[n] = true
			inner := make(chan uint64)
			go func() { inner <- bubble.Number() }()
			assert.Equal(t, n, <-inner, "on another goroutine")
		})
	}
}
