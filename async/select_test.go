package async_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
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

func number(v int, err error) string {
	if err != nil {
		return "numbers: " + err.Error()
	}
	return strconv.Itoa(v)
}

func word(w string, err error) string {
	if err != nil {
		return "words: " + err.Error()
	}
	return w
}

type selects = func(...async.Case[string]) *async.Selector[string]

func forBothSelects(t *testing.T, check func(t *testing.T, newSelector selects)) {
	t.Run("fair", func(t *testing.T) { check(t, async.Select[string]) })
	t.Run("biased", func(t *testing.T) { check(t, async.SelectBiased[string]) })
}

func TestASelectorReportsEveryChannelAndEachCloseOnce(t *testing.T) {
	forBothSelects(t, func(t *testing.T, newSelector selects) {
		for _, s := range scopes {
			numbers, nrx := async.Unbounded[int]()
			words, wrx := async.Unbounded[string]()
			for _, v := range []int{1, 2} {
				require.NoError(t, numbers.TrySend(v))
			}
			require.NoError(t, words.TrySend("a"))
			numbers.CloseCause(errBoom)
			words.Drop()
			events := newSelector(async.On(nrx, number), async.On(wrx, word))
			s.run(t, func(ctx context.Context) {
				seen := map[string]int{}
				for range 5 {
					e, err := events.Next().Await(ctx)
					assert.NoError(t, err)
					seen[e]++
				}
				assert.Equal(t, map[string]int{
					"1": 1, "2": 1, "a": 1,
					"numbers: handoff: channel closed: boom": 1, "words: handoff: channel closed": 1,
				}, seen)
				for range 2 {
					_, err := events.Next().Await(ctx)
					assert.ErrorIs(t, err, async.ErrClosed)
				}
			})
		}
	})
	_, err := async.Select[int]().Next().Await(t.Context())
	require.ErrorIs(t, err, async.ErrClosed, "nothing to wait for")
}

func TestASelectorWaitsForWhatComesFirst(t *testing.T) {
	forBothSelects(t, func(t *testing.T, newSelector selects) {
		forEachFlavour(t, func(t *testing.T, f flavour) {
			numbers, nrx := f.open()
			words, wrx := open[string](f.capacity)
			events := newSelector(async.On(nrx, number), async.On(wrx, word))
			for i := range 3 {
				next := events.Next()
				woken := assertPending(t, next)
				if i%2 == 0 {
					_, _, _ = numbers.Send(i).Poll(future.NewContext(t.Context(), new(counter)))
				} else {
					_, _, _ = words.Send("word").Poll(future.NewContext(t.Context(), new(counter)))
				}
				require.Equal(t, 1, woken.count())
				e, err := poll(t, next)
				require.NoError(t, err)
				require.Equal(t, []string{"0", "word", "2"}[i], e)
				_, err = poll(t, next)
				require.ErrorIs(t, err, future.ErrConsumed)
			}
			next := events.Next()
			woken := assertPending(t, next)
			nrx.Drop()
			wrx.Drop()
			require.Equal(t, 1, woken.count(), "two reasons, one wake")
			for range 2 {
				e, err := events.Next().Await(t.Context())
				require.NoError(t, err)
				require.Contains(t, e, "dropped")
			}
			_, err := poll(t, next)
			require.ErrorIs(t, err, async.ErrClosed)
		})
	})
}

func TestASelectorIsCancelSafe(t *testing.T) {
	forBothSelects(t, func(t *testing.T, newSelector selects) {
		numbers, nrx := async.Unbounded[int]()
		words, wrx := async.Unbounded[string]()
		events := newSelector(async.On(nrx, number), async.On(wrx, word))
		next := events.Next()
		woken := assertPending(t, next)
		behind := nrx.Recv()
		told := assertPending(t, behind)
		require.NoError(t, numbers.TrySend(1))
		require.Zero(t, told.count())
		next.Drop()
		require.Equal(t, 1, told.count(), "it passed the notification on")
		require.Equal(t, 1, woken.count())
		_, err := poll(t, next)
		require.ErrorIs(t, err, async.ErrDropped)
		v, err := poll(t, behind)
		require.NoError(t, err)
		require.Equal(t, 1, v)

		// The loser too, and what it would have received stays.
		next = events.Next()
		assertPending(t, next)
		behind = nrx.Recv()
		told = assertPending(t, behind)
		require.NoError(t, words.TrySend("a"))
		require.NoError(t, numbers.TrySend(2))
		first, err := poll(t, next)
		require.NoError(t, err)
		if first == "a" {
			require.Equal(t, 1, told.count())
			require.Equal(t, 1, nrx.Len())
		} else {
			require.Equal(t, 1, wrx.Len())
		}
		behind.Drop()

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		second, err := events.Next().Await(ctx)
		require.NoError(t, err, "an ended context still gets one try")
		require.ElementsMatch(t, []string{"a", "2"}, []string{first, second})
		_, err = events.Next().Await(ctx)
		require.ErrorIs(t, err, context.Canceled)
		third := nrx.Recv()
		told = assertPending(t, third)
		require.NoError(t, numbers.TrySend(3))
		require.Equal(t, 1, told.count(), "the selector is in no wait queue")
	})
}

// The notification of a loser is passed on before the winner's function runs, however long
// that takes.
func TestALosersNotificationGoesOnBeforeTheWinnersFunction(t *testing.T) {
	first, rxFirst := async.Unbounded[int]()
	second, rxSecond := async.Unbounded[int]()
	var told interface{ count() int }
	heard := -1
	s := async.SelectBiased(
		async.On(rxFirst, func(int, error) int { heard = told.count(); return 1 }),
		async.On(rxSecond, func(int, error) int { return 2 }),
	)
	next := s.Next()
	assertPending(t, next)
	other := rxSecond.Clone().Recv()
	told = assertPending(t, other)
	require.NoError(t, second.TrySend(1)) // tells the selector, which stands before other
	require.Zero(t, told.count())
	require.NoError(t, first.TrySend(1))
	e, err := poll(t, next)
	require.NoError(t, err)
	require.Equal(t, 1, e)
	require.Equal(t, 1, heard)
	_, err = poll(t, other)
	require.NoError(t, err)
}

func TestABiasedSelectorTakesTheFirstAndAFairOneAny(t *testing.T) {
	numbers, nrx := async.Unbounded[int]()
	words, wrx := async.Unbounded[string]()
	const n = 200
	for i := range n {
		require.NoError(t, numbers.TrySend(i))
		require.NoError(t, words.TrySend("a"))
	}
	fair := async.Select(async.On(nrx, number), async.On(wrx, word))
	for range n / 2 {
		_, err := fair.Next().Await(t.Context())
		require.NoError(t, err)
	}
	require.Less(t, wrx.Len(), n)
	require.Less(t, nrx.Len(), n)
	left := wrx.Len()
	biased := async.SelectBiased(async.On(nrx, number), async.On(wrx, word))
	for nrx.Len() > 0 {
		_, err := biased.Next().Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, left, wrx.Len())
	}
}

// Selectors that compete for messages, from goroutines and from tasks, with rounds that
// are given up: each message is received exactly once.
func TestSelectorsThatCompeteLoseNothing(t *testing.T) {
	step := stall.Watch(t)
	rt, err := task.New(task.WithWorkers(2))
	require.NoError(t, err)
	n := testsize.Scaled(5_000)
	for _, capacity := range []int{0, 1, unbounded} {
		for _, ctx := range []context.Context{context.Background(), rt.Context(context.Background())} {
			atx, arx := open[int](capacity)
			btx, brx := open[int](capacity)
			var mu sync.Mutex
			seen := make([]int, 2*n)
			var wg sync.WaitGroup
			for i, tx := range []*async.Sender[int]{atx, btx} {
				wg.Go(func() {
					for v := range n {
						assert.NoError(t, tx.SendBlocking(i*n+v))
					}
					tx.Drop()
				})
			}
			for range 3 {
				value := func(v int, err error) int {
					if err != nil {
						return -1
					}
					return v
				}
				a, b := arx.Clone(), brx.Clone()
				events := async.Select(async.On(a, value), async.On(b, value))
				run := func(ctx context.Context) error {
					defer wg.Done()
					defer a.Drop()
					defer b.Drop()
					for {
						given := events.Next()
						cx, _ := newCx()
						v, ready, err := given.Poll(cx)
						if !ready {
							given.Drop()
							v, err = events.Next().Await(ctx)
						}
						if err != nil {
							assert.ErrorIs(t, err, async.ErrClosed)
							return nil
						}
						if v >= 0 {
							mu.Lock()
							seen[v]++
							mu.Unlock()
							step()
						}
					}
				}
				wg.Add(1)
				if ctx == context.Background() {
					go func() { _ = run(ctx) }()
				} else {
					task.Go(ctx, run).Drop()
				}
			}
			wg.Wait()
			for v, times := range seen {
				require.Equal(t, 1, times, "message %d, capacity %d", v, capacity)
			}
		}
	}
	require.NoError(t, rt.Shutdown(context.Background()))
}

func TestASelectorParksInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		numbers, nrx := async.Bounded[int](0)
		_, wrx := async.Unbounded[string]()
		events := async.Select(async.On(nrx, number), async.On(wrx, word))
		got := make(chan string)
		go func() {
			e, err := events.Next().Await(context.Background())
			assert.NoError(t, err)
			got <- e
		}()
		synctest.Wait()
		require.NoError(t, numbers.Send(7).Await(t.Context()))
		require.Equal(t, "7", <-got)
	})
}

func TestRoundsOfASelectorAllocateNothing(t *testing.T) {
	if testsize.Race {
		t.Skip("the race detector's own allocations are counted")
	}
	count := func(v int, err error) int { return v }
	for _, s := range scopes {
		t.Run(s.name, func(t *testing.T) {
			atx, arx := async.Unbounded[int]()
			_, brx := async.Unbounded[int]()
			events := async.Select(async.On(arx, count), async.On(brx, count))
			s.run(t, func(ctx context.Context) {
				step := func() {
					_ = atx.TrySend(1)
					_, _ = events.Next().Await(ctx)
				}
				step()
				assert.Zero(t, testing.AllocsPerRun(1000, step))
				cx, _ := newCx()
				step = func() { // with a wait
					next := events.Next()
					_, _, _ = next.Poll(cx)
					_ = atx.TrySend(1)
					_, _, _ = next.Poll(cx)
				}
				step()
				assert.Zero(t, testing.AllocsPerRun(1000, step))
			})
		})
	}
}

func BenchmarkSelect(b *testing.B) {
	count := func(v int, err error) int { return v }
	for _, arms := range []int{2, 8} {
		b.Run(fmt.Sprintf("arms=%d", arms), func(b *testing.B) {
			var txs []*async.Sender[int]
			var cases []async.Case[int]
			for range arms {
				tx, rx := async.Unbounded[int]()
				txs, cases = append(txs, tx), append(cases, async.On(rx, count))
			}
			events := async.Select(cases...)
			b.Run("ready", func(b *testing.B) {
				b.ReportAllocs()
				for i := range b.N {
					_ = txs[i%arms].TrySend(i)
					_, _ = events.Next().Await(context.Background())
				}
			})
			b.Run("polled", func(b *testing.B) {
				b.ReportAllocs()
				cx, _ := newCx()
				for i := range b.N {
					next := events.Next()
					_, _, _ = next.Poll(cx)
					_ = txs[i%arms].TrySend(i)
					_, _, _ = next.Poll(cx)
				}
			})
		})
	}
}
