package channel

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// A cache line that both cores write costs more than everything else an operation
// does, so the layout is part of the design (on 64-bit machines).
func TestEachEndHasACacheLineOfItsOwn(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the layout is made for 64-bit machines; on others it is only correct")
	}
	const line = 64
	var c Chan[uint64]
	assert.Zero(t, unsafe.Sizeof(c)%line, "a size class that is a multiple of a line is allocated on one")
	tail := unsafe.Offsetof(c.list) + unsafe.Offsetof(c.list.Tail)
	assert.EqualValues(t, line, tail)
	assert.Less(t, unsafe.Offsetof(c.receivers), tail+line, "the lines of waiters come with the tail lock")
	assert.GreaterOrEqual(t, unsafe.Offsetof(c.offers), tail+line, "receivers read it and must not touch the tail")
}
