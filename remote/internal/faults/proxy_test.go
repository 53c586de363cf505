package faults_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/remote"
	"github.com/handoff-go/handoff/remote/internal/harness"
)

// quick have the tests wait for what comes back by itself no longer than necessary.
func quick() []remote.Option {
	return []remote.Option{remote.AckWait(time.Second), remote.LeaseTTL(10 * time.Second), remote.MaxDeliveries(1000)}
}

// soon are settings of the client that notice a silent connection soon.
func soon() remote.OpenOption {
	return remote.NATS(nats.PingInterval(200*time.Millisecond), nats.MaxPingsOutstanding(2), nats.Timeout(time.Second))
}

// A sender and a receiver behind one proxy each, which delay, fall silent, lose the answers
// and cut, in an order that a seed decides.
func TestABadNetworkNeitherLosesNorDoubles(t *testing.T) {
	total, faults := 20_000, 30
	if testing.Short() {
		total, faults = 3_000, 8
	}
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	proxies := [2]*harness.Proxy{harness.NewProxy(t, s.ClientURL()), harness.NewProxy(t, s.ClientURL())}
	tx, unused, err := remote.Unbounded[Entry](ctx, connect(t, ctx, proxies[0].URL(), soon()), "work", quick()...)
	require.NoError(t, err)
	unused.Drop()
	unusedTx, rx, err := remote.Unbounded[Entry](ctx, connect(t, ctx, proxies[1].URL(), soon()), "work", quick()...)
	require.NoError(t, err)
	unusedTx.Drop()

	// The receiver stops when it has everything. The sender may still wait for an answer that the
	// network has lost, so it is not cancelled with the receiver.
	receiving, stop := context.WithCancel(ctx)
	defer stop()
	book := newLedger()
	var wg sync.WaitGroup
	wg.Go(func() {
		defer tx.Drop()
		rng := rand.New(rand.NewPCG(1, 1))
		for n := 0; n < total; {
			vs := make([]Entry, min(1+rng.IntN(100), total-n))
			for i := range vs {
				vs[i] = Entry{0, n + i}
			}
			done, err := tx.SendMany(vs).Await(ctx)
			n += done
			if !assert.NoError(t, err) {
				cancel()
				return
			}
		}
	})
	wg.Go(func() {
		defer rx.Drop()
		for {
			d, err := rx.Recv().Await(receiving)
			if err != nil {
				assert.True(t, ends(err), "%v", err)
				return
			}
			book.delivered(d.Value, d.Sequence())
			if d.Ack() == nil && book.acked(d.Value) == total {
				stop()
			}
		}
	})
	wg.Go(func() {
		rng := rand.New(rand.NewPCG(2, 2))
		pause := func(most int) {
			select {
			case <-ctx.Done():
			case <-time.After(time.Duration(rng.IntN(most)) * time.Millisecond):
			}
		}
		for range faults {
			p := proxies[rng.IntN(2)]
			switch rng.IntN(4) {
			case 0:
				p.Set(harness.Fault{Delay: time.Duration(rng.IntN(50)) * time.Millisecond})
			case 1:
				p.Set(harness.Fault{Silent: true})
			case 2:
				p.Set(harness.Fault{Deaf: true})
				pause(50)
				p.Cut()
			case 3:
				p.Set(harness.Fault{Refuse: true})
				p.Cut()
			}
			pause(300)
			p.Set(harness.Fault{})
			pause(300)
		}
	})
	wg.Wait()
	book.check(t, total)
}

// The answer to a send is lost and the connection with it. The retry finds the message
// stored, and the call returns no error.
func TestALostAnswerIsNoSecondMessage(t *testing.T) {
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	p := harness.NewProxy(t, s.ClientURL())
	tx, rx, err := remote.Unbounded[Entry](ctx, connect(t, ctx, p.URL(), soon()), "work", quick()...)
	require.NoError(t, err)
	defer tx.Drop()
	defer rx.Drop()
	// The first message has more to ask for than its own answer.
	_, err = tx.SendMany([]Entry{{0, 0}, {0, 1}}).Await(ctx)
	require.NoError(t, err)
	const rounds = 5
	for i := 1; i < rounds; i++ {
		sent := make(chan error, 1)
		p.Set(harness.Fault{Deaf: true})
		go func() {
			if i%2 == 0 {
				sent <- tx.Send(Entry{0, 2 * i}).Await(ctx)
				sent <- tx.Send(Entry{0, 2*i + 1}).Await(ctx)
				return
			}
			_, err := tx.SendMany([]Entry{{0, 2 * i}, {0, 2*i + 1}}).Await(ctx)
			sent <- err
			sent <- nil
		}()
		waitFor(ctx, func() bool { return stored(s, "handoff-ch-work") > 2*i }) // the server has it
		p.Set(harness.Fault{})
		p.Cut()
		require.NoError(t, <-sent)
		require.NoError(t, <-sent)
	}
	book := newLedger()
	for range 2 * rounds {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		book.delivered(d.Value, d.Sequence())
		require.NoError(t, d.Ack())
		book.acked(d.Value)
	}
	book.check(t, 2*rounds)
	_, err = rx.TryRecv(ctx)
	require.ErrorIs(t, err, remote.ErrEmpty)
}

// No call waits longer than its context, whatever the network does, and a value that was not
// sent is returned.
func TestNoCallOutlivesItsContext(t *testing.T) {
	const patience, grace = 300 * time.Millisecond, 3 * time.Second
	for name, fault := range map[string]harness.Fault{
		"silent": {Silent: true}, "deaf": {Deaf: true}, "cut": {Refuse: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := harness.Server(t)
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			p := harness.NewProxy(t, s.ClientURL())
			c := connect(t, ctx, p.URL())
			tx, rx, err := remote.Bounded[Entry](ctx, c, "work", 10, quick()...)
			require.NoError(t, err)
			require.NoError(t, tx.Send(Entry{0, 0}).Await(ctx))
			d, err := rx.Recv().Await(ctx)
			require.NoError(t, err)
			p.Set(fault)
			if fault.Refuse {
				p.Cut()
			}
			calls := map[string]func(context.Context) error{
				"Send":     func(ctx context.Context) error { return tx.Send(Entry{0, 1}).Await(ctx) },
				"TrySend":  func(ctx context.Context) error { return tx.TrySend(ctx, Entry{0, 2}) },
				"SendMany": func(ctx context.Context) error { _, err := tx.SendMany(make([]Entry, 3)).Await(ctx); return err },
				"Recv":     func(ctx context.Context) error { _, err := rx.Recv().Await(ctx); return err },
				"Close":    func(ctx context.Context) error { return tx.Close(ctx) },
				"Open": func(ctx context.Context) error {
					c, err := remote.Open(ctx, p.URL())
					if err == nil {
						c.Close()
					}
					return err
				},
				"Bounded": func(ctx context.Context) error {
					_, _, err := remote.Bounded[Entry](ctx, c, "other", 10)
					return err
				},
			}
			var wg sync.WaitGroup
			for call, do := range calls {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(ctx, patience)
					defer cancel()
					start := time.Now()
					err := do(ctx)
					assert.Error(t, err, call)
					assert.Less(t, time.Since(start), patience+grace, call)
					if call == "Send" {
						e, ok := errors.AsType[*remote.SendError[Entry]](err)
						assert.True(t, ok && e.Value == Entry{0, 1}, "%v", err)
					}
				})
			}
			start := time.Now()
			_ = d.Ack() // it has no context, and must not need one
			assert.Less(t, time.Since(start), grace)
			wg.Wait()
			start = time.Now()
			tx.Drop()
			rx.Drop()
			assert.Less(t, time.Since(start), grace, "a drop does not wait")
			_ = c.Close() // it reports what it could not confirm
			// Its leases and its acknowledgements get some seconds each.
			assert.Less(t, time.Since(start), 5*grace)
		})
	}
}
