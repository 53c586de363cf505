package async_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/stall"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// More cases of the Rust libraries, each named where it stands.

// The case spsc of async-channel.
func TestOneToOneKeepsTheOrder(t *testing.T) {
	step := stall.Watch(t)
	n := testsize.Scaled(100_000)
	forEachFlavour(t, func(t *testing.T, f flavour) {
		tx, rx := f.open()
		go func() {
			for i := range n {
				assert.NoError(t, tx.Send(i).Await(context.Background()))
			}
			tx.Drop()
		}()
		for i := range n {
			v, err := rx.Recv().Await(t.Context())
			require.NoError(t, err)
			require.Equal(t, i, v)
			step()
		}
		_, err := rx.Recv().Await(t.Context())
		require.ErrorIs(t, err, async.ErrClosed)
	})
}

// The cases mpmc and mpmc_stream of async-channel, from goroutines and from tasks.
func TestManyToManyLosesAndDoublesNothing(t *testing.T) {
	step := stall.Watch(t)
	const workers = 4
	each := testsize.Scaled(25_000)
	for _, inTasks := range []bool{false, true} {
		for _, capacity := range []int{0, 3, unbounded} {
			ctx := context.Background()
			if inTasks {
				rt, err := task.New(task.WithWorkers(2))
				require.NoError(t, err)
				ctx = rt.Context(ctx)
				defer func() { assert.NoError(t, rt.Shutdown(context.Background())) }()
			}
			var wg sync.WaitGroup
			spawn := func(fn func(ctx context.Context)) {
				wg.Add(1)
				run := func(ctx context.Context) error {
					defer wg.Done()
					fn(ctx)
					return nil
				}
				if inTasks {
					task.Go(ctx, run).Drop()
				} else {
					go func() { _ = run(ctx) }()
				}
			}
			tx, rx := open[int](capacity)
			seen := make([]atomic.Int32, each)
			for i := range workers {
				own := tx.Clone()
				spawn(func(ctx context.Context) {
					defer own.Drop()
					for v := range each {
						assert.NoError(t, own.Send(v).Await(ctx))
					}
				})
				mine := rx.Clone()
				spawn(func(ctx context.Context) {
					defer mine.Drop()
					if i%2 == 0 {
						for v := range mine.All(ctx) {
							seen[v].Add(1)
						}
						return
					}
					for {
						v, err := future.Await(ctx, future.Future[int](mine.Recv()))
						if err != nil {
							return
						}
						seen[v].Add(1)
					}
				})
			}
			tx.Drop()
			wg.Wait()
			step()
			for v := range seen {
				require.EqualValues(t, workers, seen[v].Load())
			}
			require.True(t, rx.IsEmpty())
		}
	}
}

// The case oneshot of async-std, stress_oneshot of crossbeam.
func TestManyTinyChannels(t *testing.T) {
	for range testsize.Scaled(10_000) {
		tx, rx := async.Bounded[int](1)
		go func() {
			assert.NoError(t, tx.Send(7).Await(context.Background()))
			tx.Drop()
		}()
		v, err := rx.Recv().Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 7, v)
	}
}

// The case linearizable of crossbeam: who has sent finds something to receive.
func TestASendIsFoundByTheTryThatFollows(t *testing.T) {
	forEachBuffer(t, func(t *testing.T, f flavour) {
		if !f.buffers(4) {
			return
		}
		tx, rx := f.open()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range testsize.Scaled(2000) {
					assert.NoError(t, tx.Send(1).Await(context.Background()))
					_, err := rx.TryRecv()
					assert.NoError(t, err)
				}
			})
		}
		wg.Wait()
	})
}

// The case actor_weak_sender of tokio: an actor that sends to itself ends when it is
// unreachable for all others.
func TestAnActorWithAWeakHandleToItselfEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := async.Unbounded[int]()
		self := tx.Downgrade()
		handled := make(chan int, 1)
		go func() {
			n := 0
			for v := range rx.All(t.Context()) {
				n++
				if up, ok := self.Upgrade(); ok {
					if v > 0 {
						assert.NoError(t, up.TrySend(v-1))
					}
					up.Drop()
				}
			}
			handled <- n
		}()
		require.NoError(t, tx.TrySend(3))
		synctest.Wait()
		require.Empty(t, handled)
		tx.Drop()
		require.Equal(t, 4, <-handled)
	})
}

// The case recv_in_send of crossbeam and channel_through_channel.
func TestAChannelThroughAChannel(t *testing.T) {
	type box struct{ inner *async.Receiver[any] }
	tx, rx := async.Bounded[any](1)
	go func() {
		for range 100 {
			innerTx, innerRx := async.Bounded[any](1)
			assert.NoError(t, tx.Send(box{innerRx}).Await(context.Background()))
			tx.Drop()
			tx = innerTx
		}
		tx.Drop()
	}()
	n := 0
	for {
		v, err := rx.Recv().Await(t.Context())
		if err != nil {
			break
		}
		n++
		rx = v.(box).inner
	}
	require.Equal(t, 100, n)
}

// message is large enough not to share an allocation with others.
type message struct{ _ [64]byte }

// collected reports whether p becomes unreachable.
func collected(p weak.Pointer[message]) bool {
	for range 10 {
		runtime.GC()
		if p.Value() == nil {
			return true
		}
	}
	return false
}

// Rule 8, in every way a message can leave. The cases drops, drop_unreceived and
// test_msgs_dropped_on_rx_drop, whose messages have destructors.
func TestAMessageIsNotKeptAlive(t *testing.T) {
	ways := map[string]func(t *testing.T, tx *async.Sender[*message], rx *async.Receiver[*message], m *message){
		"received": func(t *testing.T, tx *async.Sender[*message], rx *async.Receiver[*message], m *message) {
			require.NoError(t, tx.TrySend(m))
			_, err := rx.Recv().Await(t.Context())
			require.NoError(t, err)
		},
		"received by a poll": func(t *testing.T, tx *async.Sender[*message], rx *async.Receiver[*message], m *message) {
			f := rx.Recv()
			assertPending(t, f)
			require.NoError(t, tx.TrySend(m))
			_, err := poll(t, f)
			require.NoError(t, err)
		},
		"offered and taken": func(t *testing.T, tx *async.Sender[*message], rx *async.Receiver[*message], m *message) {
			require.NoError(t, tx.TrySend(nil))
			f := tx.Send(m)
			assertPending(t, f)
			for range 2 {
				_, err := rx.TryRecv()
				require.NoError(t, err)
			}
			_, err := poll(t, f)
			require.NoError(t, err)
		},
		"offered and dropped": func(t *testing.T, tx *async.Sender[*message], rx *async.Receiver[*message], m *message) {
			require.NoError(t, tx.TrySend(nil))
			f := tx.Send(m)
			assertPending(t, f)
			f.Drop()
			_, err := rx.TryRecv()
			require.NoError(t, err)
		},
		"evicted": func(t *testing.T, tx *async.Sender[*message], rx *async.Receiver[*message], m *message) {
			require.NoError(t, tx.TrySend(m))
			_, replaced, err := tx.ForceSend(nil)
			require.NoError(t, err)
			require.True(t, replaced)
		},
		"discarded": func(t *testing.T, tx *async.Sender[*message], rx *async.Receiver[*message], m *message) {
			require.NoError(t, tx.TrySend(m))
			rx.Drop()
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			tx, rx := async.Bounded[*message](1)
			ref := func() weak.Pointer[message] {
				m := new(message)
				way(t, tx, rx, m)
				return weak.Make(m)
			}()
			require.True(t, collected(ref))
			runtime.KeepAlive(tx)
			runtime.KeepAlive(rx)
		})
	}
}
