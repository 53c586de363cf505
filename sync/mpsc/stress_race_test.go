package mpsc_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/stall"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// The cases stress_recv_timeout_two_threads and stress_recv_timeout_shared of std,
// with timeouts on both sides that race with the hand-over. Each attempt has a
// message of its own, so one that timed out and arrives nevertheless is found, and
// so is one that was sent and does not.
func TestTimeoutsThatRaceWithAMeetingLoseAndDoubleNothing(t *testing.T) {
	step := stall.Watch(t)
	const producers = 2
	attempts := testsize.Scaled(10_000)
	atProcs(t, func(t *testing.T) {
		tx, rx := mpsc.SyncChannel[int](0)
		sent := make([][]int, producers)
		var wg sync.WaitGroup
		for p := range producers {
			own := tx.Clone()
			wg.Go(func() {
				defer own.Drop()
				rng := rand.New(rand.NewPCG(uint64(p), 9))
				for i := range attempts / producers {
					step() // not where they arrive: receives that time out are no progress
					v := p*maxMessages + i
					limit := time.Duration(rng.IntN(6000))
					var err error
					if i%4 == 0 {
						ctx, cancel := context.WithTimeout(context.Background(), limit)
						err = own.SendContext(ctx, v)
						cancel()
					} else {
						err = own.SendTimeout(v, limit)
					}
					if err == nil {
						sent[p] = append(sent[p], v)
						continue
					}
					reason := mpsc.ErrTimeout
					if i%4 == 0 {
						reason = context.DeadlineExceeded
					}
					assertRefused(t, v, reason, err)
				}
			})
		}
		tx.Drop()
		rng := rand.New(rand.NewPCG(1, 10))
		got := make([][]int, producers)
		timeouts := 0
		for {
			v, err := rx.RecvTimeout(time.Duration(rng.IntN(6000)))
			if errors.Is(err, mpsc.ErrDisconnected) {
				break
			}
			if err != nil {
				require.ErrorIs(t, err, mpsc.ErrTimeout)
				timeouts++
				continue
			}
			got[v/maxMessages] = append(got[v/maxMessages], v)
		}
		wg.Wait()
		arrived := 0
		for p := range producers {
			require.True(t, slices.Equal(sent[p], got[p]), "producer %d", p)
			arrived += len(got[p])
		}
		t.Logf("of %d attempts %d arrived; %d receives timed out", attempts, arrived, timeouts)
	})
}

// The last Drop reaches a receive in every form, whether it finds it asleep, about to
// fall asleep or not there yet. A message that was sent before it comes first.
func TestTheLastDropReachesAReceiveInEveryForm(t *testing.T) {
	step := stall.Watch(t)
	forms := map[string]func(rx *mpsc.Receiver[int]) (int, error){
		"Recv":        (*mpsc.Receiver[int]).Recv,
		"RecvTimeout": func(rx *mpsc.Receiver[int]) (int, error) { return rx.RecvTimeout(time.Hour) },
		"RecvContext": func(rx *mpsc.Receiver[int]) (int, error) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			return rx.RecvContext(ctx)
		},
		"RecvMany": func(rx *mpsc.Receiver[int]) (int, error) {
			var buf [1]int
			_, err := rx.RecvMany(buf[:])
			return buf[0], err
		},
		"Ready": func(rx *mpsc.Receiver[int]) (v int, err error) {
			for err = mpsc.ErrEmpty; errors.Is(err, mpsc.ErrEmpty); {
				<-rx.Ready()
				v, err = rx.TryRecv()
			}
			return v, err
		},
	}
	rounds := testsize.Scaled(100)
	for name, receive := range forms {
		t.Run(name, func(t *testing.T) {
			atProcs(t, func(t *testing.T) {
				forEachFlavour(t, func(t *testing.T, f flavour) {
					for round := range rounds {
						tx, rx := f.open(t)
						var wg sync.WaitGroup
						for range 2 {
							own := tx.CloneSender()
							wg.Go(own.Drop)
						}
						wg.Go(func() {
							defer tx.Drop()
							if round%2 == 0 {
								assert.NoError(t, tx.Send(7))
							}
						})
						if round%2 == 0 {
							v, err := receive(rx)
							require.NoError(t, err)
							require.Equal(t, 7, v)
						}
						_, err := receive(rx)
						require.ErrorIs(t, err, mpsc.ErrDisconnected)
						wg.Wait()
						step()
					}
				})
			})
		})
	}
}

// Rule 7 at work: among senders that come back as soon as they were served, each has
// its turn before any sender has a second one.
func TestSendersThatComeBackAreServedInTurn(t *testing.T) {
	const senders, turns = 8, 20
	for _, bound := range []int{0, 1, 7} {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := mpsc.SyncChannel[int](bound)
			for s := range senders {
				go func() {
					for tx.Send(s) == nil {
					}
				}()
				synctest.Wait() // queued
			}
			for range bound { // the first sender's, from when there was room
				v, err := rx.Recv()
				require.NoError(t, err)
				require.Zero(t, v)
				synctest.Wait()
			}
			for i := range senders * turns {
				v, err := rx.Recv()
				require.NoError(t, err)
				require.Equal(t, i%senders, v, "bound %d", bound)
				synctest.Wait() // and back at the end of the line
			}
			rx.Drop()
			tx.Drop()
		})
	}
}

// Nothing is guaranteed about the shares, because the scheduler may keep a sender from running.
// They are printed for the reader.
func TestSharesOfBusySenders(t *testing.T) {
	step := stall.Watch(t)
	const senders = 8
	messages := testsize.Scaled(20_000)
	for _, bound := range []int{unbounded, 0, 1, 128} {
		f := flavour{bound: bound}
		tx, rx := f.open(t)
		var wg sync.WaitGroup
		for s := range senders {
			wg.Go(func() {
				for tx.Send(s) == nil {
				}
			})
		}
		var shares [senders]int
		for range messages {
			v, err := rx.Recv()
			require.NoError(t, err)
			shares[v]++
			step()
		}
		rx.Drop()
		wg.Wait()
		tx.Drop()
		t.Logf("%v: of %d messages the busiest sender had %d, the slowest %d", f, messages, slices.Max(shares[:]), slices.Min(shares[:]))
	}
}
