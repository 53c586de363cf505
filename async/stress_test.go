package async_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/stall"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// Every pair of operations races on every flavour. The oracle is a ledger: each message
// has a number of its own and is received exactly once, or returned exactly once to its
// sender, or evicted once, or discarded by the Drop of the last receiver. And every
// operation ends.

// race lets operations a and b race, beside one producer and one consumer, and checks
// the books.
func (w *world) race(seed uint64, a, b int, wait func()) {
	rng := func(i uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, i)) }
	consumer := w.rx.Clone()
	w.spawn(func(ctx context.Context) {
		defer consumer.Drop()
		for how := 0; w.recvUnless(ctx, consumer, how); how++ {
		}
	})
	w.spawn(func(ctx context.Context) {
		for i := range 6 {
			w.send(ctx, w.tx, i)
		}
	})
	w.spawn(func(ctx context.Context) { operations[a].run(w, ctx, rng(1)) })
	w.spawn(func(ctx context.Context) { operations[b].run(w, ctx, rng(2)) })
	wait()
}

// recvUnless is recv of the consumer, which leaves when everything may be discarded.
func (w *world) recvUnless(ctx context.Context, rx *async.Receiver[int], how int) bool {
	w.book.mu.Lock()
	leave := w.book.discarded
	w.book.mu.Unlock()
	if leave {
		return false
	}
	if how%4 == 2 {
		w.yield()
	}
	return w.recv(ctx, rx, how)
}

var stressCapacities = []int{0, 1, 2, 7, unbounded}

func forEachPair(t *testing.T, check func(t *testing.T, capacity, a, b int)) {
	for _, capacity := range stressCapacities {
		t.Run(capacityName(capacity), func(t *testing.T) {
			for a := range operations {
				for b := a; b < len(operations); b++ {
					name := operations[a].name + " and " + operations[b].name
					if !t.Run(name, func(t *testing.T) { check(t, capacity, a, b) }) {
						return
					}
				}
			}
		})
	}
}

func TestEveryPairOfOperationsRaces(t *testing.T) {
	step := stall.Watch(t)
	rounds := testsize.Scaled(2000) / 10
	forEachPair(t, func(t *testing.T, capacity, a, b int) {
		for round := range rounds {
			tx, rx := open[int](capacity)
			var all sync.WaitGroup
			w := &world{t: t, tx: tx, rx: rx, yield: runtime.Gosched}
			w.spawn = func(fn func(context.Context)) { all.Go(func() { fn(context.Background()) }) }
			w.race(uint64(round), a, b, func() {
				for range 100 { // then what waits waits for the end
					runtime.Gosched()
				}
				tx.Drop()
				all.Wait()
			})
			w.drain()
			rx.Drop()
			w.book.check(t)
			step()
		}
	})
}

// In a bubble a wait that never ends is a deadlock, and is reported as one.
func TestEveryPairOfOperationsRacesInABubble(t *testing.T) {
	step := stall.Watch(t)
	rounds := max(1, testsize.Scaled(100)/20)
	forEachPair(t, func(t *testing.T, capacity, a, b int) {
		for round := range rounds {
			synctest.Test(t, func(t *testing.T) {
				tx, rx := open[int](capacity)
				w := &world{t: t, tx: tx, rx: rx, yield: runtime.Gosched}
				w.spawn = func(fn func(context.Context)) { go fn(context.Background()) }
				w.race(uint64(round), a, b, func() {
					synctest.Wait() // who is not over yet waits for the end
					tx.Drop()
					synctest.Wait()
				})
				w.drain()
				rx.Drop()
				w.book.check(t)
			})
			step()
		}
	})
}

// Under a seed one worker runs everything, and the seed decides who is next: each
// seed is another interleaving at the points where an operation waits, the same every time.
func TestEveryPairOfOperationsUnderSeeds(t *testing.T) {
	step := stall.Watch(t)
	seeds := max(2, testsize.Scaled(100)/10)
	forEachPair(t, func(t *testing.T, capacity, a, b int) {
		for seed := range seeds {
			raceInTasks(t, capacity, a, b, uint64(seed), task.WithSeed(uint64(seed)))
			step()
		}
	})
}

func TestEveryPairOfOperationsRacesInTasks(t *testing.T) {
	step := stall.Watch(t)
	rounds := max(2, testsize.Scaled(100)/10)
	forEachPair(t, func(t *testing.T, capacity, a, b int) {
		for round := range rounds {
			raceInTasks(t, capacity, a, b, uint64(round), task.WithWorkers(2))
			step()
		}
	})
}

// raceInTasks runs a world whose operations are tasks of a runtime with option o.
func raceInTasks(t *testing.T, capacity, a, b int, seed uint64, o task.Option) {
	rt, err := task.New(o)
	require.NoError(t, err)
	_, err = task.BlockOn(rt.Context(context.Background()), func(ctx context.Context) (struct{}, error) {
		tx, rx := open[int](capacity)
		w := &world{t: t, tx: tx, rx: rx}
		w.yield = func() { _ = task.YieldNow(ctx) }
		var mu sync.Mutex
		var handles []*task.JoinHandle[struct{}]
		w.spawn = func(fn func(context.Context)) {
			h := task.Go(ctx, func(ctx context.Context) error {
				fn(ctx)
				return nil
			})
			mu.Lock()
			handles = append(handles, h)
			mu.Unlock()
		}
		w.race(seed, a, b, func() {
			for range 50 {
				_ = task.YieldNow(ctx)
			}
			tx.Drop()
			for i := 0; ; i++ {
				mu.Lock()
				if i == len(handles) {
					mu.Unlock()
					break
				}
				h := handles[i]
				mu.Unlock()
				_, err := h.Await(ctx)
				assert.NoError(t, err)
			}
		})
		w.drain()
		rx.Drop()
		w.book.check(t)
		return struct{}{}, nil
	})
	require.NoError(t, err, "seed %d", seed)
	require.NoError(t, rt.Shutdown(context.Background()))
}
