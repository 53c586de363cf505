package main

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAQuickRunPrintsEveryScenario(t *testing.T) {
	var out strings.Builder
	require.NoError(t, compare(t.Context(), []string{"-quick"}, &out, io.Discard))
	for _, s := range order {
		assert.Contains(t, out.String(), "| "+s+" | ")
	}
	assert.NotContains(t, out.String(), "NaN")
	assert.Contains(t, out.String(), "Medians of 2 rounds")
}

func TestARatioIsTakenWithinARound(t *testing.T) {
	// The second round is ten times as slow for both.
	assert.Equal(t, summary{median: 2, low: 2, high: 2}, sum(ratios([]float64{2, 20}, []float64{1, 10})))
}

func TestASummaryLeavesNothingOut(t *testing.T) {
	assert.Equal(t, summary{median: 2.5, low: 1, high: 100}, sum([]float64{3, 100, 1, 2}))
	assert.Equal(t, summary{median: 3, low: 1, high: 5}, sum([]float64{5, 1, 3}))
}

func TestASecondHasThreeDigits(t *testing.T) {
	assert.Equal(t, "1.23 µs", short(1.234e-6))
	assert.Equal(t, "12.3 µs", short(12.34e-6))
	assert.Equal(t, "123 µs", short(123.4e-6))
	assert.Equal(t, "12.34 ms", short(12.34e-3))
}
