package task

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

// nodes counts what is in the tree below its root, by kind.
func (rt *Runtime) nodes() map[kind]int {
	n := make(map[kind]int)
	rt.mu.Lock()
	defer rt.mu.Unlock()
	for t := rt.root.after(&rt.root); t != nil; t = t.after(&rt.root) {
		n[t.kind]++
	}
	return n
}

// family is a task that spawns others of its kind below it, to the given depth and width,
// and ends when its name is called.
func family(ctx context.Context, depth, width int, ends map[int][]*future.Promise[int]) {
	p, f := future.NewPromise[int]()
	ends[depth] = append(ends[depth], p)
	h := Spawn(ctx, func(ctx context.Context) (int, error) {
		if depth > 0 {
			for range width {
				family(ctx, depth-1, width, ends)
			}
		}
		return future.Await(ctx, f)
	})
	h.Drop()
}

// However tasks end before what they spawned, what is left of them is less than what
// lives, and a Cancel of the first still reaches the last.
func TestFinishedTasksLeaveFewerNodesThanLiveOnes(t *testing.T) {
	for name, order := range map[string][]int{
		"parents first":  {6, 5, 4, 3, 2},
		"children first": {2, 3, 4, 5},
		"mixed":          {4, 2, 5, 3},
	} {
		for _, width := range []int{1, 2} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					rt, err := New(WithWorkers(1))
					require.NoError(t, err)
					above, cancel := context.WithCancel(rt.Context(context.Background()))
					defer cancel()
					ends := make(map[int][]*future.Promise[int])
					top, finish := future.NewPromise[int]()
					defer top.Drop()
					first := Spawn(above, func(ctx context.Context) (int, error) {
						family(ctx, 6, width, ends)
						return future.Await(context.WithoutCancel(ctx), finish)
					})
					synctest.Wait()
					for _, depth := range order {
						for _, p := range ends[depth] {
							p.Resolve(0)
							synctest.Wait()
							n := rt.nodes()
							assert.Less(t, n[finished], n[function])
						}
					}
					if width == 1 {
						assert.Zero(t, rt.nodes()[finished], "a chain leaves nothing")
					}
					first.Cancel()
					synctest.Wait()
					assert.Equal(t, map[kind]int{function: 1, source: 1}, rt.nodes(), "the first one alone is left")
					top.Resolve(0)
					synctest.Wait()
					assert.Empty(t, rt.nodes())
					require.NoError(t, rt.Shutdown(context.Background()))
				})
			})
		}
	}
}

// nested awaits a task that awaits a task ..., each under a context with one more value.
func nested(ctx context.Context, depth int, at func(ctx context.Context)) (int, error) {
	if depth == 0 {
		at(ctx)
		return 0, nil
	}
	ctx = context.WithValue(ctx, stamp{}, depth)
	return Spawn(ctx, func(ctx context.Context) (int, error) { return nested(ctx, depth-1, at) }).Await(ctx)
}

// However deep tasks are nested under contexts with values, the context that ends them is
// one step away, and so is the source that they wait below.
func TestNestedTasksUnderValuesFindTheirEndInOneStep(t *testing.T) {
	rt, err := New(WithWorkers(1))
	require.NoError(t, err)
	above, cancel := context.WithCancel(rt.Context(context.Background()))
	defer cancel()
	const depth = 100
	_, err = BlockOn(above, func(ctx context.Context) (int, error) {
		return nested(ctx, depth, func(ctx context.Context) {
			assert.NoError(t, Sleep(ctx, time.Millisecond))
			rt.mu.Lock()
			defer rt.mu.Unlock()
			n := 0
			for k := rt.root.after(&rt.root); k != nil; k = k.after(&rt.root) {
				if k.kind == function {
					n++
					assert.Equal(t, above, endOf(k.base))
					assert.True(t, k.has(subscribed))
				}
			}
			assert.Equal(t, depth+1, n)
		})
	})
	require.NoError(t, err)
	require.NoError(t, rt.Shutdown(context.Background()))
}

// Three times as deep is three times the work, or nine times where each looks at all the
// values above it, but not 27 times.
func TestNestedTasksUnderValuesCostNoMoreThanALookAtEachValue(t *testing.T) {
	rt, err := New(WithWorkers(1))
	require.NoError(t, err)
	above, cancel := context.WithCancel(rt.Context(context.Background()))
	defer cancel()
	best := func(depth int) time.Duration {
		least := time.Hour
		for range 5 {
			begin := time.Now()
			_, err := BlockOn(above, func(ctx context.Context) (int, error) { return nested(ctx, depth, func(context.Context) {}) })
			require.NoError(t, err)
			least = min(least, time.Since(begin))
		}
		return least
	}
	small, large := best(400), best(1200)
	assert.Less(t, float64(large)/float64(small), 15.0, "%v, then %v", small, large)
	require.NoError(t, rt.Shutdown(context.Background()))
}

func TestAMapOfManySourcesIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := New(WithWorkers(1))
		require.NoError(t, err)
		ctx, stop := context.WithCancel(rt.Context(context.Background()))
		for range 10 * sourcesKept {
			own, cancel := context.WithCancel(ctx)
			defer cancel()
			SpawnFuture(own, future.Pending[int]()).Drop()
		}
		synctest.Wait()
		assert.Len(t, rt.sources, 10*sourcesKept)
		assert.Equal(t, 10*sourcesKept, rt.sourcesPeak)
		stop()
		synctest.Wait()
		assert.Empty(t, rt.sources)
		assert.Zero(t, rt.sourcesPeak, "it is another map")
		require.NoError(t, rt.Shutdown(context.Background()))
	})
}
