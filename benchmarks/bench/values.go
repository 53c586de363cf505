package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// Encode writes the values of a run for [Decode] in another process. JSON has no word for what is
// not a number: it travels as null.
func Encode(w io.Writer, vs []float64) error {
	out := make([]*float64, len(vs))
	for i := range vs {
		if !math.IsNaN(vs[i]) {
			out[i] = &vs[i]
		}
	}
	return json.NewEncoder(w).Encode(out)
}

// Decode reads what [Encode] or a program in another language has written.
func Decode(text []byte) ([]float64, error) {
	var in []*float64
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, fmt.Errorf("what the process printed: %w", err)
	}
	vs := make([]float64, len(in))
	for i, v := range in {
		if vs[i] = math.NaN(); v != nil {
			vs[i] = *v
		}
	}
	return vs, nil
}
