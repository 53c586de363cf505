package channel_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/sync/mpsc"
)

type sender interface {
	Send(v int) error
	Drop()
}

type receiver interface {
	Recv() (int, error)
	Drop()
}

type awaitedSender struct{ *async.Sender[int] }

func (s awaitedSender) Send(v int) error { return s.Sender.Send(v).Await(context.Background()) }

type awaitedReceiver struct{ *async.Receiver[int] }

func (r awaitedReceiver) Recv() (int, error) { return r.Receiver.Recv().Await(context.Background()) }

// limited gives an operation a context of its own, so that it does not wait in the way that
// background does.
type limitedSender struct{ *async.Sender[int] }

func (s limitedSender) Send(v int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	return s.Sender.Send(v).Await(ctx)
}

type limitedReceiver struct{ *async.Receiver[int] }

func (r limitedReceiver) Recv() (int, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	return r.Receiver.Recv().Await(ctx)
}

type face struct {
	name string
	open func(capacity int, name string) (sender, receiver)
}

var faces = []face{
	{"mpsc", func(n int, name string) (sender, receiver) {
		if n < 0 {
			tx, rx := mpsc.Channel[int](mpsc.Named(name))
			return tx, rx
		}
		tx, rx := mpsc.SyncChannel[int](n, mpsc.Named(name))
		return tx, rx
	}},
	{"async", func(n int, name string) (sender, receiver) {
		tx, rx := openAsync(n, name)
		return awaitedSender{tx}, awaitedReceiver{rx}
	}},
	{"async with contexts", func(n int, name string) (sender, receiver) {
		tx, rx := openAsync(n, name)
		return limitedSender{tx}, limitedReceiver{rx}
	}},
}

func openAsync(n int, name string) (*async.Sender[int], *async.Receiver[int]) {
	if n < 0 {
		return async.Unbounded[int](async.Named(name))
	}
	return async.Bounded[int](n, async.Named(name))
}

// observing runs fn for each face, capacity and level.
func observing(t *testing.T, fn func(t *testing.T, f face, capacity int, l probe.Level)) {
	t.Helper()
	for _, l := range []probe.Level{probe.Counts, probe.Events} {
		for _, f := range faces {
			for _, capacity := range []int{-1, 0, 1, 8} {
				t.Run(fmt.Sprintf("%s %d, level %d", f.name, capacity, l), func(t *testing.T) {
					set(t, l)
					fn(t, f, capacity, l)
				})
			}
		}
	}
}

func set(t *testing.T, l probe.Level) {
	t.Helper()
	probe.Set(l, 1<<16)
	t.Cleanup(func() { probe.Set(probe.Off, 0) })
}

// find returns the record of the newest channel with a name: one of an earlier run of the
// test may not be collected yet.
func find(name string) (probe.Channel, bool) {
	for _, c := range slices.Backward(probe.Channels()) {
		if c.Name == name {
			return c, true
		}
	}
	return probe.Channel{}, false
}

func named(t *testing.T, name string) probe.Channel {
	t.Helper()
	c, ok := find(name)
	require.True(t, ok, "no record of %s", name)
	return c
}

func TestAChannelIsCountedExactly(t *testing.T) {
	observing(t, func(t *testing.T, f face, capacity int, _ probe.Level) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open(capacity, t.Name())
			self := probe.Self()

			c := named(t, t.Name())
			assert.Equal(t, capacity, c.Capacity)
			assert.Equal(t, "int", c.Message)
			assert.Contains(t, c.Site, "observed_test.go")
			assert.Equal(t, []probe.Handle{{Side: probe.SenderSide, User: self}, {Side: probe.ReceiverSide, User: self}}, c.Handles)

			got := make(chan error)
			var who uint64
			go func() {
				who = probe.Self()
				_, err := rx.Recv()
				got <- err
			}()
			synctest.Wait()
			c = named(t, t.Name())
			require.Len(t, c.Waiting, 1, "the receiver waits")
			assert.Equal(t, probe.Waiting{Actor: who, Op: probe.Recv, Channel: c.ID, Since: time.Now()}, c.Waiting[0])
			time.Sleep(time.Second)
			require.NoError(t, tx.Send(0))
			require.NoError(t, <-got)
			c = named(t, t.Name())
			assert.Empty(t, c.Waiting)
			assert.EqualValues(t, 1, c.Sent)
			assert.EqualValues(t, 1, c.Received)
			assert.Contains(t, c.Handles, probe.Handle{Side: probe.ReceiverSide, User: who, Used: true})

			room := capacity
			if room < 0 {
				room = 20
			}
			for i := range room {
				require.NoError(t, tx.Send(i))
			}
			c = named(t, t.Name())
			assert.Equal(t, room, c.Len)
			assert.Equal(t, room, c.HighWater)
			assert.EqualValues(t, 1+room, c.Sent)
			assert.Zero(t, c.Full)

			if capacity >= 0 {
				go func() {
					who = probe.Self()
					got <- tx.Send(room)
				}()
				synctest.Wait()
				c = named(t, t.Name())
				require.Len(t, c.Waiting, 1)
				assert.Equal(t, who, c.Waiting[0].Actor)
				assert.Equal(t, probe.Send, c.Waiting[0].Op)
				assert.EqualValues(t, 1, c.Full)
				assert.EqualValues(t, 1+room, c.Sent)
				_, err := rx.Recv()
				require.NoError(t, err)
				require.NoError(t, <-got)
				c = named(t, t.Name())
				assert.EqualValues(t, 2+room, c.Sent)
				assert.EqualValues(t, 2, c.Received)
				assert.Equal(t, room, c.Len)
				assert.Equal(t, room, c.HighWater)
			}
			assert.False(t, c.Closed)

			left := c.Len
			rx.Drop()
			c = named(t, t.Name())
			assert.True(t, c.Closed)
			assert.Equal(t, "the last receiver was dropped", c.Cause)
			assert.EqualValues(t, left, c.Discarded)
			assert.Equal(t, c.Sent, c.Received+c.Discarded)
			assert.Zero(t, c.Len)
			assert.Equal(t, 1, c.Senders)
			assert.Zero(t, c.Receivers)
			tx.Drop()
			assert.Empty(t, named(t, t.Name()).Handles)
			runtime.KeepAlive(tx)
		})
	})
}

// fates has how often each message of a channel was sent and came to an end.
func fates(events []probe.Event, channel uint64) (sent, ended map[uint64]int) {
	sent, ended = make(map[uint64]int), make(map[uint64]int)
	for _, e := range events {
		if e.Channel != channel {
			continue
		}
		for m := e.Message; m < e.Message+uint64(e.Count); m++ {
			switch e.Kind {
			case probe.Sent:
				sent[m]++
			case probe.Received, probe.Discarded, probe.Evicted:
				if sent[m] == 0 {
					ended[m] += 100 // before it was sent
				}
				ended[m]++
			}
		}
	}
	return sent, ended
}

func assertMatched(t *testing.T, c probe.Channel) {
	t.Helper()
	require.Zero(t, probe.Lost())
	sent, ended := fates(probe.Read(0), c.ID)
	assert.Len(t, sent, int(c.Sent))
	assert.Len(t, ended, int(c.Received+c.Discarded+c.Evicted))
	for m := uint64(1); m <= c.Sent; m++ {
		assert.Equal(t, 1, sent[m], "message %d was sent", m)
		assert.Equal(t, 1, ended[m], "message %d has come to an end", m)
		if t.Failed() {
			return
		}
	}
}

func TestTheHighWaterMarkIsCloseToTheTruth(t *testing.T) {
	observing(t, func(t *testing.T, f face, capacity int, l probe.Level) {
		if capacity == 0 {
			return
		}
		tx, rx := f.open(capacity, t.Name())
		defer rx.Drop()
		defer tx.Drop()
		length, most, limit := 0, 0, capacity
		if limit < 0 {
			limit = 1000
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			for n := r.IntN(limit - length + 1); n > 0; n-- {
				require.NoError(t, tx.Send(n))
				length++
			}
			most = max(most, length)
			for n := r.IntN(length + 1); n > 0; n-- {
				_, err := rx.Recv()
				require.NoError(t, err)
				length--
			}
			got := named(t, t.Name()).HighWater
			if l == probe.Events || most <= 16 {
				require.Equal(t, most, got)
			}
			require.LessOrEqual(t, got, most)
			require.LessOrEqual(t, most, got+got/16)
		}
	})
}

func TestEachMessageThatIsSentIsReceivedOrDiscardedOnce(t *testing.T) {
	for _, capacity := range []int{-1, 0, 1, 5, 64} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			set(t, probe.Events)
			tx, rx := openAsync(capacity, t.Name())
			id := named(t, t.Name()).ID
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			var wg sync.WaitGroup
			for i := range 4 {
				tx := tx.Clone()
				wg.Go(func() {
					defer tx.Drop()
					play(ctx, tx, rand.New(rand.NewPCG(uint64(i), 1)))
				})
				rx := rx.Clone()
				wg.Go(func() {
					defer rx.Drop()
					r := rand.New(rand.NewPCG(uint64(i), 2))
					consume(ctx, rx, r, 100+r.IntN(100))
				})
			}
			tx.Drop()
			rx.Drop()
			wg.Wait()
			c := named(t, t.Name())
			assert.Equal(t, id, c.ID)
			assertMatched(t, c)
			assert.Empty(t, c.Waiting)
			assert.NoError(t, ctx.Err())
			runtime.KeepAlive(tx)
		})
	}
}

// play sends until no receiver is left, and no more than the ring has room for.
func play(ctx context.Context, tx *async.Sender[int], r *rand.Rand) {
	for i := 0; i < 2000 && ctx.Err() == nil; i++ {
		var err error
		switch r.IntN(7) {
		case 0:
			_, err = tx.SendMany([]int{1, 2, 3}).Await(ctx)
		case 1:
			err = tx.TrySend(i)
		case 2:
			_, _, err = tx.ForceSend(i)
		case 3:
			var p *async.Permit[int]
			if p, err = tx.TryReserve(); err == nil {
				err = p.Send(i)
			}
		case 4:
			short, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(50))*time.Microsecond)
			err = tx.Send(i).Await(short)
			cancel()
		default:
			err = tx.Send(i).Await(ctx)
		}
		if errors.Is(err, async.ErrClosed) {
			return
		}
	}
}

func consume(ctx context.Context, rx *async.Receiver[int], r *rand.Rand, n int) {
	for range n {
		switch r.IntN(4) {
		case 0:
			_, _ = rx.TryRecv()
		case 1:
			_, _ = rx.RecvMany(make([]int, 3)).Await(ctx)
		case 2:
			short, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(50))*time.Microsecond)
			_, _ = rx.Recv().Await(short)
			cancel()
		default:
			_, _ = rx.Recv().Await(ctx)
		}
	}
}

func TestAnObservedChannelThatIsGarbageIsForgotten(t *testing.T) {
	observing(t, func(t *testing.T, f face, capacity int, _ probe.Level) {
		func() {
			tx, rx := f.open(capacity, t.Name())
			go func() { _, _ = rx.Recv() }()
			_ = tx.Send(1)
		}()
		assert.Eventually(t, func() bool {
			runtime.GC()
			_, there := find(t.Name())
			return !there
		}, time.Minute, time.Millisecond)
	})
}

func TestAHandleThatIsCollectedIsToldOf(t *testing.T) {
	set(t, probe.Events)
	tx, rx := async.Bounded[int](1, async.Named(t.Name()))
	func() { tx.Clone() }()
	c := named(t, t.Name())
	assert.Eventually(t, func() bool {
		runtime.GC()
		for _, e := range probe.Read(0) {
			if e.Kind == probe.Collected && e.Side == probe.SenderSide && e.Channel == c.ID {
				return true
			}
		}
		return false
	}, time.Minute, time.Millisecond)
	c = named(t, t.Name())
	assert.Len(t, c.Handles, 2)
	assert.Equal(t, 2, c.Senders, "to observe changes nothing: without leak tracking the channel still counts it")
	runtime.KeepAlive(tx)
	runtime.KeepAlive(rx)
}

func TestOffThereIsNoRecordAndNoCost(t *testing.T) {
	before := probe.NextID()
	tx, rx := async.Unbounded[int]()
	for _, c := range probe.Channels() {
		assert.Less(t, c.ID, before, "a record of an earlier test is the only one there can be")
	}
	assert.EqualValues(t, 1, testing.AllocsPerRun(100, func() { async.Bounded[int](1) }))
	runtime.KeepAlive(tx)
	runtime.KeepAlive(rx)
}

func TestAStateIsTakenWhileOthersOperate(t *testing.T) {
	for _, l := range []probe.Level{probe.Counts, probe.Events} {
		for _, capacity := range []int{-1, 0, 4} {
			t.Run(fmt.Sprint(l, capacity), func(t *testing.T) {
				set(t, l)
				tx, rx := openAsync(capacity, t.Name())
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				var wg sync.WaitGroup
				for i := range 4 {
					wg.Go(func() { play(ctx, tx, rand.New(rand.NewPCG(uint64(i), 1))) })
					wg.Go(func() { consume(ctx, rx, rand.New(rand.NewPCG(uint64(i), 2)), 100) })
				}
				var stopped sync.WaitGroup
				stopped.Go(wg.Wait)
				for range 200 {
					c, ok := find(t.Name())
					require.True(t, ok)
					assert.GreaterOrEqual(t, c.Sent, c.Received)
					assert.EqualValues(t, c.Sent-c.Received-c.Evicted, c.Len)
					assert.LessOrEqual(t, c.Len, c.HighWater)
				}
				rx.Drop()
				wg.Wait()
				stopped.Wait()
				tx.Drop()
			})
		}
	}
}
