package task_test

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/panjf2000/ants/v2"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

func benchRuntime(b *testing.B) context.Context {
	b.Helper()
	rt, err := task.New()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = rt.Shutdown(context.Background()) })
	return rt.Context(context.Background())
}

// BenchmarkBurst is a thousand short tasks at a time; ns/op is for one of them.
func BenchmarkBurst(b *testing.B) {
	const n = 1000
	b.Run("impl=go", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; i < b.N; i += n {
			var wg sync.WaitGroup
			wg.Add(n)
			for range n {
				go wg.Done()
			}
			wg.Wait()
		}
	})
	b.Run("impl=ants", func(b *testing.B) {
		pool, err := ants.NewPool(-1)
		if err != nil {
			b.Fatal(err)
		}
		defer pool.Release()
		b.ReportAllocs()
		for i := 0; i < b.N; i += n {
			var wg sync.WaitGroup
			wg.Add(n)
			f := wg.Done
			for range n {
				if err := pool.Submit(f); err != nil {
					b.Fatal(err)
				}
			}
			wg.Wait()
		}
	})
	// What the memory of the handles costs, which their owners keep: no runtime can be
	// faster.
	b.Run("impl=memory", func(b *testing.B) {
		b.ReportAllocs()
		handles := make([]*task.JoinHandle[int], n)
		for i := 0; i < b.N; i += n {
			for j := range handles {
				handles[j] = new(task.JoinHandle[int])
			}
		}
	})
	for _, kind := range []string{"polled", "function"} {
		b.Run("impl="+kind, func(b *testing.B) {
			ctx := benchRuntime(b)
			b.ReportAllocs()
			for i := 0; i < b.N; i += n {
				var wg sync.WaitGroup
				wg.Add(n)
				f := finisher{&wg}
				for range n {
					if kind == "polled" {
						task.SpawnFuture[int](ctx, f)
					} else {
						task.Spawn(ctx, f.run)
					}
				}
				wg.Wait()
			}
		})
	}
}

// finisher is a future that is ready at its first poll.
type finisher struct{ wg *sync.WaitGroup }

func (f finisher) Poll(*future.Context) (int, bool, error) { f.wg.Done(); return 0, true, nil }
func (f finisher) Drop()                                   {}
func (f finisher) run(context.Context) (int, error)        { f.wg.Done(); return 0, nil }

// BenchmarkSpawnAwait starts a function and waits for its result.
func BenchmarkSpawnAwait(b *testing.B) {
	one := func(context.Context) (int, error) { return 1, nil }
	b.Run("impl=go", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			ch := make(chan int)
			go func() { ch <- 1 }()
			<-ch
		}
	})
	b.Run("impl=outside", func(b *testing.B) {
		ctx := benchRuntime(b)
		b.ReportAllocs()
		for range b.N {
			_, _ = task.Spawn(ctx, one).Await(ctx)
		}
	})
	b.Run("impl=inside", func(b *testing.B) {
		ctx := benchRuntime(b)
		b.ReportAllocs()
		_, _ = task.BlockOn(ctx, func(ctx context.Context) (int, error) {
			for range b.N {
				_, _ = task.Spawn(ctx, one).Await(ctx)
			}
			return 0, nil
		})
	})
}

// Poll implements future.Future: it is ready each time that the cell was full.
func (c *cell) Poll(cx *future.Context) (int, bool, error) { return 0, c.take(cx), nil }

// Drop implements future.Future.
func (c *cell) Drop() {}

// BenchmarkAwaitPingPong passes a ball between two function tasks that await.
func BenchmarkAwaitPingPong(b *testing.B) {
	ctx := benchRuntime(b)
	var to, fro cell
	player := func(from, into *cell) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			for range b.N {
				_, _ = future.Await(ctx, future.Future[int](from))
				into.put()
			}
			return 0, nil
		}
	}
	b.ReportAllocs()
	a, c := task.Spawn(ctx, player(&to, &fro)), task.Spawn(ctx, player(&fro, &to))
	to.put()
	_, _ = a.Await(ctx)
	_, _ = c.Await(ctx)
}

// cell holds a ball that two polled tasks pass to each other.
type cell struct {
	mu    sync.Mutex
	full  bool
	waker future.Waker
}

func (c *cell) put() {
	c.mu.Lock()
	c.full = true
	w := c.waker
	c.waker = nil
	c.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

func (c *cell) take(cx *future.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.full {
		c.full = false
		return true
	}
	c.waker = cx.Waker()
	return false
}

// BenchmarkPingPong passes a ball to and fro.
func BenchmarkPingPong(b *testing.B) {
	b.Run("impl=go", func(b *testing.B) {
		to, fro := make(chan int, 1), make(chan int, 1)
		go func() {
			for v := range to {
				fro <- v
			}
			close(fro)
		}()
		for range b.N {
			to <- 1
			<-fro
		}
		close(to)
	})
	b.Run("impl=polled", func(b *testing.B) {
		ctx := benchRuntime(b)
		var to, fro cell
		player := func(from, into *cell, n int) future.Future[int] {
			return future.PollFunc(func(cx *future.Context) (int, bool, error) {
				for from.take(cx) {
					if n--; n < 0 {
						return 0, true, nil
					}
					into.put()
				}
				return 0, false, nil
			})
		}
		b.ReportAllocs()
		a := task.SpawnFuture(ctx, player(&to, &fro, b.N))
		task.SpawnFuture(ctx, player(&fro, &to, b.N))
		to.put()
		_, _ = a.Await(ctx)
	})
}

// BenchmarkBlockOn runs a function as a task on the goroutine that it is called on.
func BenchmarkBlockOn(b *testing.B) {
	one := func(context.Context) (int, error) { return 1, nil }
	b.Run("impl=outside", func(b *testing.B) {
		ctx := benchRuntime(b)
		b.ReportAllocs()
		for range b.N {
			_, _ = task.BlockOn(ctx, one)
		}
	})
	b.Run("impl=inside", func(b *testing.B) {
		ctx := benchRuntime(b)
		b.ReportAllocs()
		_, _ = task.BlockOn(ctx, func(ctx context.Context) (int, error) {
			for range b.N {
				_, _ = task.BlockOn(ctx, one)
			}
			return 0, nil
		})
	})
}

// BenchmarkBlocking starts blocking work and waits for its result.
func BenchmarkBlocking(b *testing.B) {
	one := func(context.Context) (int, error) { return 1, nil }
	ctx := benchRuntime(b)
	b.ReportAllocs()
	for range b.N {
		_, _ = task.SpawnBlocking(ctx, one).Await(ctx)
	}
}

// BenchmarkGoroutines starts a function and waits for it, each time on a goroutine that was
// not seen before.
func BenchmarkGoroutines(b *testing.B) {
	one := func(context.Context) (int, error) { return 1, nil }
	ctx := benchRuntime(b)
	done := make(chan struct{})
	b.ReportAllocs()
	for range b.N {
		go func() {
			_, _ = task.Spawn(ctx, one).Await(ctx)
			done <- struct{}{}
		}()
		<-done
	}
}

// BenchmarkWaiting reports the memory of one that waits: its stack and its part of the heap.
// Each row needs a process of its own, because Go adapts the stacks of new goroutines to those
// that it has seen.
func BenchmarkWaiting(b *testing.B) {
	const n = 20_000
	weigh := func(b *testing.B, begin func(ctx context.Context, gate future.Future[int]) any) {
		for b.Loop() {
			rt, err := task.New()
			if err != nil {
				b.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&before)
			kept := make([]any, n)
			ctx := rt.Context(context.Background())
			for i := range kept {
				_, f := future.NewPromise[int]()
				kept[i] = begin(ctx, f)
			}
			for s := rt.Stats(); s.Running+s.Ready > 0; s = rt.Stats() {
				runtime.Gosched()
			}
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.StackInuse-before.StackInuse)/n, "stack-B")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "heap-B")
			runtime.KeepAlive(kept)
			_ = rt.Shutdown(context.Background())
		}
	}
	b.Run("impl=go", func(b *testing.B) {
		weigh(b, func(context.Context, future.Future[int]) any {
			c := make(chan int, 1)
			go func() { <-c }()
			b.Cleanup(func() { close(c) })
			return c
		})
	})
	b.Run("impl=function", func(b *testing.B) {
		weigh(b, func(ctx context.Context, f future.Future[int]) any {
			return task.Go(ctx, func(ctx context.Context) error { _, err := future.Await(ctx, f); return err })
		})
	})
	b.Run("impl=polled", func(b *testing.B) {
		weigh(b, func(ctx context.Context, f future.Future[int]) any { return task.SpawnFuture(ctx, f) })
	})
}
