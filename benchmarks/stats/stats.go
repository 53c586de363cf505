// Package stats sums up repeated measurements.
package stats

import (
	"math"
	"slices"
)

// Enough is the smallest number of values whose extremes are a 95% interval.
const Enough = 6

// Summary is the median of some values and how sure it is.
type Summary struct {
	N      int
	Median float64
	// Low and High enclose the median of all measurements that might have been made, with at
	// least 95% confidence. Of fewer values than [Enough] they are the extremes.
	Low, High float64
}

// Of sums up values. What is not a number does not count.
func Of(values []float64) Summary {
	vs := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	slices.Sort(vs)
	n := len(vs)
	if n == 0 {
		return Summary{Median: math.NaN(), Low: math.NaN(), High: math.NaN()}
	}
	k := rank(n)
	return Summary{N: n, Median: (vs[(n-1)/2] + vs[n/2]) / 2, Low: vs[k], High: vs[n-1-k]}
}

// rank is how many values may be left out at either end of n sorted ones. Leaving out k at each
// end, the median is missed when at most k of n tosses of a coin show heads, or at most k show
// tails. No distribution has to be assumed.
func rank(n int) int {
	missed := 0.0
	for k := range n / 2 {
		missed += 2 * math.Exp(logChoose(n, k)-float64(n)*math.Ln2)
		if missed > 0.05 {
			return max(0, k-1)
		}
	}
	return 0
}

// logChoose is the logarithm of the number of ways to choose k of n.
func logChoose(n, k int) float64 {
	gamma := func(n int) float64 {
		v, _ := math.Lgamma(float64(n + 1))
		return v
	}
	return gamma(n) - gamma(k) - gamma(n-k)
}

// Ratios divides pairwise: values of one round by values of the same round. A pair that lacks one
// side gives no ratio.
func Ratios(values, base []float64) []float64 {
	var out []float64
	for i := range min(len(values), len(base)) {
		if r := values[i] / base[i]; !math.IsNaN(r) && !math.IsInf(r, 0) {
			out = append(out, r)
		}
	}
	return out
}
