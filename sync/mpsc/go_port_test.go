package mpsc_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// The properties that Go's own tests protect for native channels, each with the file of
// Go's repository that it answers to: test/chan/*.go and src/runtime/chan_test.go. What
// follows was written for this API; nothing was taken over but the question. Those that
// concern several receivers or selects are in package async.

// test/chan/sieve1.go, sieve2.go: a chain of channels that grows while it is used.
func TestPrimesComeOutOfAGrowingChain(t *testing.T) {
	for _, bound := range []int{0, 1, 10} {
		want := []int{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97}
		tx, rx := mpsc.SyncChannel[int](bound)
		var stages sync.WaitGroup
		stages.Go(func() {
			defer tx.Drop()
			for n := 2; tx.Send(n) == nil; n++ {
			}
		})
		for _, prime := range want {
			v, err := rx.Recv()
			require.NoError(t, err)
			require.Equal(t, prime, v)
			in := rx
			out, next := mpsc.SyncChannel[int](bound)
			stages.Go(func() {
				defer in.Drop()
				defer out.Drop()
				for n := range in.All() {
					if n%prime != 0 && out.Send(n) != nil {
						return
					}
				}
			})
			rx = next
		}
		// A native chain would leak here: the stages do not notice that the last one has returned.
		rx.Drop()
		stages.Wait()
	}
}

// test/chan/powser1.go, powser2.go: streams that are demanded term by term, from two
// sides. Here 1/(1-x) squared, whose terms count up.
func TestStreamsMultiplyTermByTerm(t *testing.T) {
	type stream = *mpsc.Receiver[int]
	var all sync.WaitGroup
	start := func(produce func(tx *mpsc.SyncSender[int]) bool) stream {
		tx, rx := mpsc.SyncChannel[int](0)
		all.Go(func() {
			defer tx.Drop()
			for produce(tx) {
			}
		})
		return rx
	}
	ones := func() stream {
		return start(func(tx *mpsc.SyncSender[int]) bool { return tx.Send(1) == nil })
	}
	product := func(f, g stream) stream {
		var fs, gs []int
		return start(func(tx *mpsc.SyncSender[int]) bool {
			a, errA := f.Recv()
			b, errB := g.Recv()
			fs, gs = append(fs, a), append(gs, b)
			sum := 0
			for i := range fs {
				sum += fs[i] * gs[len(gs)-1-i]
			}
			if errA != nil || errB != nil || tx.Send(sum) != nil {
				f.Drop()
				g.Drop()
				return false
			}
			return true
		})
	}
	square := product(ones(), ones())
	cube := product(product(ones(), ones()), ones())
	for i := range 30 {
		v, err := square.Recv()
		require.NoError(t, err)
		require.Equal(t, i+1, v)
		v, err = cube.Recv()
		require.NoError(t, err)
		require.Equal(t, (i+1)*(i+2)/2, v)
	}
	square.Drop()
	cube.Drop()
	all.Wait()
}

// test/chan/fifo.go: in order through a buffer, and through a row of stages that each
// hold one message.
func TestARowOfStagesKeepsTheOrder(t *testing.T) {
	const n = 50
	first, rx := mpsc.SyncChannel[int](0)
	for range n {
		in := rx
		out, next := mpsc.SyncChannel[int](0)
		go func() {
			defer out.Drop()
			for v := range in.All() {
				assert.NoError(t, out.Send(v))
			}
		}()
		rx = next
	}
	go func() {
		defer first.Drop()
		for i := range n {
			assert.NoError(t, first.Send(i))
		}
	}()
	i := 0
	for v := range rx.All() {
		require.Equal(t, i, v)
		i++
	}
	require.Equal(t, n, i)
}

// test/chan/goroutines.go: a message through as many goroutines as there may be.
func TestAMessageCrossesTenThousandGoroutines(t *testing.T) {
	n := testsize.Scaled(10_000)
	first, rx := mpsc.SyncChannel[int](0)
	for range n {
		in := rx
		tx, next := mpsc.SyncChannel[int](0)
		go func() {
			v, err := in.Recv()
			assert.NoError(t, err)
			assert.NoError(t, tx.Send(v+1))
		}()
		rx = next
	}
	go func() { assert.NoError(t, first.Send(0)) }()
	v, err := rx.Recv()
	require.NoError(t, err)
	require.Equal(t, n, v)
}

// test/chan/nonblock.go, sendstmt.go; runtime TestChan (its tries): what a try finds in
// every state, for values of several types.
func TestATryNeverWaitsAndSeesParkedWaiters(t *testing.T) {
	tries(t, 7, 8)
	tries(t, "seven", "eight")
	tries(t, true, false)
	tries(t, [3]byte{7}, [3]byte{8})
	tries[any](t, 7, "eight")
}

func tries[T any](t *testing.T, a, b T) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		tx, rx := mpsc.SyncChannel[T](0)
		_, err := rx.TryRecv()
		require.ErrorIs(t, err, mpsc.ErrEmpty)
		require.ErrorIs(t, tx.TrySend(a), mpsc.ErrFull)
		go func() { assert.NoError(t, tx.Send(a)) }()
		synctest.Wait()
		v, err := rx.TryRecv()
		require.NoError(t, err)
		require.Equal(t, a, v)
		go func() {
			v, err := rx.Recv()
			assert.NoError(t, err)
			assert.Equal(t, b, v)
		}()
		synctest.Wait()
		require.NoError(t, tx.TrySend(b))
		synctest.Wait()

		tx, rx = mpsc.SyncChannel[T](1)
		require.NoError(t, tx.TrySend(a))
		require.ErrorIs(t, tx.TrySend(b), mpsc.ErrFull)
		v, err = rx.TryRecv()
		require.NoError(t, err)
		require.Equal(t, a, v)
		_, err = rx.TryRecv()
		require.ErrorIs(t, err, mpsc.ErrEmpty)
	})
}

// test/chan/zerosize.go: messages without a size may have one address, and still count.
func TestMessagesWithoutASizeAreCounted(t *testing.T) {
	forEachBound(t, func(t *testing.T, bound int) {
		tx, rx := mpsc.SyncChannel[struct{}](bound)
		otherTx, otherRx := mpsc.SyncChannel[[0]int](bound)
		go func() {
			defer tx.Drop()
			defer otherTx.Drop()
			for range 100 {
				assert.NoError(t, tx.Send(struct{}{}))
				assert.NoError(t, otherTx.Send([0]int{}))
			}
		}()
		n := 0
		for range rx.All() {
			_, err := otherRx.Recv()
			require.NoError(t, err)
			n++
		}
		require.Equal(t, 100, n)
	})
}

func forEachBound(t *testing.T, check func(t *testing.T, bound int)) {
	for _, bound := range []int{0, 1, 2, 10, 100} {
		t.Run(boundName(bound), func(t *testing.T) { check(t, bound) })
	}
}

// runtime TestChan: what blocks stays blocked until it may not, at every bound.
func TestNothingGoesOnBeforeItsTime(t *testing.T) {
	forEachBound(t, func(t *testing.T, bound int) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := mpsc.SyncChannel[int](bound)
			var received, sent atomic.Int32
			go func() {
				rx.Recv()
				received.Add(1)
			}()
			synctest.Wait()
			require.Zero(t, received.Load(), "received from an empty channel")
			require.NoError(t, tx.Send(1))
			synctest.Wait()
			require.EqualValues(t, 1, received.Load())

			for i := range bound {
				require.NoError(t, tx.Send(i))
			}
			go func() {
				assert.NoError(t, tx.Send(bound))
				sent.Add(1)
			}()
			synctest.Wait()
			require.Zero(t, sent.Load(), "sent into a full channel")
			for i := range bound + 1 {
				v, err := rx.Recv()
				require.NoError(t, err)
				require.Equal(t, i, v)
			}
			synctest.Wait()
			require.EqualValues(t, 1, sent.Load())
		})
	})
}

// runtime TestNonblockRecvRace: a try that races with the end finds the message that was
// there before it.
func TestATryThatRacesWithTheEndFindsWhatWasSent(t *testing.T) {
	for range testsize.Scaled(10_000) {
		tx, rx := mpsc.SyncChannel[int](1)
		require.NoError(t, tx.Send(1))
		go tx.Drop()
		_, err := rx.TryRecv()
		require.NoError(t, err)
	}
}

// runtime TestChanSendInterface: a message that is an interface around something large.
func TestAnInterfaceAroundSomethingLargeArrives(t *testing.T) {
	type large [30]int
	tx, rx := mpsc.SyncChannel[any](1)
	require.NoError(t, tx.Send(&large{}))
	require.ErrorIs(t, tx.TrySend(&large{}), mpsc.ErrFull)
	v, err := rx.Recv()
	require.NoError(t, err)
	require.IsType(t, &large{}, v)
}

// runtime TestShrinkStackDuringBlockedSend, TestNoShrinkStackWhileParking: a goroutine
// whose stack is moved while it is parked in a send. The message lives in the channel
// and not on the stack, so nothing may point there.
func TestAStackThatShrinksDuringAWaitIsNoMatter(t *testing.T) {
	n := testsize.Scaled(500)
	forEachBound(t, func(t *testing.T, bound int) {
		tx, rx := mpsc.SyncChannel[[16]int](bound)
		go func() {
			defer tx.Drop()
			for i := range n {
				deep(i % 100)
				assert.NoError(t, tx.Send([16]int{i}))
			}
		}()
		for i := range n {
			v, err := rx.Recv()
			require.NoError(t, err)
			require.Equal(t, i, v[0])
			if i%50 == 0 {
				runtime.GC()
			}
		}
	})
}

// deep uses some stack.
func deep(n int) byte {
	var frame [256]byte
	if n > 0 {
		frame[n] = deep(n - 1)
	}
	return frame[n]
}

// test/chan/select*.go, doubleselect.go for one receiver: two channels in a native
// select by Ready, where each message is seen once.
func TestTwoChannelsInASelectSeeEachMessageOnce(t *testing.T) {
	const n = 2000
	a, arx := mpsc.SyncChannel[int](0)
	b, brx := mpsc.SyncChannel[int](3)
	for _, tx := range []*mpsc.SyncSender[int]{a, b} {
		go func() {
			defer tx.Drop()
			for i := range n {
				assert.NoError(t, tx.Send(i))
			}
		}()
	}
	next := map[*mpsc.Receiver[int]]int{}
	take := func(rx *mpsc.Receiver[int]) bool {
		v, err := rx.TryRecv()
		if err == nil {
			require.Equal(t, next[rx], v)
			next[rx]++
		}
		return next[rx] < n
	}
	timeout := time.After(time.Minute)
	for openA, openB := true, true; openA || openB; {
		ra, rb := arx.Ready(), brx.Ready()
		if !openA {
			ra = nil
		}
		if !openB {
			rb = nil
		}
		select {
		case <-ra:
			openA = take(arx)
		case <-rb:
			openB = take(brx)
		case <-timeout:
			require.Fail(t, "it hangs")
		}
	}
}
