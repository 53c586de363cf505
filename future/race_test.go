package future_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

// assertFair says that each of three won at least a fifth of the races.
func assertFair(t *testing.T, run func() int) {
	t.Helper()
	const races = 3000
	var wins [3]int
	for range races {
		wins[run()]++
	}
	for _, n := range wins {
		assert.GreaterOrEqual(t, n, races/5, wins)
	}
}

func TestChanceDecidesAmongThoseThatAreReadyAtOnce(t *testing.T) {
	t.Run("at the first poll", func(t *testing.T) {
		assertFair(t, func() int {
			v, err := future.Await(context.Background(), future.Race(future.Ready(0), future.Ready(1), future.Ready(2)))
			require.NoError(t, err)
			require.Equal(t, v.Index, v.Value)
			return v.Index
		})
	})
	t.Run("after they were woken in order", func(t *testing.T) {
		assertFair(t, func() int {
			ps, fs := probes(3)
			f := future.Race(fs...)
			cx, _ := newCx()
			assertNotReady(t, of(f), cx)
			for i, p := range ps {
				p.complete(i, nil)
			}
			v, ready, err := f.Poll(cx)
			require.True(t, ready)
			require.NoError(t, err)
			return v.Index
		})
	})
}

func TestABiasedRaceGoesToTheFirstInTheList(t *testing.T) {
	for range 100 {
		v, err := future.Await(context.Background(),
			future.RaceBiased(future.Pending[int](), future.Ready(1), future.Ready(2)))
		require.NoError(t, err)
		require.Equal(t, future.Indexed[int]{Index: 1, Value: 1}, v)

		ps, fs := probes(3)
		f := future.RaceBiased(fs...)
		cx, _ := newCx()
		assertNotReady(t, of(f), cx)
		ps[2].complete(2, nil)
		ps[1].complete(1, nil) // woken later, but earlier in the list
		v, ready, err := f.Poll(cx)
		require.True(t, ready)
		require.NoError(t, err)
		require.Equal(t, future.Indexed[int]{Index: 1, Value: 1}, v)
	}
}

func TestARaceDropsItsLosersExactlyOnce(t *testing.T) {
	for _, g := range groups[2:] {
		for winner := range 3 {
			for _, result := range []error{nil, errBoom} {
				ps, fs := probes(3)
				f := g.make(fs...)
				cx, _ := newCx()
				assertNotReady(t, f, cx)
				ps[winner].complete(7, result)
				v, ready, err := f.poll(cx)
				assert.True(t, ready)
				assert.Equal(t, result, err)
				assert.Equal(t, future.Indexed[int]{Index: winner, Value: 7}, v, "Index also beside an error")
				f.drop()
				for i, p := range ps {
					if i == winner {
						p.assertEnded(t)
						assert.Zero(t, p.drops)
					} else {
						p.assertDropped(t)
					}
				}
			}
		}
	}
}

func TestALoserThatWasNeverPolledIsDroppedToo(t *testing.T) {
	p := new(probe)
	_, err := future.Await(context.Background(), future.RaceBiased(future.Ready(1), future.Future[int](p)))
	assert.NoError(t, err)
	assert.Zero(t, p.polled())
	p.assertDropped(t)
}

func TestALoserThatIsReadyLosesWhatItHad(t *testing.T) {
	// A promise is the one leaf whose value is already the future's.
	p, f := future.NewPromise[int]()
	assert.True(t, p.Resolve(7))
	_, err := future.Await(context.Background(), future.RaceBiased(future.Ready(1), f))
	assert.NoError(t, err)
	cx, _ := newCx()
	_, _, err = f.Poll(cx)
	assert.ErrorIs(t, err, future.ErrDropped)
}
