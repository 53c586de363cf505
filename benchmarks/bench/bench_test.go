package bench_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

func TestPercentile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	assert.InDelta(t, 50, bench.Percentile(hundred, 0.5), 0)
	assert.InDelta(t, 99, bench.Percentile(hundred, 0.99), 0)
	assert.InDelta(t, 7, bench.Percentile([]float64{7}, 0.99), 0)
	assert.InDelta(t, 1, bench.Percentile([]float64{2, 1}, 0), 0)
	assert.True(t, math.IsNaN(bench.Percentile(nil, 0.5)))
}

func TestCheck(t *testing.T) {
	assert.NoError(t, bench.Check("sum", 1, 1))
	assert.EqualError(t, bench.Check("sum", 1, 2), "sum: got 1, want 2")
}

func TestValuesTravel(t *testing.T) {
	var buf bytes.Buffer
	require.NoError(t, bench.Encode(&buf, []float64{1.5, math.NaN(), 0}))
	vs, err := bench.Decode(buf.Bytes())
	require.NoError(t, err)
	require.Len(t, vs, 3)
	assert.True(t, math.IsNaN(vs[1]))
	assert.Equal(t, []float64{1.5, 0}, []float64{vs[0], vs[2]})
	_, err = bench.Decode([]byte("hello"))
	assert.ErrorContains(t, err, "what the process printed")
}
