package async_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// polling drives futures on one goroutine, in the order in which they are woken, and counts
// the polls.
type polling struct {
	t     *testing.T
	ready []int
	drive []func(w future.Waker) (ready bool)
	polls int
}

type wakes struct {
	p    *polling
	i    int
	once bool
}

func (w *wakes) Wake() {
	if !w.once {
		w.once = true
		w.p.ready = append(w.p.ready, w.i)
	}
}

func add[T any](p *polling, f future.Future[T]) {
	p.drive = append(p.drive, func(w future.Waker) bool {
		_, ready, err := f.Poll(future.NewContext(p.t.Context(), w))
		require.NoError(p.t, err)
		return ready
	})
	p.ready = append(p.ready, len(p.drive)-1)
}

// run polls until no future is woken any more, and returns how many polls that took.
func (p *polling) run() int {
	p.polls = 0
	for len(p.ready) > 0 {
		i := p.ready[0]
		p.ready = p.ready[1:]
		p.polls++
		p.drive[i](&wakes{p: p, i: i})
	}
	return p.polls
}

func sink(context.Context, int) error { return nil }

// One message has about one of the consumers polled that wait for it, however many they are.
func TestOneMessagePollsOneConsumer(t *testing.T) {
	type ends struct {
		rx  *async.Receiver[int]
		out *async.Sender[int] // of the Pipes
	}
	event := func(v int, _ error) int { return v }
	buf := make([]int, 4)
	kinds := map[string]func(p *polling, e ends){
		"ForEach":            func(p *polling, e ends) { add(p, async.ForEach(e.rx.Clone(), sink)) },
		"Pipe":               func(p *polling, e ends) { add(p, async.Pipe(e.rx.Clone(), e.out.Clone(), same)) },
		"Recv":               func(p *polling, e ends) { add(p, e.rx.Clone().Recv()) },
		"Recv of one handle": func(p *polling, e ends) { add(p, e.rx.Recv()) },
		"RecvMany":           func(p *polling, e ends) { add(p, e.rx.RecvMany(buf)) },
		"Select": func(p *polling, e ends) {
			_, idle := async.Unbounded[int]()
			add(p, async.Select(async.On(idle, event), async.On(e.rx.Clone(), event)).Next())
		},
		"SelectBiased of one receiver": func(p *polling, e ends) {
			add(p, async.SelectBiased(async.On(e.rx, event), async.On(e.rx, event)).Next())
		},
	}
	for name, make_ := range kinds {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{10, 1000} {
				for _, capacity := range []int{unbounded, 0, 4} {
					tx, rx := open[int](capacity)
					out, _ := async.Unbounded[int]()
					p := &polling{t: t}
					for range n {
						make_(p, ends{rx, out})
					}
					p.run()
					const messages = 5
					total := 0
					for i := range messages {
						send := tx.Send(i)
						_, _, err := send.Poll(future.NewContext(t.Context(), &wakes{p: &polling{}}))
						require.NoError(t, err)
						total += p.run()
					}
					require.Positive(t, total)
					require.LessOrEqual(t, total, 3*messages, "%d consumers, capacity %d", n, capacity)
				}
			}
		})
	}
}

// A message passes by the Pipes that have no slot for it, each once, and is passed on by one
// that has. The next one finds that at once.
func TestAMessagePassesByTheFullPipesOnce(t *testing.T) {
	const n = 300
	tx, rx := async.Unbounded[int]()
	p := &polling{t: t}
	for range n {
		full, _ := async.Bounded[int](1)
		require.NoError(t, full.TrySend(0))
		add(p, async.Pipe(rx.Clone(), full, same))
	}
	free, out := async.Unbounded[int]()
	add(p, async.Pipe(rx.Clone(), free, same))
	p.run()
	for i := range 5 {
		require.NoError(t, tx.TrySend(i))
		polls := p.run()
		if i == 0 {
			require.LessOrEqual(t, polls, n+3)
		} else {
			require.LessOrEqual(t, polls, 3)
		}
		v, err := out.TryRecv()
		require.NoError(t, err)
		require.Equal(t, i, v)
	}
}

// What waits for the end of a channel is not polled for its messages, not even for those that
// permits send after its close.
func TestMessagesDoNotPollWhatWaitsForTheEnd(t *testing.T) {
	tx, rx := async.Unbounded[int]()
	other := rx.Clone()
	permits, err := tx.TryReserveMany(21)
	require.NoError(t, err)
	p := &polling{t: t}
	for range 100 {
		add(p, tx.Closed())
		full, _ := async.Bounded[int](1)
		require.NoError(t, full.TrySend(0))
		add(p, async.Pipe(rx.Clone(), full, same))
	}
	p.run()
	require.NoError(t, permits.Send(0))
	p.run() // no Pipe finds a slot
	rx.Close()
	p.run()
	for i := range 19 {
		require.NoError(t, permits.Send(i))
		require.Zero(t, p.run())
	}
	for range 20 {
		_, err := other.TryRecv()
		require.NoError(t, err)
	}
	permits.Drop()
}
