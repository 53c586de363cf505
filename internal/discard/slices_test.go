package discard

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A message that is a slice of Discarders is discarded alike, whether it was alone or one of
// many that were left in a channel.
func TestSlicesAmongManyValuesAreDiscarded(t *testing.T) {
	told := 0
	values := [][]*nested{{chain(1, func() { told++ }), chain(1, func() { told++ })}, nil, {chain(1, func() { told++ })}}
	assert.True(t, Interested[[]*nested]())
	assert.False(t, Interested[[]int]())
	i := 0
	All(Next(func() ([]*nested, bool) {
		if i == len(values) {
			return nil, false
		}
		i++
		return values[i-1], true
	}))
	assert.Equal(t, 3, told)
	assert.True(t, empty())
}
