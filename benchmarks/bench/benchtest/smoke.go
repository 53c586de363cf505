// Package benchtest checks lists of scenarios.
package benchtest

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// Smoke lets every peer of every scenario do a little, and checks that it does it right and that
// the scenario is complete. It judges no time.
func Smoke(t *testing.T, scenarios []bench.Scenario) {
	t.Helper()
	names := make(map[string]bool)
	for _, s := range scenarios {
		assert.False(t, names[s.Name], "two scenarios are called %q", s.Name)
		names[s.Name] = true
		assert.NotEmpty(t, s.Text, s.Name)
		assert.NotEmpty(t, s.Metrics, s.Name)
		assert.True(t, slices.ContainsFunc(s.Peers, func(p bench.Peer) bool { return p.Name == s.Base }),
			"%s: no peer is called %q", s.Name, s.Base)
		for _, p := range s.Peers {
			t.Run(s.Name+"/"+p.Name, func(t *testing.T) {
				for _, n := range []int{1, 130} {
					vs, err := p.Run(n)
					if assert.NoError(t, err) && assert.Len(t, vs, len(s.Metrics)) {
						for i, v := range vs {
							// NaN stands for a value that this system cannot measure.
							assert.True(t, v >= 0 || math.IsNaN(v), "%s: %v", s.Metrics[i], v)
						}
					}
				}
			})
		}
	}
}
