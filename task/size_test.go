package task

import (
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// A field more costs every task a size class of Go's allocator, which this shows.
func TestHandleFitsItsSizeClass(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the classes are those of 64 bits")
	}
	assert.EqualValues(t, 176, unsafe.Sizeof(JoinHandle[int]{}))
}

func TestStampKeepsMilliseconds(t *testing.T) {
	for _, d := range []time.Duration{0, time.Millisecond, time.Hour, 49 * 24 * time.Hour, 100 * 365 * 24 * time.Hour} {
		assert.Equal(t, d, stampOf(d+time.Microsecond).duration())
	}
}
