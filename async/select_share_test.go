package async_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
)

// Of k channels that are never empty each has a k-th of a Select. The bounds are more than
// six standard deviations wide.
func TestBusyChannelsShareASelectWhateverIsBesideThem(t *testing.T) {
	const rounds = 3000
	for _, k := range []int{2, 3, 5} {
		for _, idle := range []int{0, 1, 8, 98} {
			var cases []async.Case[int]
			for id := range idle + k {
				tx, rx := async.Unbounded[int]()
				defer tx.Drop()
				defer rx.Drop()
				if id >= idle {
					for range rounds {
						require.NoError(t, tx.TrySend(id-idle))
					}
				}
				cases = append(cases, async.On(rx, func(v int, _ error) int { return v }))
			}
			s := async.Select(cases...)
			won := make([]int, k)
			for range rounds {
				v, err := s.Next().Await(t.Context())
				require.NoError(t, err)
				won[v]++
			}
			for i, n := range won {
				assert.InDelta(t, rounds/k, n, rounds/10, "%d busy, %d idle: channel %d", k, idle, i)
			}
		}
	}
}
