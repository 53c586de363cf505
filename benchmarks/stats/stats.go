// Package stats sums up repeated measurements.
package stats

import (
	"math"
	"slices"
)

// Enough is the smallest number of values whose extremes are a 95% interval for the median.
const Enough = 6

// Spread is the smallest number of values of which a spread is stated. The extremes of fewer may
// miss the median of as many new values more often than in one case of twenty.
const Spread = 9

// Summary is the median of some values and how sure it is.
type Summary struct {
	N      int
	Median float64
	// Low and High enclose the median of all measurements that might have been made, with at
	// least 95% confidence. Of fewer values than [Enough] they are the extremes.
	Low, High float64
	// From and To are the spread: the median of as many new values lies between them with a
	// probability of at least 95%, if these are like the old ones. This is wider than Low
	// and High, because the new median is a matter of chance too. Of fewer values than
	// [Spread] they are the extremes, and the probability is smaller.
	From, To float64
}

// Of sums up values. What is not a number does not count.
func Of(values []float64) Summary {
	vs := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	slices.Sort(vs)
	n := len(vs)
	if n == 0 {
		nan := math.NaN()
		return Summary{Median: nan, Low: nan, High: nan, From: nan, To: nan}
	}
	k, j := rank(n, missesTrue), rank(n, missesNext)
	return Summary{N: n, Median: (vs[(n-1)/2] + vs[n/2]) / 2, Low: vs[k], High: vs[n-1-k], From: vs[j], To: vs[n-1-j]}
}

// rank is how many values may be left out at either end of n sorted ones, so that an interval
// misses what it is for in one case of twenty at most. No distribution has to be assumed.
// misses is the probability that what it is for lies below the value after the first k.
func rank(n int, misses func(n, k int) float64) (k int) {
	for k+1 < n/2 && 2*misses(n, k+1) <= 0.05 {
		k++
	}
	return k
}

// missesTrue: the true median is below when at most k of n tosses of a coin show heads.
func missesTrue(n, k int) (p float64) {
	for i := range k + 1 {
		p += math.Exp(logChoose(n, i) - float64(n)*math.Ln2)
	}
	return p
}

// missesNext: the median of n new values is below at most when half of these come before the
// value after the first k, in the order of all 2n. All such orders are equally likely.
func missesNext(n, k int) (p float64) {
	for before := (n + 1) / 2; before <= n; before++ {
		p += math.Exp(logChoose(k+before, k) + logChoose(2*n-1-k-before, n-1-k) - logChoose(2*n, n))
	}
	return p
}

// logChoose is the logarithm of the number of ways to choose k of n.
func logChoose(n, k int) float64 {
	gamma := func(n int) float64 {
		v, _ := math.Lgamma(float64(n + 1))
		return v
	}
	return gamma(n) - gamma(k) - gamma(n-k)
}

// Ratios divides pairwise: values of one round by values of the same round. What finds no partner
// there is paired in order, the first of the one side with the first of the other, so that where
// rounds are of several classes, a class has as many ratios as the side that has fewer values.
func Ratios(values, base []float64) []float64 {
	var out, rest, restBase []float64
	for i := range max(len(values), len(base)) {
		v, b := at(values, i), at(base, i)
		switch {
		case math.IsNaN(v) && math.IsNaN(b):
		case math.IsNaN(v):
			restBase = append(restBase, b)
		case math.IsNaN(b):
			rest = append(rest, v)
		default:
			out = append(out, v/b)
		}
	}
	for i := range min(len(rest), len(restBase)) {
		out = append(out, rest[i]/restBase[i])
	}
	return slices.DeleteFunc(out, func(r float64) bool { return math.IsNaN(r) || math.IsInf(r, 0) })
}

func at(vs []float64, i int) float64 {
	if i < len(vs) {
		return vs[i]
	}
	return math.NaN()
}
