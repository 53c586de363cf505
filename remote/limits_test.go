package remote

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The limits that an operator sets for a stream or an account are the server's word too.
func TestALimitOfTheStreamOrTheAccountIsStorage(t *testing.T) {
	for name, limit := range map[string]func(*testing.T, context.Context, *Conn, *link){
		"stream": func(t *testing.T, ctx context.Context, c *Conn, l *link) {
			info, err := l.inspect(ctx)
			require.NoError(t, err)
			cfg := info.Config
			cfg.MaxBytes = 1 << 19
			_, err = c.js.UpdateStream(ctx, cfg)
			require.NoError(t, err)
		},
		"account": func(t *testing.T, _ context.Context, c *Conn, _ *link) {
			require.NoError(t, c.srv.srv.GlobalAccount().UpdateJetStreamLimits(map[string]server.JetStreamAccountLimits{
				"": {MaxStore: 1 << 19, MaxMemory: -1, MaxStreams: -1, MaxConsumers: -1},
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := within(t)
			c := embeddedConn(t)
			tx, rx, err := Unbounded[[]byte](ctx, c, "limited", WithCodec(Raw))
			require.NoError(t, err)
			limit(t, ctx, c, tx.l)
			n := 0
			for ; err == nil; n++ {
				err = tx.Send(make([]byte, 1<<16)).Await(ctx)
			}
			require.ErrorIs(t, err, ErrStorage)
			require.NotErrorIs(t, err, ErrUncertain)
			for range n - 1 {
				d, err := rx.Recv().Await(ctx)
				require.NoError(t, err)
				require.NoError(t, d.Confirm(ctx))
			}
			require.NoError(t, tx.Send([]byte("small")).Await(ctx), "there is room again")
		})
	}
}

// Calls are given up at any moment of their lives. What was said to be sent is there, what
// was said not to be is not, and every message is seen once.
func TestGivingUpAtAnyMomentLosesNothing(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Bounded[int](ctx, c, "moments", 5)
	require.NoError(t, err)
	const all = 600
	moment := func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, time.Duration(rand.N(800))*time.Microsecond)
	}
	var sent, unsent sync.Map
	var senders sync.WaitGroup
	for s := range 3 {
		senders.Go(func() {
			for i := s * all; i < (s+1)*all; i += 3 {
				ctx, cancel := moment(ctx)
				switch i % 2 {
				case 0:
					err := tx.Send(i).Await(ctx)
					if err == nil {
						sent.Store(i, true)
					} else if !errors.Is(err, ErrUncertain) {
						unsent.Store(i, true)
					}
				case 1:
					n, err := tx.SendMany([]int{i, i + 1, i + 2}).Await(ctx)
					for k := range 3 {
						if k < n {
							sent.Store(i+k, true)
						} else if err != nil && !errors.Is(err, ErrUncertain) {
							unsent.Store(i+k, true)
						}
					}
				}
				cancel()
			}
		})
	}
	seen := map[int]bool{}
	done := make(chan struct{})
	go func() {
		senders.Wait()
		tx.Drop()
		close(done)
	}()
	for {
		ctx, cancel := moment(ctx)
		select {
		case <-done:
			ctx = within(t)
		default:
		}
		d, err := rx.Recv().Await(ctx)
		cancel()
		if errors.Is(err, ErrClosed) {
			break
		}
		if err != nil {
			require.ErrorIs(t, err, context.DeadlineExceeded)
			continue
		}
		assert.False(t, seen[d.Value], d)
		seen[d.Value] = true
		require.NoError(t, d.Ack())
	}
	sent.Range(func(k, _ any) bool { return assert.True(t, seen[k.(int)], "%d was sent", k) })
	unsent.Range(func(k, _ any) bool { return assert.False(t, seen[k.(int)], "%d was not sent", k) })
	t.Logf("%d were seen", len(seen))
}

// A request whose caller stopped waiting for the answer does not delay the next one.
func TestATryRecvThatWasGivenUpHoldsNothingUp(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "tries", Prefetch(0))
	require.NoError(t, err)
	over, cancel := context.WithCancel(ctx)
	cancel()
	for i := range 3 {
		_, err := rx.TryRecv(over)
		require.Error(t, err)
		_, err = rx.TryRecv(ctx)
		require.ErrorIs(t, err, ErrEmpty)
		start := time.Now()
		time.AfterFunc(10*tick, func() { assert.NoError(t, tx.Send(i).Await(ctx)) })
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		require.Equal(t, i, d.Value)
		assert.Less(t, time.Since(start), 2*pullHeartbeat, "it asked at once")
		require.NoError(t, d.Confirm(ctx))
	}
}
