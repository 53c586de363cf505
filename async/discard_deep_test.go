package async_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// box holds a receiver whose message is a box, and so on.
type box struct {
	rx      *async.Receiver[box]
	deepest *int
	calls   *int
}

func (b box) Discarded() {
	if *b.calls++; *b.calls%64 == 0 {
		*b.deepest = max(*b.deepest, runtime.Callers(0, make([]uintptr, 1<<14)))
	}
	if b.rx != nil {
		b.rx.Drop()
	}
}

// Receivers in messages in receivers are dropped without a call inside of a call for each.
func TestReceiversInMessagesAreDroppedHoweverDeep(t *testing.T) {
	n := 200_000
	if testsize.Race || !testsize.Long() {
		n = 50_000
	}
	deepest, calls := 0, 0
	b := box{nil, &deepest, &calls}
	for range n {
		tx, rx := async.Unbounded[box]()
		require.NoError(t, tx.TrySend(b))
		tx.Drop()
		b = box{rx, &deepest, &calls}
	}
	b.rx.Drop()
	assert.Equal(t, n, calls, "all, before the outermost Drop returns")
	assert.Less(t, deepest, 2000)
}
