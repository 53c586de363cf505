package future_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

func TestAJoinOfTwoOrThreeHasTheValuesInTheirPlaces(t *testing.T) {
	pair, err := future.Await(context.Background(), future.Join2(future.Ready(1), future.Ready("b")))
	assert.NoError(t, err)
	assert.Equal(t, future.Pair[int, string]{A: 1, B: "b"}, pair)
	three, err := future.Await(context.Background(), future.Join3(future.Ready(1), future.Ready("b"), future.Ready(3.5)))
	assert.NoError(t, err)
	assert.Equal(t, future.Triple[int, string, float64]{A: 1, B: "b", C: 3.5}, three)
}

func TestAJoinIsReadyWithItsLastMember(t *testing.T) {
	joins := map[string]func(fs []future.Future[int]) future.Future[[]int]{
		"Join2": func(fs []future.Future[int]) future.Future[[]int] {
			fs[2].Drop()
			return future.Map(future.Join2(fs[0], fs[1]), func(p future.Pair[int, int]) []int {
				return []int{p.A, p.B, 2}
			})
		},
		"Join3": func(fs []future.Future[int]) future.Future[[]int] {
			return future.Map(future.Join3(fs[0], fs[1], fs[2]), func(p future.Triple[int, int, int]) []int {
				return []int{p.A, p.B, p.C}
			})
		},
		"JoinAll": func(fs []future.Future[int]) future.Future[[]int] {
			return future.Map(future.JoinAll(fs...), func(rs []future.Result[int]) []int {
				return []int{rs[0].Value, rs[1].Value, rs[2].Value}
			})
		},
		"TryJoinAll": func(fs []future.Future[int]) future.Future[[]int] { return future.TryJoinAll(fs...) },
	}
	for name, join := range joins {
		for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
			t.Run(name, func(t *testing.T) {
				ps, fs := probes(3)
				f := join(fs)
				clear(fs) // the caller's
				cx, _ := newCx()
				for _, i := range order {
					if ps[i].drops > 0 {
						continue
					}
					_, ready, _ := f.Poll(cx)
					require.False(t, ready)
					ps[i].complete(i, nil)
				}
				v, ready, err := f.Poll(cx)
				assert.True(t, ready)
				assert.NoError(t, err)
				assert.Equal(t, []int{0, 1, 2}, v)
				for _, p := range ps {
					p.assertEnded(t)
				}
			})
		}
	}
}

func TestTheFirstErrorOfAJoinDropsTheRest(t *testing.T) {
	for failing := range 3 {
		for _, join := range []func(fs []future.Future[int]) future.Future[struct{}]{
			func(fs []future.Future[int]) future.Future[struct{}] {
				return future.Map(future.TryJoinAll(fs...), func([]int) (none struct{}) { return })
			},
			func(fs []future.Future[int]) future.Future[struct{}] {
				return future.Map(future.Join3(fs[0], fs[1], fs[2]),
					func(future.Triple[int, int, int]) (none struct{}) { return })
			},
		} {
			ps, fs := probes(3)
			f := join(fs)
			cx, _ := newCx()
			_, ready, _ := f.Poll(cx)
			require.False(t, ready)
			done, rest := (failing+1)%3, (failing+2)%3
			ps[done].complete(1, nil)
			_, ready, _ = f.Poll(cx)
			require.False(t, ready)
			ps[failing].complete(0, errBoom)
			_, ready, err := f.Poll(cx)
			assert.True(t, ready)
			assert.Equal(t, errBoom, err)
			ps[rest].assertDropped(t)
			ps[done].assertEnded(t)
			assert.Zero(t, ps[done].drops)
			f.Drop()
			ps[rest].assertDropped(t)
		}
	}
}

func TestAnErrorAtTheFirstPollOfAJoinDropsWhatWasNeverPolled(t *testing.T) {
	ps, _ := probes(2)
	_, err := future.Await(context.Background(), future.TryJoinAll(ps[0], future.Fail[int](errBoom), ps[1]))
	assert.Equal(t, errBoom, err)
	ps[0].assertDropped(t)
	ps[1].assertDropped(t)
	q := new(probe)
	_, err = future.Await(context.Background(), future.Join2(future.Fail[int](errBoom), future.Future[int](q)))
	assert.Equal(t, errBoom, err)
	q.assertDropped(t)
}

func TestJoinAllReturnsErrorsAmongItsResults(t *testing.T) {
	v, err := future.Await(context.Background(),
		future.JoinAll(future.Ready(1), future.Fail[int](errBoom), future.Ready(3)))
	assert.NoError(t, err)
	assert.Equal(t, []future.Result[int]{{Value: 1}, {Err: errBoom}, {Value: 3}}, v)
}

func TestAJoinOfNoneIsReadyAtOnce(t *testing.T) {
	all, err := future.Await(context.Background(), future.JoinAll[int]())
	assert.NoError(t, err)
	assert.Empty(t, all)
	values, err := future.Await(context.Background(), future.TryJoinAll[int]())
	assert.NoError(t, err)
	assert.Empty(t, values)
}
