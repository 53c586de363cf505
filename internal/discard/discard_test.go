package discard_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/internal/discard"
)

type byValue struct{ told *int }

func (d byValue) Discarded() { *d.told++ }

type byPointer struct{ told *int }

func (d *byPointer) Discarded() { *d.told++ }

type plain struct{ told *int }

func TestDiscardedIsCalledOnceWhateverTheShape(t *testing.T) {
	n := 0
	told := func(want int) {
		t.Helper()
		assert.Equal(t, want, n)
		n = 0
	}
	discard.Value(byValue{&n})
	told(1)
	discard.Value(&byValue{&n})
	told(1)
	discard.Value(byPointer{&n})
	told(1)
	discard.Value(&byPointer{&n})
	told(1)
	discard.Value[any](byValue{&n})
	told(1)
	discard.Value[discard.Discarder](byValue{&n})
	told(1)
	discard.Value([]byValue{{&n}, {&n}})
	told(2)
	discard.Value([]byPointer{{&n}, {&n}})
	told(2)
	discard.Value([]*byPointer{{&n}, {&n}})
	told(2)
	discard.Value([]any{byValue{&n}, 7, nil, &byPointer{&n}})
	told(2)
	discard.Value(plain{&n})
	discard.Value([]plain{{&n}})
	discard.Value([]int{1, 2})
	discard.Value(7)
	discard.Value[any](nil)
	discard.Value[discard.Discarder](nil)
	told(0)
}

type bomb struct {
	told *[]int
	id   int
	bang func()
}

func (b bomb) Discarded() {
	*b.told = append(*b.told, b.id)
	b.bang()
}

func TestADiscardedThatPanicsDoesNotKeepTheOthersFromBeingCalled(t *testing.T) {
	var told []int
	fine := func() {}
	assert.PanicsWithValue(t, "first", func() {
		discard.Value([]bomb{
			{&told, 1, fine},
			{&told, 2, func() { panic("first") }},
			{&told, 3, func() { panic("second") }},
			{&told, 4, fine},
		})
	})
	assert.Equal(t, []int{1, 2, 3, 4}, told)
}

func TestADiscardedThatEndsItsGoroutineDoesNotKeepTheOthersFromBeingCalled(t *testing.T) {
	var told []int
	var wg sync.WaitGroup
	returned := false
	wg.Go(func() {
		discard.Value([]bomb{
			{&told, 1, runtime.Goexit},
			{&told, 2, runtime.Goexit},
			{&told, 3, func() {}},
		})
		returned = true
	})
	wg.Wait()
	assert.False(t, returned)
	assert.Equal(t, []int{1, 2, 3}, told)
}

func TestWhatIsNoDiscarderCostsNoAllocation(t *testing.T) {
	v := plain{new(int)}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		discard.Value(v)
		discard.Value("x")
	}))
}
