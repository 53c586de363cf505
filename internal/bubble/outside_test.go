package bubble_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/internal/bubble"
)

func TestOutsideRunsOutsideOfTheBubbleOfItsCaller(t *testing.T) {
	ran := make(chan bool, 1)
	synctest.Test(t, func(t *testing.T) {
		assert.True(t, bubble.Inside())
		bubble.Outside(func() { ran <- bubble.Inside() })
	})
	assert.False(t, <-ran)
}
