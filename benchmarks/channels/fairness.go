package channels

import (
	"context"
	"math"
	"sync/atomic"
)

// parts is in how many parts a producer sends its quota. It says how far it is after each of
// them and not after each message, which would cost as much as some channels do.
const parts = 64

// shares measures whether a producer is starved: how far each of them is when the first has
// sent its quota. The time at which the last one is done shows less: if one of 64 producers is
// starved until the others are done, the whole takes only a sixty-fourth longer.
type shares struct {
	quota uint64
	sent  []counter
	least atomic.Uint64 // the bits of a float64; 0 until a producer is done
	first atomic.Bool
}

// counter stands apart: another producer writes the next one.
type counter struct {
	n atomic.Uint64
	_ [120]byte
}

func newShares(producers int, quota uint64) *shares {
	return &shares{quota: quota, sent: make([]counter, producers)}
}

// produce sends the quota of producer i through l.
func (s *shares) produce(ctx context.Context, l link, i int) {
	for sent := uint64(0); sent < s.quota; {
		n := min(s.part(), s.quota-sent)
		l.produce(ctx, n)
		sent += n
		s.sent[i].n.Store(sent)
	}
	if s.first.CompareAndSwap(false, true) {
		s.least.Store(math.Float64bits(s.slowest()))
	}
}

func (s *shares) part() uint64 { return (s.quota + parts - 1) / parts }

// slowest is the share of its quota that the slowest producer has sent.
func (s *shares) slowest() float64 {
	least := s.quota
	for i := range s.sent {
		least = min(least, s.sent[i].n.Load())
	}
	return float64(least) / float64(s.quota)
}

// fairness is what slowest was when the first producer was done: 1 where all keep pace, and 0
// where one of them has sent nothing yet.
func (s *shares) fairness() float64 { return math.Float64frombits(s.least.Load()) }

// wanted is the sum of what one producer sends.
func (s *shares) wanted(l link) uint64 {
	whole, rest := s.quota/s.part(), s.quota%s.part()
	return whole*wanted(l, s.part()) + wanted(l, rest)
}
