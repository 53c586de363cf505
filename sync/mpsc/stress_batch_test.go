package mpsc_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/stall"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// producer sends messages of its own, each of them new, and keeps the books.
type producer struct {
	tx   sender
	rng  *rand.Rand
	next int   // the next message
	sent []int // the messages whose send succeeded, in order
	end  error // ErrDisconnected or ErrDropped, once a send has failed with it
}

// maxMessages bounds the messages of a producer: they are numbered from its own
// multiple of that.
const maxMessages = 1 << 20

func newProducer(tx sender, number int) *producer {
	return &producer{tx: tx, rng: rand.New(rand.NewPCG(uint64(number), 7)), next: number * maxMessages}
}

func (p *producer) take(k int) []int {
	vs := make([]int, k)
	for i := range vs {
		vs[i] = p.next
		p.next++
	}
	return vs
}

// once sends one message or a batch in a random form that may fail for want of time
// or room. A message that was not sent is given up: it must never arrive.
func (p *producer) once() {
	limit := time.Duration(p.rng.IntN(10_000))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	switch p.rng.IntN(4) {
	case 0:
		cancel()
	case 1:
		go cancel()
	case 2:
		time.AfterFunc(limit, cancel)
	}
	n, vs := 0, p.take(1)
	var err error
	switch p.rng.IntN(8) {
	case 0:
		err = p.tx.Send(vs[0])
	case 1:
		err = p.tx.TrySend(vs[0])
	case 2:
		err = p.tx.SendTimeout(vs[0], limit)
	case 3:
		err = p.tx.SendDeadline(vs[0], time.Now().Add(limit))
	case 4:
		err = p.tx.SendContext(ctx, vs[0])
	case 5:
		vs = append(vs, p.take(p.rng.IntN(6))...)
		n, err = p.tx.SendMany(vs)
	default:
		vs = append(vs, p.take(p.rng.IntN(12))...)
		n, err = p.tx.SendManyContext(ctx, vs)
	}
	if err == nil {
		n = len(vs)
	}
	p.sent = append(p.sent, vs[:n]...)
	if errors.Is(err, mpsc.ErrDisconnected) || errors.Is(err, mpsc.ErrDropped) {
		p.end = err
	}
}

// consumers are further ways to receive everything until the end.
var consumers = []func(rx *mpsc.Receiver[int], each func(int)){
	receivers["Recv"], receivers["RecvMany"], receivers["RecvTimeout"],
	func(rx *mpsc.Receiver[int], each func(int)) { // Ready and TryRecvMany
		buf := make([]int, 3)
		for {
			<-rx.Ready()
			n, err := rx.TryRecvMany(buf)
			if errors.Is(err, mpsc.ErrDisconnected) {
				return
			}
			for _, v := range buf[:n] {
				each(v)
			}
		}
	},
	func(rx *mpsc.Receiver[int], each func(int)) { // TryRecv
		for {
			v, err := rx.TryRecv()
			switch {
			case err == nil:
				each(v)
			case errors.Is(err, mpsc.ErrEmpty):
				runtime.Gosched()
			default:
				return
			}
		}
	},
	func(rx *mpsc.Receiver[int], each func(int)) { // contexts that end early
		buf := make([]int, 4)
		for {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Microsecond)
			n, err := rx.RecvManyContext(ctx, buf)
			cancel()
			if errors.Is(err, mpsc.ErrDisconnected) {
				return
			}
			for _, v := range buf[:n] {
				each(v)
			}
		}
	},
}

// What arrives from a producer is, message by message, what its sends said they had
// sent: all of it, nothing else, and in order. That holds for batches that were cut
// short in the middle, too.
func TestExactlyWhatWasSentArrives(t *testing.T) {
	step := stall.Watch(t)
	attempts := testsize.Scaled(480)
	turn := 0
	for _, producers := range []int{1, 4, 16} {
		t.Run(fmt.Sprintf("producers=%d", producers), func(t *testing.T) {
			atProcs(t, func(t *testing.T) {
				forEachFlavour(t, func(t *testing.T, f flavour) {
					turn++ // each way to receive meets each kind of channel in time
					receive := consumers[turn%len(consumers)]
					tx, rx := f.open(t)
					books := make([]*producer, producers)
					var wg sync.WaitGroup
					for i := range books {
						p := newProducer(tx.CloneSender(), i)
						books[i] = p
						wg.Go(func() {
							defer p.tx.Drop()
							for range attempts / producers {
								p.once()
							}
						})
					}
					tx.Drop()
					got := make([][]int, producers)
					receive(rx, func(v int) {
						got[v/maxMessages] = append(got[v/maxMessages], v)
						step()
					})
					wg.Wait()
					step()
					for i, p := range books {
						require.NoError(t, p.end, "no handle was dropped")
						require.True(t, slices.Equal(p.sent, got[i]), "producer %d sent\n%v\nand there arrived\n%v", i, p.sent, got[i])
					}
				})
			})
		})
	}
}

// A receiver that leaves: what arrived from a producer is the beginning of what it
// sent, and what was sent but did not arrive is no more than the channel can hold.
// Everybody who waits comes back, and all sends end with the same reason.
func TestAReceiverThatLeavesDiscardsOnlyWhatWasBuffered(t *testing.T) {
	step := stall.Watch(t)
	const producers = 4
	rounds := max(2, testsize.Scaled(10))
	atProcs(t, func(t *testing.T) {
		forEachFlavour(t, func(t *testing.T, f flavour) {
			for round := range rounds {
				tx, rx := f.open(t)
				books := make([]*producer, producers)
				var wg sync.WaitGroup
				for i := range books {
					p := newProducer(tx.CloneSender(), i)
					books[i] = p
					wg.Go(func() {
						defer p.tx.Drop()
						for p.end == nil && p.next%maxMessages < 10_000 {
							p.once()
						}
						if p.end == nil {
							// Nothing held it up, and it must not fill the memory before
							// the receiver gets to leave.
							<-p.tx.Done()
							p.once()
						}
					})
				}
				got := make([][]int, producers)
				buf := make([]int, 1+round%3)
				for arrived := 0; arrived < round; {
					n, err := rx.RecvMany(buf)
					require.NoError(t, err)
					arrived += n
					for _, v := range buf[:n] {
						got[v/maxMessages] = append(got[v/maxMessages], v)
					}
				}
				rx.Drop()
				wg.Wait()
				discarded := 0
				for i, p := range books {
					require.ErrorIs(t, p.end, mpsc.ErrDisconnected)
					require.GreaterOrEqual(t, len(p.sent), len(got[i]))
					require.True(t, slices.Equal(p.sent[:len(got[i])], got[i]), "producer %d sent\n%v\nand there arrived\n%v", i, p.sent, got[i])
					discarded += len(p.sent) - len(got[i])
				}
				if f.bound != unbounded {
					require.LessOrEqual(t, discarded, f.bound)
				}
				tx.Drop()
				step()
			}
		})
	})
}

// A batch that does not fit is sent before later sends: a part is sent, the rest is queued at
// once, and no other send overtakes it.
func TestABatchThatDoesNotFitStaysTogether(t *testing.T) {
	step := stall.Watch(t)
	const size, stranger = 4, -1
	for bound := range 4 {
		tx, rx := mpsc.SyncChannel[int](bound)
		other := tx.Clone()
		n := testsize.Scaled(50_000)
		go func() {
			defer tx.Drop()
			batch := []int{0, 1, 2, 3}
			for range n {
				_, _ = tx.SendMany(batch)
			}
		}()
		go func() {
			defer other.Drop()
			for range n {
				_ = other.Send(stranger)
			}
		}()
		next := 0
		for v := range rx.All() {
			step()
			if v == stranger {
				assert.Zero(t, next, "bound %d: a stranger within a batch", bound)
				continue
			}
			assert.Equal(t, next, v)
			next = (next + 1) % size
		}
		rx.Drop()
	}
}
