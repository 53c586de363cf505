package channels

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// steps is a link whose producers advance when the test lets them.
type steps struct {
	link

	mu   sync.Mutex
	sent []uint64
	each func(n uint64)
}

func (s *steps) produce(_ context.Context, n uint64) {
	s.mu.Lock()
	s.sent = append(s.sent, n)
	s.mu.Unlock()
	if s.each != nil {
		s.each(n)
	}
}

func TestFairnessIsTheShareOfTheSlowestWhenTheFirstIsDone(t *testing.T) {
	s := newShares(3, 640)
	l := new(steps)
	s.sent[1].n.Store(320) // is halfway
	s.sent[2].n.Store(480)
	s.produce(t.Context(), l, 0)
	assert.InDelta(t, 0.5, s.fairness(), 0)
	s.produce(t.Context(), l, 1)
	assert.InDelta(t, 0.5, s.fairness(), 0, "it is not asked again")
}

func TestAProducerThatGotNothingIsNoFairness(t *testing.T) {
	s := newShares(64, 6400)
	var others sync.WaitGroup
	for i := range 63 {
		others.Go(func() { s.produce(t.Context(), new(steps), i) })
	}
	others.Wait()
	s.produce(t.Context(), new(steps), 63)
	assert.Zero(t, s.fairness())
}

func TestPartsAreTheQuota(t *testing.T) {
	for _, quota := range []uint64{1, 63, 64, 65, 1000} {
		s := newShares(1, quota)
		l := new(steps)
		s.produce(t.Context(), l, 0)
		var sum uint64
		for _, n := range l.sent {
			sum += n
		}
		assert.Equal(t, quota, sum)
		assert.LessOrEqual(t, len(l.sent), parts)
		assert.InDelta(t, 1, s.fairness(), 0)
	}
}
