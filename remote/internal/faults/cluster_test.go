package faults_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/stall"
	"github.com/handoff-go/handoff/remote"
	"github.com/handoff-go/handoff/remote/internal/harness"
)

// The server that leads the stream is stopped again and again while four senders and four
// receivers are at work, each with a connection of its own.
func TestAStreamLeaderThatStopsLosesNothing(t *testing.T) {
	const senders, receivers = 4, 4
	total, stops := 100_000, 3
	if testing.Short() {
		total, stops = 8_000, 1
	}
	each := total / senders
	cluster := harness.NewCluster(t)
	live, step := stall.Context(t)
	ctx, cancel := context.WithCancel(live)
	defer cancel()
	// What is in flight at a stop comes back after the ack wait.
	opts := []remote.Option{remote.Replicas(3), remote.AckWait(5 * time.Second), remote.MaxDeliveries(100)}
	open := func(t *testing.T, name string) (*remote.Sender[Entry], *remote.Receiver[Entry]) {
		c := connect(t, ctx, cluster.URL(), remote.Name(name))
		tx, rx, err := remote.Unbounded[Entry](ctx, c, "work", opts...)
		require.NoError(t, err)
		return tx, rx
	}
	start := time.Now()
	book := newLedger()
	var sent atomic.Int64
	var wg sync.WaitGroup
	for i := range senders {
		tx, rx := open(t, fmt.Sprint("sender ", i))
		rx.Drop()
		wg.Go(func() {
			defer tx.Drop()
			const batch, alone = 200, 20
			for n := 0; n < each; {
				// Some alone and some together: both ways are retried differently.
				if n%(5*batch) < alone {
					if !assert.NoError(t, tx.Send(Entry{i, n}).Await(ctx)) {
						cancel()
						return
					}
					n++
					sent.Add(1)
					step()
					continue
				}
				vs := make([]Entry, min(batch, each-n))
				for k := range vs {
					vs[k] = Entry{i, n + k}
				}
				done, err := tx.SendMany(vs).Await(ctx)
				n += done
				sent.Add(int64(done))
				if done > 0 {
					step()
				}
				if !assert.NoError(t, err) {
					cancel()
					return
				}
			}
		})
	}
	for i := range receivers {
		tx, rx := open(t, fmt.Sprint("receiver ", i))
		tx.Drop()
		wg.Go(func() {
			defer rx.Drop()
			for {
				d, err := rx.Recv().Await(ctx)
				if err != nil {
					assert.True(t, ends(err), "%v", err)
					return
				}
				book.delivered(d.Value, d.Sequence())
				// One wants to know, the others go on at once.
				done, ack := book.acked, d.Ack
				if i == 0 {
					done, ack = book.confirmed, func() error { return d.Confirm(ctx) }
				}
				if ack() != nil {
					continue // it comes again
				}
				before := book.count()
				now := done(d.Value)
				if now > before { // a message that comes again and again is no progress
					step()
				}
				if now == total {
					cancel()
				}
			}
		})
	}
	// In the middle: after a part of the sends each.
	for i := range stops {
		waitFor(ctx, func() bool { return sent.Load() >= int64((i+1)*total/(stops+1)) })
		leader := cluster.Leader("handoff-ch-work")
		cluster.Stop(leader)
		next := cluster.Leader("handoff-ch-work")
		assert.NotEqual(t, leader, next)
		t.Logf("%v, %d sent, %d acknowledged: stopped n%d, n%d leads", time.Since(start).Round(time.Millisecond), sent.Load(), book.count(), leader, next)
		if i+1 < stops {
			cluster.Restart(leader)
		}
	}
	wg.Wait()
	require.NoError(t, live.Err())
	t.Logf("%v", time.Since(start).Round(time.Millisecond))
	book.check(t, each, each, each, each)
}

// waitFor polls: what it waits for happens in another process, or in the server.
func waitFor(ctx context.Context, ok func() bool) {
	for !ok() && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Millisecond):
		}
	}
}
