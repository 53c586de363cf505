package mpsc_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// atProcs runs a stress test with 1, 2 and 4 processors.
func atProcs(t *testing.T, check func(t *testing.T)) {
	for _, procs := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("procs=%d", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			check(t)
		})
	}
}

// sendSomehow sends v in one of the ways there are, again and again until it
// succeeds or the channel ends. Timeouts are so short that they race with the
// hand-over. It returns whether v was sent.
func sendSomehow(tx sender, v int, rng *rand.Rand) bool {
	for {
		var err error
		switch rng.IntN(6) {
		case 0, 1:
			err = tx.Send(v)
		case 2:
			err = tx.TrySend(v)
			if err != nil {
				runtime.Gosched()
			}
		case 3:
			err = tx.SendTimeout(v, time.Duration(rng.IntN(20000)))
		case 4:
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rng.IntN(20000)))
			err = tx.SendContext(ctx, v)
			cancel()
		case 5:
			var n int
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rng.IntN(20000)))
			n, err = tx.SendManyContext(ctx, []int{v})
			cancel()
			if n == 1 {
				return true // sent, whatever came after
			}
		}
		switch {
		case err == nil:
			return true
		case errors.Is(err, mpsc.ErrDisconnected), errors.Is(err, mpsc.ErrDropped):
			return false
		}
	}
}

// receivers are the ways to receive everything until the end.
var receivers = map[string]func(rx *mpsc.Receiver[int], each func(int)){
	"Recv": func(rx *mpsc.Receiver[int], each func(int)) {
		for v := range rx.All() {
			each(v)
		}
	},
	"RecvMany": func(rx *mpsc.Receiver[int], each func(int)) {
		buf := make([]int, 5)
		for {
			n, err := rx.RecvMany(buf)
			if err != nil {
				return
			}
			for _, v := range buf[:n] {
				each(v)
			}
		}
	},
	"RecvTimeout": func(rx *mpsc.Receiver[int], each func(int)) {
		for {
			v, err := rx.RecvTimeout(10 * time.Microsecond)
			switch {
			case err == nil:
				each(v)
			case !errors.Is(err, mpsc.ErrTimeout):
				return
			}
		}
	},
}

// Each message arrives once, in the order of its sender.
func TestEveryMessageArrivesOnceAndInOrder(t *testing.T) {
	const producers = 4
	each := testsize.Scaled(400)
	for name, receive := range receivers {
		t.Run(name, func(t *testing.T) {
			atProcs(t, func(t *testing.T) {
				forEachFlavour(t, func(t *testing.T, f flavour) {
					tx, rx := f.open(t)
					var wg sync.WaitGroup
					for p := range producers {
						own := tx.CloneSender()
						wg.Go(func() {
							defer own.Drop()
							rng := rand.New(rand.NewPCG(uint64(p), 1))
							for i := range each {
								assert.True(t, sendSomehow(own, p*each+i, rng))
							}
						})
					}
					tx.Drop()
					var next [producers]int
					receive(rx, func(v int) {
						require.Equal(t, next[v/each], v%each)
						next[v/each]++
					})
					wg.Wait()
					for p, n := range next {
						require.Equal(t, each, n, "producer %d", p)
					}
				})
			})
		})
	}
}

// A receiver that leaves in the middle: each message was received, or its sender
// got it back, or it was sent and discarded. None is in two of these places.
func TestAReceiverThatLeavesLosesNoUnsentMessage(t *testing.T) {
	const producers, most = 4, 60
	rounds := testsize.Scaled(most)
	atProcs(t, func(t *testing.T) {
		forEachFlavour(t, func(t *testing.T, f flavour) {
			for round := range rounds {
				tx, rx := f.open(t)
				var sent [producers]int
				var wg sync.WaitGroup
				for p := range producers {
					own := tx.CloneSender()
					wg.Go(func() {
						defer own.Drop()
						rng := rand.New(rand.NewPCG(uint64(p), uint64(round)))
						for sendSomehow(own, p<<24|sent[p], rng) {
							sent[p]++
						}
					})
				}
				var received [producers]int
				for range round * most / rounds { // so many however few rounds there are
					v, err := rx.Recv()
					require.NoError(t, err)
					require.Equal(t, received[v>>24], v&(1<<24-1))
					received[v>>24]++
				}
				rx.Drop()
				wg.Wait()
				for p := range producers {
					require.LessOrEqual(t, received[p], sent[p], "a message came whose send failed")
				}
				tx.Drop()
			}
		})
	})
}

// Handles that come and go do not end the channel early or keep it open.
func TestClonesThatComeAndGoEndTheChannelOnce(t *testing.T) {
	rounds := testsize.Scaled(200)
	forEachFlavour(t, func(t *testing.T, f flavour) {
		for range rounds {
			tx, rx := f.open(t)
			var sent atomic.Int64
			var wg sync.WaitGroup
			for range 3 {
				own := tx.CloneSender()
				wg.Go(func() {
					defer own.Drop()
					for range 3 {
						c := own.CloneSender()
						if c.Send(1) == nil {
							sent.Add(1)
						}
						c.Drop()
					}
				})
			}
			tx.Drop()
			received := 0
			for range rx.All() {
				received++
			}
			wg.Wait()
			require.EqualValues(t, 9, received)
			require.EqualValues(t, 9, sent.Load())
		}
	})
}

// A handle whose Send waits is dropped by another goroutine: the send returns, and its
// message is either received or given back.
func TestADropRacingAWaitingSendNeitherHangsNorDuplicates(t *testing.T) {
	rounds := testsize.Scaled(300)
	forEachFlavour(t, func(t *testing.T, f flavour) {
		if f.bound == unbounded {
			return
		}
		for range rounds {
			tx, rx := f.open(t)
			for range f.bound {
				require.NoError(t, tx.Send(0))
			}
			own := tx.CloneSender()
			var err error
			var wg sync.WaitGroup
			wg.Go(func() { err = own.Send(1) })
			wg.Go(own.Drop)
			received := 0
			for range f.bound {
				v, err := rx.Recv()
				require.NoError(t, err)
				received += v
			}
			if f.bound == 0 {
				v, err := rx.RecvTimeout(50 * time.Microsecond)
				if err == nil {
					received += v
				}
			}
			wg.Wait()
			for v := range rx.TryAll() {
				received += v
			}
			if err == nil {
				require.Equal(t, 1, received)
			} else {
				assertRefused(t, 1, mpsc.ErrDropped, err)
				require.Zero(t, received)
			}
		}
	})
}

// With several processors a select over Ready sees everything as well.
func TestReadyMissesNothing(t *testing.T) {
	const producers = 3
	each := testsize.Scaled(1000)
	atProcs(t, func(t *testing.T) {
		forEachFlavour(t, func(t *testing.T, f flavour) {
			tx, rx := f.open(t)
			for range producers {
				own := tx.CloneSender()
				go func() {
					defer own.Drop()
					for range each {
						assert.NoError(t, own.Send(1))
					}
				}()
			}
			tx.Drop()
			sum := 0
			for {
				<-rx.Ready()
				v, err := rx.TryRecv()
				if errors.Is(err, mpsc.ErrDisconnected) {
					break
				}
				if err == nil {
					sum += v
				}
			}
			require.Equal(t, producers*each, sum)
		})
	})
}
