package mpsc_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// box holds a receiver whose message is a box, and so on.
type box struct {
	rx      *mpsc.Receiver[box]
	deepest *int
	told    *int
}

func (b box) Discarded() {
	if *b.told++; *b.told%64 == 0 {
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
	deepest, told := 0, 0
	b := box{nil, &deepest, &told}
	for range n {
		tx, rx := mpsc.Channel[box]()
		require.NoError(t, tx.Send(b))
		tx.Drop()
		b = box{rx, &deepest, &told}
	}
	b.rx.Drop()
	assert.Equal(t, n, told, "all, before the outermost Drop returns")
	assert.Less(t, deepest, 2000)
}
