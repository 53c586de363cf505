package async_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// The steps of FuzzPrograms on the side of the receivers.

// pendingRecv is a receive that was polled and was not ready.
type pendingRecv struct {
	handle int
	one    *async.RecvFuture[int]
	batch  *async.RecvManyFuture[int]
	buf    []int
	woken  *counter
	holds  bool // it was notified, and its handle dropped before its poll
}

func (l *lab) tryRecv(h, k int, batch bool) {
	if !batch {
		v, err := l.rx[h].TryRecv()
		l.received(h, 1, []int{v}, err)
	} else {
		buf := make([]int, k)
		n, err := l.rx[h].TryRecvMany(buf)
		if err == nil {
			buf = buf[:n]
		}
		l.received(h, k, buf, err)
	}
	something := !l.m.rx[h] || l.m.something() > 0 || l.m.over()
	require.Equal(l.t, something, readableNow(l.rx[h].Ready()), "Ready")
}

// received compares what a receive of up to k messages came to; with an error got does
// not count.
func (l *lab) received(h, k int, got []int, err error) {
	l.t.Helper()
	if k == 0 {
		require.NoError(l.t, err)
		require.Empty(l.t, got)
		return
	}
	want, wantErr := l.m.receive(h, k)
	l.sameError(wantErr, err)
	if wantErr == nil {
		require.Equal(l.t, want, got)
	}
}

func (l *lab) recvFuture(h, k int, batch bool) {
	r := &pendingRecv{handle: h}
	if batch {
		r.buf = make([]int, k)
		r.batch = l.rx[h].RecvMany(r.buf)
	} else {
		r.one = l.rx[h].Recv()
	}
	l.recvs = append(l.recvs, r)
	l.pollRecv(r, false)
}

// moveRecv polls a receive, with another waker, awaits it, or drops it.
func (l *lab) moveRecv(arg int) {
	if len(l.recvs) == 0 {
		return
	}
	r := l.recvs[arg/4%len(l.recvs)]
	switch arg % 4 {
	case 0, 1:
		l.pollRecv(r, false)
	case 2:
		l.pollRecv(r, true)
	case 3:
		cx, _ := newCx()
		var ready bool
		var err error
		if r.one != nil {
			r.one.Drop()
			_, ready, err = r.one.Poll(cx)
		} else {
			r.batch.Drop()
			_, ready, err = r.batch.Poll(cx)
		}
		require.True(l.t, ready)
		require.ErrorIs(l.t, err, async.ErrDropped)
		l.forgetRecv(r)
	}
}

func (l *lab) forgetRecv(r *pendingRecv) {
	l.recvs = slices.DeleteFunc(l.recvs, func(o *pendingRecv) bool { return o == r })
}

func (l *lab) pollRecv(r *pendingRecv, await bool) {
	cx, woken := newCx()
	k, n, ready := 1, 1, true
	var v int
	var err error
	switch {
	case r.one != nil && await:
		v, err = r.one.Await(endedContext)
	case r.one != nil:
		v, ready, err = r.one.Poll(cx)
	case await:
		k = len(r.buf)
		n, err = r.batch.Await(endedContext)
	default:
		k = len(r.buf)
		n, ready, err = r.batch.Poll(cx)
	}
	waits := k > 0 && l.m.rx[r.handle] && l.m.something() == 0 && !l.m.over()
	switch {
	case waits && await:
		require.ErrorIs(l.t, err, context.Canceled)
	case waits:
		require.False(l.t, ready, "%v", err)
		r.woken = woken
		return
	default:
		require.True(l.t, ready)
		got := r.buf[:min(n, len(r.buf))]
		if r.one != nil {
			got = []int{v}
		}
		l.received(r.handle, k, got, err)
	}
	l.forgetRecv(r)
}

// rounds are two selectors over the first receivers of two channels, at most one of
// which is in a round.
type rounds struct {
	t     *testing.T
	labs  [2]*lab
	event []*async.Selector[event]
	over  [2][2]bool // by selector and channel: the end was said
	round *async.NextFuture[event]
	which int
	woken *counter
}

// event is what came from where.
type event struct {
	from int
	v    int
	err  error
}

func newRounds(t *testing.T, a, b *lab) *rounds {
	from := func(i int, l *lab) async.Case[event] {
		return async.On(l.rx[0], func(v int, err error) event { return event{i, v, err} })
	}
	return &rounds{
		t: t, labs: [2]*lab{a, b},
		event: []*async.Selector[event]{
			async.SelectBiased(from(0, a), from(1, b)),
			async.Select(from(0, a), from(1, b)),
		},
	}
}

// waits reports whether a round is queued with the first receiver of l, and how
// often the round was woken.
func (s *rounds) waits(l *lab) (waits bool, woken int) {
	for i := range s.labs {
		if s.labs[i] == l && s.round != nil && !s.over[s.which][i] {
			return true, s.woken.count()
		}
	}
	return false, 0
}

func (s *rounds) step(arg int) {
	switch {
	case s.round == nil:
		s.which = arg % 2
		s.round = s.event[s.which].Next()
		s.poll(arg%8 == 7)
	case arg%4 == 3:
		s.round.Drop()
		s.round = nil
	default:
		s.poll(arg%8 == 6)
	}
}

func (s *rounds) end() {
	if s.round != nil {
		s.round.Drop()
		s.round = nil
	}
}

func (s *rounds) poll(await bool) {
	cx, woken := newCx()
	ready := true
	var e event
	var err error
	if await {
		e, err = s.round.Await(endedContext)
	} else {
		e, ready, err = s.round.Poll(cx)
	}
	can, left := [2]bool{}, 0
	for i, l := range s.labs {
		if !s.over[s.which][i] {
			left++
			can[i] = !l.m.rx[0] || l.m.something() > 0 || l.m.over()
		}
	}
	switch {
	case left == 0:
		require.True(s.t, ready)
		require.ErrorIs(s.t, err, async.ErrClosed)
	case !can[0] && !can[1] && await:
		require.ErrorIs(s.t, err, context.Canceled)
	case !can[0] && !can[1]:
		require.False(s.t, ready, "%v %v", e, err)
		s.woken = woken
		return
	default:
		require.True(s.t, ready)
		require.NoError(s.t, err)
		require.True(s.t, can[e.from], "an event of a channel that has none")
		if s.which == 0 && can[0] {
			require.Equal(s.t, 0, e.from, "the first in the list wins")
		}
		s.labs[e.from].received(0, 1, []int{e.v}, e.err)
		s.over[s.which][e.from] = e.err != nil
	}
	_, ready, err = s.round.Poll(cx)
	require.True(s.t, ready)
	require.True(s.t, errors.Is(err, future.ErrConsumed), "%v", err)
	s.round = nil
}
