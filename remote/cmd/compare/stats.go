package main

import (
	"math"
	"slices"
)

// summary is the middle of some values, and how far they are apart.
type summary struct{ median, low, high float64 }

// sum leaves out nothing: a round that went badly is in the spread.
func sum(values []float64) summary {
	if len(values) == 0 {
		return summary{math.NaN(), math.NaN(), math.NaN()}
	}
	vs := slices.Sorted(slices.Values(values))
	n := len(vs)
	return summary{(vs[(n-1)/2] + vs[n/2]) / 2, vs[0], vs[n-1]}
}

// ratios divides round by round, so that what slows a whole round down slows both sides.
func ratios(values, base []float64) []float64 {
	out := make([]float64, min(len(values), len(base)))
	for i := range out {
		out[i] = values[i] / base[i]
	}
	return out
}

// quantile is the value below which a share q of the sorted values lies.
func quantile(sorted []float64, q float64) float64 {
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
