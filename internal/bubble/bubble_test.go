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
