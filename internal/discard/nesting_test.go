package discard

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// nested discards what it holds when it is discarded.
type nested struct {
	inner *nested
	do    func()
}

func (n *nested) Discarded() {
	n.do()
	if n.inner != nil {
		Value(n.inner)
	}
}

func chain(n int, do func()) *nested {
	var v *nested
	for range n {
		v = &nested{v, do}
	}
	return v
}

func empty() bool {
	for i := range registry {
		if len(registry[i].by) > 0 {
			return false
		}
	}
	return true
}

func TestNoNestingIsTooDeep(t *testing.T) {
	const n = 100_000
	notified, deepest := 0, 0
	Value(chain(n, func() {
		if notified++; notified%64 == 0 {
			deepest = max(deepest, runtime.Callers(0, make([]uintptr, 4096)))
		}
	}))
	require.Equal(t, n, notified)
	require.Less(t, deepest, 1000)
	require.True(t, empty(), "a goroutine that discards no more is still registered")
}

// ending tells what it holds, and then panics or ends its goroutine.
type ending struct {
	inner    *ending
	notified *int
	how      func()
}

func (e *ending) Discarded() {
	*e.notified++
	if e.inner != nil {
		defer Value(e.inner)
	}
	e.how()
}

func TestWhatIsNestedIsNotifiedWhateverTheOthersDo(t *testing.T) {
	const n = 1000
	for name, how := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			notified := 0
			var v *ending
			for range n {
				v = &ending{v, &notified, how}
			}
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { _ = recover() }()
				Value(v)
			}()
			<-ended
			assert.Equal(t, n, notified)
			assert.True(t, empty())
		})
	}
}

func TestGoroutinesDiscardApart(t *testing.T) {
	notified, outer := 0, make(chan struct{})
	Value(chain(2*maxDepth, func() {
		if notified++; notified == maxDepth {
			go func() {
				defer close(outer)
				inner := 0
				Value(chain(3, func() { inner++ }))
				assert.Equal(t, 3, inner, "another goroutine's depth is not its own")
			}()
			<-outer
		}
	}))
	assert.Equal(t, 2*maxDepth, notified)
	assert.True(t, empty())
}

type noDiscarder int

type pointerDiscarder struct{}

func (*pointerDiscarder) Discarded() {}

func TestOnlyDiscardersAreLookedAt(t *testing.T) {
	assert.False(t, Interested[noDiscarder]())
	assert.False(t, Interested[int]())
	assert.True(t, Interested[pointerDiscarder]())
	assert.True(t, Interested[*pointerDiscarder]())
	assert.True(t, Interested[any]())
	Value(any(nil))
	Value(noDiscarder(0))
	assert.True(t, empty())
}
