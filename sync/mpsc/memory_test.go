package mpsc_test

import (
	"context"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// collected reports whether p becomes unreachable.
func collected[T any](p weak.Pointer[T]) bool {
	for range 10 {
		runtime.GC()
		if p.Value() == nil {
			return true
		}
	}
	return false
}

// message is large enough not to share an allocation with others.
type message struct{ _ [64]byte }

// ptrChannel is one channel of pointers in a flavour.
func ptrChannel(f flavour) (send func(*message) error, drop func(), rx *mpsc.Receiver[*message]) {
	defer mpsc.SetBlockSlots(f.slots)()
	if f.bound == unbounded {
		tx, rx := mpsc.Channel[*message]()
		return tx.Send, tx.Drop, rx
	}
	tx, rx := mpsc.SyncChannel[*message](f.bound)
	return tx.Send, tx.Drop, rx
}

// Rule 8. The cases drop_full and drop_unreceived of std, whose messages have
// destructors: here the collector must be able to free them.
func TestAReceivedMessageIsNotKeptAlive(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		send, _, rx := ptrChannel(f)
		var refs []weak.Pointer[message]
		for i := range 40 {
			func() {
				m := new(message)
				refs = append(refs, weak.Make(m))
				var wg sync.WaitGroup
				if i%2 == 0 && f.bound != 0 {
					require.NoError(t, send(m)) // through a slot
				} else {
					wg.Go(func() { assert.NoError(t, send(m)) }) // mostly to a receive that waits
				}
				_, err := rx.Recv()
				require.NoError(t, err)
				wg.Wait()
			}()
		}
		for i, ref := range refs {
			require.True(t, collected(ref), "message %d", i)
		}
		runtime.KeepAlive(rx)
		runtime.KeepAlive(send)
	})
}

func TestADiscardedMessageIsFreedWhileTheSenderLives(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.bound == 0 {
			return // buffers nothing
		}
		send, drop, rx := ptrChannel(f)
		ref := func() weak.Pointer[message] {
			m := new(message)
			require.NoError(t, send(m))
			return weak.Make(m)
		}()
		require.False(t, collected(ref))
		rx.Drop()
		require.True(t, collected(ref))
		drop()
	})
}

func TestAMessageThatWasNotSentIsNotKeptAlive(t *testing.T) {
	tx, rx := mpsc.SyncChannel[*message](0)
	ref := func() weak.Pointer[message] {
		m := new(message)
		require.ErrorIs(t, tx.SendTimeout(m, time.Microsecond), mpsc.ErrTimeout)
		return weak.Make(m)
	}()
	require.True(t, collected(ref))
	runtime.KeepAlive(tx)
	runtime.KeepAlive(rx)
}

// After a burst the channel gives its memory back, but for a block or two.
func TestABurstDoesNotStayInMemory(t *testing.T) {
	tx, rx := mpsc.Channel[[64]byte]()
	heap := func() int64 {
		var s runtime.MemStats
		// What has cleanups, as earlier tests left it, is freed only by a later collection.
		for least := uint64(math.MaxUint64); ; least = s.HeapAlloc {
			runtime.GC()
			runtime.ReadMemStats(&s)
			if s.HeapAlloc >= least {
				return int64(least)
			}
		}
	}
	before := heap()
	const n = 100_000
	for range n {
		require.NoError(t, tx.Send([64]byte{}))
	}
	require.Greater(t, heap()-before, int64(n*64))
	for range rx.TryAll() {
	}
	assert.Less(t, heap()-before, int64(64<<10))
	runtime.KeepAlive(rx)
}

// 0 allocs/op in steady state.
func TestSteadySendsAndReceivesAllocateNothing(t *testing.T) {
	if testsize.Race {
		t.Skip("the race detector's own allocations are counted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, bound := range []int{unbounded, 1, 128} {
		f := flavour{bound: bound}
		tx, rx := f.open(t)
		buf := make([]int, 1)
		step := func() {
			_ = tx.SendContext(ctx, 1)
			_, _ = rx.RecvContext(ctx)
			_ = tx.Send(1)
			_, _ = rx.Recv()
			_ = tx.TrySend(1)
			_, _ = rx.TryRecv()
			_, _ = tx.SendMany(buf)
			_, _ = rx.RecvMany(buf)
			_, _ = rx.RecvTimeout(0)
			_ = rx.Ready()
		}
		for range 1000 {
			step() // blocks grow to their length
		}
		assert.Zero(t, testing.AllocsPerRun(1000, step), f)
	}
}

// Waits allocate nothing either, in the long run.
func TestSteadyWaitsAllocateNothing(t *testing.T) {
	if testsize.Race {
		t.Skip("the race detector's own allocations are counted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const rounds = 20_000
	for _, bound := range []int{unbounded, 0, 1} {
		f := flavour{bound: bound}
		ping, prx := f.open(t)
		pong, qrx := f.open(t)
		var wg sync.WaitGroup
		wg.Go(func() {
			for v := range prx.AllContext(ctx) {
				_ = pong.Send(v)
			}
		})
		round := func() {
			_ = ping.SendContext(ctx, 1)
			_, _ = qrx.Recv()
		}
		for range 1000 {
			round()
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range rounds {
			round()
		}
		runtime.ReadMemStats(&after)
		assert.Less(t, float64(after.Mallocs-before.Mallocs)/rounds, 0.01, f)
		ping.Drop()
		wg.Wait()
	}
}
