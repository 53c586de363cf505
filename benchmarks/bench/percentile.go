package bench

import (
	"math"
	"slices"
)

// Percentile is the value that a share p of vs does not exceed. It sorts vs.
func Percentile(vs []float64, p float64) float64 {
	if len(vs) == 0 {
		return math.NaN()
	}
	slices.Sort(vs)
	i := int(math.Ceil(p*float64(len(vs)))) - 1
	return vs[min(max(i, 0), len(vs)-1)]
}
