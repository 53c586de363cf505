package async_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/stall"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// The properties that Go's own tests protect for channels with several receivers and for
// select, each with the file of Go's repository that it answers to: test/chan/*.go and
// src/runtime/chan_test.go. What follows was written for this API; nothing was taken over
// but the question. The rest is in package mpsc. test/chan/perm.go asks the compiler: a
// Sender has no Recv. Two answers differ from native channels, and tests say so: a Race
// of a send and a receive on one channel may meet itself, and a Race of sends may send
// more than one, so that who wants exactly one races reservations.

// everywhere runs a program whose parts are goroutines, and once more with tasks.
func everywhere(t *testing.T, program func(t *testing.T, spawn func(func(ctx context.Context)))) {
	t.Helper()
	step := stall.Watch(t)
	t.Run("goroutines", func(t *testing.T) {
		var all sync.WaitGroup
		defer all.Wait()
		defer step()
		program(t, func(fn func(context.Context)) { all.Go(func() { fn(context.Background()) }) })
	})
	t.Run("tasks", func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(2))
		require.NoError(t, err)
		ctx := rt.Context(context.Background())
		var set task.JoinSet[struct{}]
		defer func() {
			for set.Len() > 0 {
				_, _, err := set.Next(context.Background())
				assert.NoError(t, err)
			}
			assert.NoError(t, rt.Shutdown(context.Background()))
		}()
		program(t, func(fn func(context.Context)) {
			set.Spawn(ctx, func(ctx context.Context) (struct{}, error) {
				fn(ctx)
				return struct{}{}, nil
			})
		})
	})
}

// runtime TestMultiConsumer: a pool of consumers works off everything once.
func TestAPoolOfConsumersWorksOffEverythingOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, spawn func(func(context.Context))) {
		const workers = 23
		n := testsize.Scaled(20_000)
		work, workRx := async.Bounded[int](workers)
		results, resultsRx := async.Bounded[int](workers)
		for range workers {
			in, out := workRx.Clone(), results.Clone()
			spawn(func(ctx context.Context) {
				defer in.Drop()
				defer out.Drop()
				for v := range in.All(ctx) {
					if v%7 == 0 {
						runtime.Gosched()
					}
					assert.NoError(t, out.Send(v).Await(ctx))
				}
			})
		}
		workRx.Drop()
		results.Drop()
		spawn(func(ctx context.Context) {
			defer work.Drop()
			for i := range n {
				assert.NoError(t, work.Send(i).Await(ctx))
			}
		})
		got, sum := 0, 0
		for v := range resultsRx.All(t.Context()) {
			got++
			sum += v
		}
		require.Equal(t, n, got)
		require.Equal(t, n*(n-1)/2, sum)
	})
}

// runtime TestSelectStress, test/chan/select2.go: senders and selecting receivers on
// channels of several capacities; each message is received once.
func TestSelectorsUnderStressReceiveEachMessageOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, spawn func(func(context.Context))) {
		n := testsize.Scaled(4000)
		capacities := []int{0, 0, 2, 3}
		seen := make([][]atomic.Int32, len(capacities))
		var rxs []*async.Receiver[int]
		for i, capacity := range capacities {
			seen[i] = make([]atomic.Int32, n)
			tx, rx := async.Bounded[int](capacity)
			rxs = append(rxs, rx)
			spawn(func(ctx context.Context) {
				defer tx.Drop()
				for v := range n {
					assert.NoError(t, tx.Send(v).Await(ctx))
				}
			})
		}
		for range 3 {
			var cases []async.Case[bool]
			for i, rx := range rxs {
				mine := rx.Clone()
				defer mine.Drop()
				cases = append(cases, async.On(mine, func(v int, err error) bool {
					if err == nil {
						seen[i][v].Add(1)
					}
					return err == nil
				}))
			}
			done := make(chan struct{})
			defer func() { <-done }()
			spawn(func(ctx context.Context) {
				defer close(done)
				s := async.Select(cases...)
				for {
					if _, err := s.Next().Await(ctx); err != nil {
						assert.ErrorIs(t, err, async.ErrClosed)
						return
					}
				}
			})
		}
		t.Cleanup(func() {
			for i := range seen {
				for v := range seen[i] {
					require.EqualValues(t, 1, seen[i][v].Load(), "channel %d, message %d", i, v)
				}
			}
		})
	})
}

// runtime TestSelectFairness, TestPseudoRandomSend: of two that are always ready, each is
// chosen about as often.
func TestASelectorAndARaceOfSendsAreFair(t *testing.T) {
	const n = 10_000
	a, arx := async.Unbounded[int]()
	b, brx := async.Unbounded[int]()
	for _, tx := range []*async.Sender[int]{a, b} {
		_, err := tx.SendMany(make([]int, n)).Await(t.Context())
		require.NoError(t, err)
	}
	chosen := map[int]int{}
	s := async.Select(
		async.On(arx, func(int, error) int { return 0 }),
		async.On(brx, func(int, error) int { return 1 }),
	)
	for range n {
		i, err := s.Next().Await(t.Context())
		require.NoError(t, err)
		chosen[i]++
	}
	assert.InDelta(t, n/2, chosen[0], n/10)

	chosen = map[int]int{}
	for range n {
		won, err := future.Await(t.Context(), future.Race(
			future.Future[struct{}](a.Send(0)), future.Future[struct{}](b.Send(1))))
		require.NoError(t, err)
		chosen[won.Index]++
	}
	assert.InDelta(t, n/2, chosen[0], n/10)
}

// runtime TestSelectDuplicateChannel, test/chan/select4.go: one channel in several cases.
func TestOneChannelMayStandInASelectorTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Bounded[int](0)
		other, otherRx := async.Bounded[int](0)
		events := async.Select(
			async.On(rx, func(v int, _ error) int { return v }),
			async.On(rx, func(v int, _ error) int { return v }),
			async.On(otherRx, func(v int, _ error) int { return v }),
		)
		got := make(chan int)
		go func() {
			for range 3 {
				v, err := events.Next().Await(context.Background())
				assert.NoError(t, err)
				got <- v
			}
		}()
		second := make(chan int)
		go func() {
			v, err := rx.Recv().Await(context.Background())
			assert.NoError(t, err)
			second <- v
		}()
		synctest.Wait()
		require.NoError(t, other.Send(1).Await(t.Context()))
		require.Equal(t, 1, <-got, "its two entries in the wait queue of rx were removed")
		synctest.Wait()
		for range 3 {
			go func() { assert.NoError(t, tx.Send(2).Await(context.Background())) }()
		}
		for range 3 {
			select {
			case v := <-got:
				require.Equal(t, 2, v)
			case v := <-second:
				require.Equal(t, 2, v)
			}
		}
	})
}

// runtime TestNonblockSelectRace, TestNonblockSelectRace2: a look at two channels, of
// which at any moment one has a message, finds one.
func TestALookAtTwoChannelsOfWhichOneIsAlwaysReadyFindsOne(t *testing.T) {
	for range testsize.Scaled(10_000) {
		a, arx := async.Bounded[int](1)
		b, brx := async.Bounded[int](1)
		require.NoError(t, a.TrySend(1))
		over := make(chan struct{})
		go func() {
			defer close(over)
			assert.NoError(t, b.TrySend(1)) // first this one, and only then
			_, _ = arx.TryRecv()            // not the other
		}()
		one := func(v int, err error) int { return v }
		next := async.Select(async.On(arx, one), async.On(brx, one)).Next()
		cx, _ := newCx()
		v, ready, err := next.Poll(cx)
		require.NoError(t, err)
		require.True(t, ready)
		require.Equal(t, 1, v)
		<-over
	}
}

// runtime TestSelfSelect: both sides on one channel in one race lose and double nothing.
// Unlike a native select it may meet itself.
func TestARaceOfBothSidesOfOneChannelKeepsBooks(t *testing.T) {
	everywhere(t, func(t *testing.T, spawn func(func(context.Context))) {
		for _, capacity := range []int{0, 10} {
			tx, rx := async.Bounded[int](capacity)
			var sent, received atomic.Int64
			var parts sync.WaitGroup
			parts.Add(2)
			for p := range 2 {
				spawn(func(ctx context.Context) {
					defer parts.Done()
					for i := range testsize.Scaled(1000) {
						send, recv := tx.Send(p*1_000_000+i), rx.Recv()
						won, err := future.Await(ctx, future.Race(
							future.Map(future.Future[struct{}](send), func(struct{}) bool { return false }),
							future.Map(future.Future[int](recv), func(int) bool { return true }),
						))
						assert.NoError(t, err)
						if won.Value {
							received.Add(1)
						}
						if _, unsent := send.Unsent(); !unsent {
							sent.Add(1)
						}
					}
				})
			}
			parts.Wait()
			require.EqualValues(t, sent.Load(), received.Load()+int64(rx.Len()))
		}
	})
}

// test/chan/doubleselect.go: a message that may go out through several channels goes out
// through one. Sends offer their values, so it is slots that are raced.
func TestOneOfSeveralReservationsSendsTheMessage(t *testing.T) {
	everywhere(t, func(t *testing.T, spawn func(func(context.Context))) {
		n := testsize.Scaled(4000)
		merged, mergedRx := async.Bounded[int](4)
		var txs []*async.Sender[int]
		for range 4 {
			tx, rx := async.Bounded[int](1)
			txs = append(txs, tx)
			out := merged.Clone()
			spawn(func(ctx context.Context) {
				defer out.Drop()
				for v := range rx.All(ctx) {
					assert.NoError(t, out.Send(v).Await(ctx))
				}
			})
		}
		merged.Drop()
		spawn(func(ctx context.Context) {
			for i := range n {
				var slots []future.Future[*async.Permit[int]]
				for _, tx := range txs {
					slots = append(slots, tx.Reserve())
				}
				won, err := future.Await(ctx, future.Race(slots...))
				assert.NoError(t, err)
				assert.NoError(t, won.Value.Send(i))
			}
			for _, tx := range txs {
				tx.Drop()
			}
		})
		seen := make(map[int]bool)
		for v := range mergedRx.All(t.Context()) {
			require.False(t, seen[v], "%d twice", v)
			seen[v] = true
		}
		require.Len(t, seen, n)
	})
}

// test/chan/select7.go: every way to send meets every way to receive, without a buffer.
func TestEveryWayToSendMeetsEveryWayToReceive(t *testing.T) {
	type ways = map[string]func(ctx context.Context, tx *async.Sender[int], rx *async.Receiver[int]) error
	sends := ways{
		"Send": func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
			return tx.Send(1).Await(ctx)
		},
		"polled": func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
			_, err := future.Await(ctx, future.Race(future.Pending[struct{}](), future.Future[struct{}](tx.Send(1))))
			return err
		},
		"blocking": func(_ context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
			return tx.SendBlocking(1)
		},
		"many": func(ctx context.Context, tx *async.Sender[int], _ *async.Receiver[int]) error {
			_, err := tx.SendMany([]int{1}).Await(ctx)
			return err
		},
	}
	receives := ways{
		"Recv": func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
			_, err := rx.Recv().Await(ctx)
			return err
		},
		"polled": func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
			_, err := future.Await(ctx, future.Race(future.Pending[int](), future.Future[int](rx.Recv())))
			return err
		},
		"blocking": func(_ context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
			_, err := rx.RecvBlocking()
			return err
		},
		"Selector": func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
			_, err := async.Select(async.On(rx, func(v int, err error) int { return v })).Next().Await(ctx)
			return err
		},
		"many": func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) error {
			_, err := rx.RecvMany(make([]int, 3)).Await(ctx)
			return err
		},
	}
	for sending, send := range sends {
		for receiving, receive := range receives {
			for _, first := range []string{"the sender", "the receiver"} {
				t.Run(sending+", "+receiving+", first "+first, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						tx, rx := async.Bounded[int](0)
						one, other := send, receive
						if first == "the receiver" {
							one, other = receive, send
						}
						over := make(chan error)
						go func() { over <- one(context.Background(), tx, rx) }()
						synctest.Wait()
						require.NoError(t, other(t.Context(), tx, rx))
						require.NoError(t, <-over)
					})
				})
			}
		}
	}
}
