package each

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
)

// steps calls do(0), do(1), ... do(n-1) and notes each call.
func steps(n int, called *[]int, do func(i int)) func() bool {
	next := 0
	return func() bool {
		if next == n {
			return false
		}
		i := next
		next++
		*called = append(*called, i)
		do(i)
		return true
	}
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func TestAPanicLeavesNoneOutAndTheFirstIsSeen(t *testing.T) {
	const n = 1000
	var called []int
	assert.PanicsWithValue(t, 3, func() {
		Run(steps(n, &called, func(i int) {
			if i >= 3 {
				panic(i)
			}
		}))
	})
	assert.Equal(t, numbers(n), called)
}

func TestAGoexitLeavesNoneOutHoweverManyThereAre(t *testing.T) {
	const n = 1000
	var called []int
	deepest := 0
	ended := make(chan bool, 1)
	go func() {
		returned := false
		defer func() { ended <- returned }()
		Run(steps(n, &called, func(int) {
			deepest = max(deepest, runtime.Callers(0, make([]uintptr, 2*n)))
			runtime.Goexit()
		}))
		returned = true
	}()
	assert.False(t, <-ended)
	assert.Equal(t, numbers(n), called)
	assert.Less(t, deepest, 50, "each of them is deeper in the stack than the one before")
}
