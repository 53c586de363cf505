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
	head := unsafe.Offsetof(c.list) + unsafe.Offsetof(c.list.Head)
	tail := unsafe.Offsetof(c.list) + unsafe.Offsetof(c.list.Tail)
	assert.EqualValues(t, line, head, "what comes first is loaded by every operation, and must not be one end's")
	assert.EqualValues(t, 2*line, tail)
	for name, end := range map[string]uintptr{
		"senders":   unsafe.Offsetof(c.senders) + unsafe.Sizeof(c.senders),
		"receivers": unsafe.Offsetof(c.receivers) + unsafe.Sizeof(c.receivers),
	} {
		assert.Greater(t, end, tail, "the line of %s comes with the tail lock", name)
		assert.LessOrEqual(t, end, tail+line, "the line of %s comes with the tail lock", name)
	}
	assert.Less(t, unsafe.Offsetof(c.offers), head, "receivers read it and must not touch the tail")
	assert.Less(t, unsafe.Offsetof(c.capacity), head, "senders read it and must not touch the head")
}
