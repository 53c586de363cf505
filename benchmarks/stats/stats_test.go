package stats_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/benchmarks/stats"
)

func TestOf(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		values []float64
		want   stats.Summary
	}{
		{"one", []float64{7}, stats.Summary{N: 1, Median: 7, Low: 7, High: 7, From: 7, To: 7}},
		{"even", []float64{4, 1, 3, 2}, stats.Summary{N: 4, Median: 2.5, Low: 1, High: 4, From: 1, To: 4}},
		{"five are too few", []float64{5, 4, 3, 2, 1}, stats.Summary{N: 5, Median: 3, Low: 1, High: 5, From: 1, To: 5}},
		{"six: all of them", []float64{1, 2, 3, 4, 5, 6}, stats.Summary{N: 6, Median: 3.5, Low: 1, High: 6, From: 1, To: 6}},
		{"ten: the true median is not at the extremes", []float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, stats.Summary{N: 10, Median: 5.5, Low: 2, High: 9, From: 1, To: 10}},
		{"not a number", []float64{nan, 3, nan, 1, 2}, stats.Summary{N: 3, Median: 2, Low: 1, High: 3, From: 1, To: 3}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, stats.Of(c.values)) })
	}
	none := stats.Of([]float64{nan})
	assert.Zero(t, none.N)
	assert.True(t, math.IsNaN(none.Median) && math.IsNaN(none.Low) && math.IsNaN(none.High))
	assert.True(t, math.IsNaN(none.From) && math.IsNaN(none.To))
}

func TestOfKeepsItsArgument(t *testing.T) {
	vs := []float64{3, 1, 2}
	stats.Of(vs)
	assert.Equal(t, []float64{3, 1, 2}, vs)
}

// The interval encloses the true median as often as it says, for a distribution with a long tail.
func TestConfidence(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	median := math.Ln2
	for _, n := range []int{6, 10, 15, 30} {
		const trials = 4000
		hits := 0
		for range trials {
			vs := make([]float64, n)
			for i := range vs {
				vs[i] = rng.ExpFloat64()
			}
			if s := stats.Of(vs); s.Low <= median && median <= s.High {
				hits++
			}
		}
		assert.GreaterOrEqual(t, float64(hits)/trials, 0.94, "n=%d", n)
		if n == 30 {
			assert.Less(t, float64(hits)/trials, 0.98, "wider than necessary")
		}
	}
}

// The spread encloses the median of another run as often as it says.
func TestAnotherRunLiesWithinTheSpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func(n int) []float64 {
		vs := make([]float64, n)
		for i := range vs {
			vs[i] = rng.ExpFloat64()
		}
		return vs
	}
	for _, n := range []int{9, 10, 15, 30} {
		const trials = 4000
		hits := 0
		for range trials {
			s, next := stats.Of(draw(n)), stats.Of(draw(n))
			if s.From <= next.Median && next.Median <= s.To {
				hits++
			}
		}
		assert.GreaterOrEqual(t, float64(hits)/trials, 0.94, "n=%d", n)
		if n == 30 {
			assert.Less(t, float64(hits)/trials, 0.99, "wider than necessary")
		}
	}
}

func TestRatiosAreOfOneRoundWhereThatIsPossible(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name               string
		values, base, want []float64
	}{
		{"the same rounds", []float64{2, 6}, []float64{1, 2}, []float64{2, 3}},
		{"a round without both", []float64{2, nan, 6}, []float64{1, nan, 2}, []float64{2, 3}},
		{"the others in order", []float64{nan, 9, 2, 8, nan}, []float64{3, nan, 1, nan, 2}, []float64{2, 3, 4}},
		{"one too many", []float64{2, nan, 6, nan, 8}, []float64{1, 1, nan, nan, 4, 5}, []float64{2, 2, 6}},
		{"nothing to divide by", []float64{1, 2}, []float64{0, 1}, []float64{2}},
		{"one side only", []float64{1, nan}, []float64{nan, nan}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, stats.Ratios(c.values, c.base)) })
	}
}
