package future_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

// groups are the combinators that give each member a waker of its own.
var groups = []struct {
	name string
	make func(fs ...future.Future[int]) subject
}{
	{"JoinAll", func(fs ...future.Future[int]) subject { return of(future.JoinAll(fs...)) }},
	{"TryJoinAll", func(fs ...future.Future[int]) subject { return of(future.TryJoinAll(fs...)) }},
	{"Race", func(fs ...future.Future[int]) subject { return of(future.Race(fs...)) }},
	{"RaceBiased", func(fs ...future.Future[int]) subject { return of(future.RaceBiased(fs...)) }},
}

func overGroups(t *testing.T, test func(t *testing.T, g subject, ps []*probe)) {
	t.Helper()
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			ps, fs := probes(3)
			test(t, g.make(fs...), ps)
		})
	}
}

func assertNotReady(t *testing.T, s subject, cx *future.Context) {
	t.Helper()
	_, ready, err := s.poll(cx)
	require.False(t, ready)
	require.NoError(t, err)
}

func TestAWakePollsTheWokenMemberOnly(t *testing.T) {
	overGroups(t, func(t *testing.T, g subject, ps []*probe) {
		cx, woken := newCx()
		assertNotReady(t, g, cx)
		assert.Equal(t, []int{1, 1, 1}, polled(ps))
		assertNotReady(t, g, cx)
		assert.Equal(t, []int{0, 0, 0}, polled(ps), "no waker was called")
		for i := range ps {
			ps[i].nudge()
			ps[i].nudge()
			assert.Equal(t, 1+i, woken.count())
			assertNotReady(t, g, cx)
			want := make([]int, 3)
			want[i] = 1
			assert.Equal(t, want, polled(ps))
		}
		ps[2].nudge()
		ps[0].nudge()
		assert.Equal(t, 4, woken.count())
		assertNotReady(t, g, cx)
		assert.Equal(t, []int{1, 0, 1}, polled(ps))
		g.drop()
	})
}

func TestAMemberThatIsDoneIsNotPolledAgain(t *testing.T) {
	ps, fs := probes(2)
	f := of(future.JoinAll(fs...))
	cx, _ := newCx()
	assertNotReady(t, f, cx)
	ps[0].complete(1, nil)
	assertNotReady(t, f, cx)
	ps[0].nudge() // who kept its waker
	assertNotReady(t, f, cx)
	other, _ := newCx()
	assertNotReady(t, f, other)
	ps[1].complete(2, nil)
	v, ready, err := f.poll(other)
	assert.True(t, ready)
	assert.NoError(t, err)
	assert.Equal(t, []future.Result[int]{{Value: 1}, {Value: 2}}, v)
	for _, p := range ps {
		p.assertEnded(t)
	}
}

func TestAMemberThatWakesItselfDuringItsPollIsPolledAgain(t *testing.T) {
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			polls := 0
			p := new(probe)
			f := g.make(p, future.PollFunc(func(cx *future.Context) (int, bool, error) {
				polls++
				cx.Waker().Wake()
				return 0, false, nil
			}))
			cx, woken := newCx()
			for i := 1; i <= 5; i++ {
				assertNotReady(t, f, cx)
				assert.Equal(t, i, polls)
				assert.Equal(t, i, woken.count())
			}
			assert.Equal(t, 1, p.polled())
			f.drop()
		})
	}
}

type generation struct{}

func movedCx(i int) (*future.Context, *counter) {
	c := new(counter)
	return future.NewContext(context.WithValue(context.Background(), generation{}, i), c), c
}

func TestAGroupThatIsMovedWakesAndPollsUnderTheNewContext(t *testing.T) {
	overGroups(t, func(t *testing.T, g subject, ps []*probe) {
		var wakers []*counter
		for i := range 4 {
			cx, woken := movedCx(i)
			wakers = append(wakers, woken)
			assertNotReady(t, g, cx)
			assert.Equal(t, []int{1, 1, 1}, polled(ps), "each has to learn of the new waker")
			ps[1].nudge()
			assertNotReady(t, g, cx)
			assert.Equal(t, []int{0, 1, 0}, polled(ps))
			for _, p := range ps {
				assert.Equal(t, i, p.context().Value(generation{}))
			}
		}
		for _, w := range wakers {
			assert.Equal(t, 1, w.count())
		}
		g.drop()
	})
}

func TestAWakerOfAnEarlierContextDoesNotBringThatContextBack(t *testing.T) {
	overGroups(t, func(t *testing.T, g subject, ps []*probe) {
		first, _ := movedCx(1)
		assertNotReady(t, g, first)
		stale := ps[0].context().Waker()
		second, woken := movedCx(2)
		assertNotReady(t, g, second)
		polled(ps)

		stale.Wake()
		assertNotReady(t, g, second)
		assert.Equal(t, 2, ps[0].context().Value(generation{}), "polled under the context it was moved from")

		polled(ps)
		stale.Wake()
		ps[0].nudge()
		assertNotReady(t, g, second)
		assert.LessOrEqual(t, ps[0].polled(), 1, "polled twice in one poll")

		before := woken.count()
		ps[0].complete(1, nil)
		assert.Equal(t, before+1, woken.count())
		g.drop()
	})
}

func TestGroupsNest(t *testing.T) {
	ps, fs := probes(4)
	f := future.Race(
		future.Map(future.TryJoinAll(fs[0], fs[1]), func(vs []int) int { return vs[0] + vs[1] }),
		future.Map(future.JoinAll(fs[2], fs[3]), func(rs []future.Result[int]) int { return len(rs) }),
	)
	cx, woken := newCx()
	assertNotReady(t, of(f), cx)
	polled(ps)
	ps[3].nudge()
	assertNotReady(t, of(f), cx)
	assert.Equal(t, []int{0, 0, 0, 1}, polled(ps))
	ps[0].complete(3, nil)
	assertNotReady(t, of(f), cx)
	assert.Equal(t, []int{1, 0, 0, 0}, polled(ps))
	ps[1].complete(4, nil)
	assert.Equal(t, 3, woken.count())
	v, ready, err := f.Poll(cx)
	assert.True(t, ready)
	assert.NoError(t, err)
	assert.Equal(t, future.Indexed[int]{Index: 0, Value: 7}, v)
	ps[2].assertDropped(t)
	ps[3].assertDropped(t)
}
