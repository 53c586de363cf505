package async_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// Random programs of one goroutine against a model that is slow and obviously right: every
// result is compared, and every wake. What the model knows of waiting: offers and
// reservations are served in the order of the line, and of the receives that wait at least
// as many are notified as there are messages.

// model is a channel.
type model struct {
	t        *testing.T
	capacity int // unbounded, or the capacity
	tx       *async.Sender[int]
	rx       *async.Receiver[int]

	next    int
	queue   []int
	permits []*async.Permit[int]
	many    []*async.Permits[int]
	line    []*request // senders that wait
	granted []*request // that were granted and not polled since
	recvs   []*receive
	closed  bool
}

// request is a send or a reservation that waits.
type request struct {
	send  *async.SendFuture[int]
	slots *async.ReserveManyFuture[int]
	v, n  int
	woken *counter
	done  bool
}

// receive is a receive that waits.
type receive struct {
	f     *async.RecvFuture[int]
	woken *counter
}

func (m *model) reserved() int {
	n := len(m.permits)
	for _, ps := range m.many {
		n += ps.Len()
	}
	for _, r := range m.granted {
		if r.slots != nil {
			n += r.n
		}
	}
	return n
}

func (m *model) room() int {
	if m.capacity == unbounded {
		return 1 << 30
	}
	return m.capacity - len(m.queue) - m.reserved()
}

// serve moves what waits into what is free.
func (m *model) serve() {
	for len(m.line) > 0 && m.room() > 0 {
		r := m.line[0]
		if r.slots != nil && m.room() < r.n {
			return
		}
		m.line = m.line[1:]
		m.granted = append(m.granted, r)
		r.done = true
		if r.send != nil {
			m.queue = append(m.queue, r.v)
		}
	}
}

func (m *model) step(rng *rand.Rand) {
	t := m.t
	refused := func(err error) { require.ErrorIs(t, err, async.ErrClosed) }
	switch rng.IntN(14) {
	case 0: // TrySend
		m.next++
		err := m.tx.TrySend(m.next)
		switch {
		case m.closed:
			refused(err)
		case len(m.line) > 0 || m.room() <= 0:
			require.ErrorIs(t, err, async.ErrFull)
		default:
			require.NoError(t, err)
			m.queue = append(m.queue, m.next)
		}
	case 1, 2: // Send
		m.next++
		f := m.tx.Send(m.next)
		cx, woken := newCx()
		_, ready, err := f.Poll(cx)
		switch {
		case m.closed:
			require.True(t, ready)
			refused(err)
		case len(m.line) > 0 || m.room() <= 0:
			require.False(t, ready)
			m.line = append(m.line, &request{send: f, v: m.next, woken: woken})
		default:
			require.True(t, ready)
			require.NoError(t, err)
			m.queue = append(m.queue, m.next)
		}
	case 3: // ReserveMany
		n := 1 + rng.IntN(3)
		if m.capacity != unbounded {
			n = min(n, m.capacity)
		}
		f := m.tx.ReserveMany(n)
		cx, woken := newCx()
		ps, ready, err := f.Poll(cx)
		switch {
		case m.closed:
			refused(err)
		case len(m.line) > 0 || m.room() < n:
			require.False(t, ready)
			m.line = append(m.line, &request{slots: f, n: n, woken: woken})
		default:
			require.True(t, ready)
			m.many = append(m.many, ps)
		}
	case 4: // TryReserve
		p, err := m.tx.TryReserve()
		switch {
		case m.closed:
			refused(err)
		case len(m.line) > 0 || m.room() <= 0:
			require.ErrorIs(t, err, async.ErrFull)
		default:
			require.NoError(t, err)
			m.permits = append(m.permits, p)
		}
	case 5: // a permit sends or is dropped
		if len(m.permits) == 0 {
			return
		}
		i := rng.IntN(len(m.permits))
		p := m.permits[i]
		m.permits = slices.Delete(m.permits, i, i+1)
		if rng.IntN(2) == 0 {
			m.next++
			require.NoError(t, p.Send(m.next))
			m.queue = append(m.queue, m.next)
		} else {
			p.Drop()
		}
	case 6: // permits send or are dropped
		if len(m.many) == 0 {
			return
		}
		i := rng.IntN(len(m.many))
		ps := m.many[i]
		if ps.Len() > 0 && rng.IntN(3) > 0 {
			m.next++
			require.NoError(t, ps.Send(m.next))
			m.queue = append(m.queue, m.next)
		} else {
			m.many = slices.Delete(m.many, i, i+1)
			ps.Drop()
		}
	case 7, 8: // TryRecv
		v, err := m.rx.TryRecv()
		m.received(v, err, true)
	case 9: // Recv
		f := m.rx.Recv()
		cx, woken := newCx()
		v, ready, err := f.Poll(cx)
		if m.received(v, err, ready) {
			m.recvs = append(m.recvs, &receive{f, woken})
		}
	case 10: // a receive is polled, or dropped
		if len(m.recvs) == 0 {
			return
		}
		i := rng.IntN(len(m.recvs))
		r := m.recvs[i]
		if rng.IntN(3) == 0 {
			r.f.Drop()
			m.recvs = slices.Delete(m.recvs, i, i+1)
			return
		}
		cx, woken := newCx()
		v, ready, err := r.f.Poll(cx)
		if m.received(v, err, ready) {
			r.woken = woken
		} else {
			m.recvs = slices.Delete(m.recvs, i, i+1)
		}
	case 11: // a request that waits is dropped
		if len(m.line) == 0 {
			return
		}
		i := rng.IntN(len(m.line))
		r := m.line[i]
		m.line = slices.Delete(m.line, i, i+1)
		if r.send != nil {
			r.send.Drop()
			v, ok := r.send.Unsent()
			require.True(t, ok)
			require.Equal(t, r.v, v)
		} else {
			r.slots.Drop()
		}
	case 12: // one that was granted is polled, or dropped
		if len(m.granted) == 0 {
			return
		}
		i := rng.IntN(len(m.granted))
		r := m.granted[i]
		m.granted = slices.Delete(m.granted, i, i+1)
		require.Equal(t, 1, r.woken.count())
		switch drop := rng.IntN(2) == 0; {
		case r.send != nil && drop:
			r.send.Drop()
			_, ok := r.send.Unsent()
			require.False(t, ok, "it was sent")
		case r.send != nil:
			_, err := poll(t, future.Future[struct{}](r.send))
			require.NoError(t, err)
		case drop:
			r.slots.Drop()
		default:
			ps, err := poll(t, r.slots)
			require.NoError(t, err)
			m.many = append(m.many, ps)
		}
	case 13:
		switch rng.IntN(30) {
		case 0: // Close
			require.Equal(t, !m.closed, m.tx.Close())
			m.closed = true
			for _, r := range m.line {
				require.Equal(t, 1, r.woken.count())
				if r.send != nil {
					_, err := poll(t, future.Future[struct{}](r.send))
					assertRefused(t, r.v, async.ErrClosed, err)
				} else {
					_, err := poll(t, r.slots)
					refused(err)
				}
			}
			m.line = nil
		case 1, 2, 3, 4, 5, 6: // ForceSend
			m.next++
			old, replaced, err := m.tx.ForceSend(m.next)
			switch {
			case m.closed:
				refused(err)
			case m.room() > 0:
				require.NoError(t, err)
				require.False(t, replaced)
				m.queue = append(m.queue, m.next)
			case len(m.queue) == 0:
				require.ErrorIs(t, err, async.ErrFull)
			default:
				require.NoError(t, err)
				require.True(t, replaced)
				require.Equal(t, m.queue[0], old)
				m.queue = append(m.queue[1:], m.next)
			}
		}
	}
}

// received compares the outcome of a receive, and reports whether it waits.
func (m *model) received(v int, err error, ready bool) (waits bool) {
	t := m.t
	switch {
	case len(m.queue) > 0:
		require.True(t, ready)
		require.NoError(t, err)
		require.Equal(t, m.queue[0], v)
		m.queue = m.queue[1:]
	case m.closed && m.reserved() == 0:
		require.True(t, ready)
		require.ErrorIs(t, err, async.ErrClosed)
	case ready:
		require.ErrorIs(t, err, async.ErrEmpty)
	default:
		return true
	}
	return false
}

// check compares what both say of themselves, and who was woken.
func (m *model) check() {
	t := m.t
	m.serve()
	require.Equal(t, len(m.queue), m.rx.Len())
	if m.capacity != unbounded {
		free := max(0, m.room())
		if len(m.line) > 0 {
			free = 0
		}
		require.Equal(t, free, m.tx.Available())
	}
	for _, r := range m.line {
		require.Zero(t, r.woken.count())
	}
	for _, r := range m.granted {
		require.Equal(t, 1, r.woken.count())
	}
	notified := 0
	for _, r := range m.recvs {
		require.LessOrEqual(t, r.woken.count(), 1)
		notified += r.woken.count()
	}
	want := min(len(m.recvs), len(m.queue))
	if m.closed && m.reserved() == 0 {
		want = len(m.recvs)
	}
	require.GreaterOrEqual(t, notified, want, "a waiting receive was notified")
}

func TestRandomProgramsAgainstAModel(t *testing.T) {
	programs := testsize.Scaled(1000)
	for _, capacity := range []int{1, 2, 3, 7, unbounded} {
		for seed := range programs {
			rng := rand.New(rand.NewPCG(uint64(seed), uint64(capacity)))
			restore := async.SetBlockSlots(seed % 3)
			m := &model{t: t, capacity: capacity}
			m.tx, m.rx = open[int](capacity)
			restore()
			for range 80 {
				m.step(rng)
				m.check()
			}
		}
	}
}
