package channel

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// Two goroutines that use one consumer at once are a mistake, and each call of theirs either panics
// or does what it would do alone: no message is lost, and the flag of the rule is neither lost nor
// left behind.
func TestTwoConsumersLeaveTheFlagOfTheRuleAsItShouldBe(t *testing.T) {
	for range testsize.Scaled(200) {
		var tx, rx Handle[int]
		c := New[int](Options{Limit: Unlimited, Solo: true, BlockSlots: 1}, &tx, &rx)
		const messages = 200
		var got, panics atomic.Int64
		var wg sync.WaitGroup
		consume := func(receive func() (int, error)) {
			wg.Go(func() {
				for got.Load() < messages {
					func() {
						defer func() {
							if recover() != nil {
								panics.Add(1)
							}
						}()
						n, _ := receive()
						got.Add(int64(n))
					}()
				}
			})
		}
		buf, more := make([]int, 20), make([]int, 20)
		consume(func() (int, error) { return c.TryRecvMany(&rx, buf) })
		consume(func() (int, error) {
			if c.offers.Load() != 0 || c.Len() == 0 {
				return 0, nil // a wait could be for ever
			}
			return c.TryRecvMany(&rx, more)
		})
		wg.Go(func() {
			for i := range messages {
				if !c.Push(i) {
					assert.NoError(t, c.TrySend(&tx, i))
				}
			}
		})
		wg.Wait()
		assert.EqualValues(t, messages, got.Load())
		assert.False(t, c.list.Head.Load().Has(inside), "no call is inside")
		_, err := c.TryRecv(&rx)
		assert.Equal(t, errs.ErrEmpty, err)
	}
}

// A TryRecvMany that holds the head lock does not end the receive that has begun since.
func TestATryRecvKeepsTheFlagOfAReceiveThatHasBegun(t *testing.T) {
	var tx, rx Handle[int]
	c := New[int](Options{Limit: Unlimited, Solo: true}, &tx, &rx)
	assert.NoError(t, c.TrySend(&tx, 1))
	w := c.list.Head.Lock() // as take does
	c.enter()
	c.unlockHead(c.list.TakeMany(w, make([]int, 1)))
	assert.True(t, c.list.Head.Load().Has(inside))
	assert.PanicsWithValue(t, misuse, func() { _, _ = c.TryRecv(&rx) })
	c.leave()
	_, err := c.TryRecv(&rx)
	assert.Equal(t, errs.ErrEmpty, err)
}
