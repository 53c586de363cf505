package park

import (
	"context"
	"math"
	"math/bits"
	"math/rand/v2"
)

// Chooser draws from the seed of a runtime. It may be called from any goroutine.
type Chooser interface {
	// Choose returns a number from 0 to n-1, each with the same probability.
	Choose(n int) int
}

type chooserKey struct{}

// ChooserKey is the key for which the context of a task returns the [Chooser], if the
// runtime of the task follows a seed.
var ChooserKey any = chooserKey{}

// Draws are the random numbers of one choice among several futures or channels. Under a
// seed they follow from it, so that a run can be repeated; see [Exploring].
//
// One draw from the seed, or from package rand, starts a generator of its own
// (splitmix64). A draw for each number would take the lock of the runtime each time, and
// outside of a seed it would cost a race of a hundred futures a third more.
type Draws struct{ state uint64 }

// NewDraws returns the draws of a choice that is made under ctx. Its Value method is user
// code.
func NewDraws(ctx context.Context) Draws {
	if Exploring.Load() != 0 {
		if c, ok := ctx.Value(ChooserKey).(Chooser); ok {
			return Draws{uint64(c.Choose(math.MaxInt32))}
		}
	}
	return Draws{rand.Uint64()}
}

// Below returns a number from 0 to n-1. n is at least 1.
func (d *Draws) Below(n int) int {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	high, _ := bits.Mul64(z, uint64(n)) // of 2^64 numbers, so the bias is below n/2^64
	return int(high)
}
