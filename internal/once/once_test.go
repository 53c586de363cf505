package once

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/internal/errs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAPhaseThatIsOverStaysOver(t *testing.T) {
	var p Phase
	assert.NoError(t, p.Over())
	assert.NoError(t, p.OverOf(true))
	assert.Equal(t, errs.ErrDropped, p.OverOf(false), "not made")
	assert.True(t, p.Drop())
	assert.False(t, p.Drop())
	assert.Equal(t, errs.ErrDropped, p.Over())
	p = Consumed
	assert.False(t, p.Drop(), "it is consumed")
	assert.Equal(t, errs.ErrConsumed, p.Over())
}

type counter int

func (c *counter) Wake() { *c++ }

func TestAWakerPassesOneWakeOnForEachSet(t *testing.T) {
	var w Waker
	w.Wake()
	var c counter
	for n := 1; n <= 2; n++ {
		w.Set(&c)
		w.Wake()
		w.Wake()
		assert.EqualValues(t, n, c)
	}
	w.Set(&c)
	w.Set(nil)
	w.Wake()
	assert.EqualValues(t, 2, c, "it was withdrawn")
}
