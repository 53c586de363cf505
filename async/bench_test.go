package async_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// The scenarios of package mpsc, and several receivers, each next to a native chan that is
// used in the same way. Compare inside one run:
//
//	go test -run='^$' -bench=. -count=10 -cpu=2 ./async | tee new.txt
//	benchstat -col /impl new.txt
//
// All times are per message, or per round trip in the ping-pongs.

// link is a channel as a benchmark uses it.
type link interface {
	Send(v uint64)
	Recv() uint64
	SendMany(vs []uint64)
	RecvMany(buf []uint64) int
}

type nativeLink struct{ ch chan uint64 }

func (l *nativeLink) Send(v uint64) { l.ch <- v }
func (l *nativeLink) Recv() uint64  { return <-l.ch }
func (l *nativeLink) SendMany(vs []uint64) {
	for _, v := range vs {
		l.ch <- v
	}
}

func (l *nativeLink) RecvMany(buf []uint64) int {
	for i := range buf {
		buf[i] = <-l.ch
	}
	return len(buf)
}

type asyncLink struct {
	tx *async.Sender[uint64]
	rx *async.Receiver[uint64]
}

var background = context.Background()

func (l *asyncLink) Send(v uint64)             { must(0, l.tx.Send(v).Await(background)) }
func (l *asyncLink) SendMany(vs []uint64)      { must(l.tx.SendMany(vs).Await(background)) }
func (l *asyncLink) Recv() uint64              { return must(l.rx.Recv().Await(background)) }
func (l *asyncLink) RecvMany(buf []uint64) int { return must(l.rx.RecvMany(buf).Await(background)) }

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func native(capacity int) link {
	if capacity == unbounded {
		capacity = 128 // there is no unbounded chan
	}
	return &nativeLink{make(chan uint64, capacity)}
}

func handoff(capacity int) link {
	tx, rx := open[uint64](capacity)
	return &asyncLink{tx, rx}
}

func compare(b *testing.B, capacity int, scenario func(b *testing.B, open func() link)) {
	for _, impl := range []struct {
		name string
		open func(int) link
	}{{"chan", native}, {"handoff", handoff}} {
		b.Run("impl="+impl.name, func(b *testing.B) {
			b.ReportAllocs()
			scenario(b, func() link { return impl.open(capacity) })
		})
	}
}

// BenchmarkSeq sends and receives on one goroutine.
func BenchmarkSeq(b *testing.B) {
	for _, capacity := range []int{unbounded, 128} {
		b.Run(capacityName(capacity), func(b *testing.B) {
			compare(b, capacity, func(b *testing.B, open func() link) {
				l := open()
				for i := range b.N {
					l.Send(uint64(i))
					l.Recv()
				}
			})
		})
	}
}

// cross has producers send to consumers.
func cross(b *testing.B, l link, producers, consumers int) {
	each := (b.N/(producers*consumers) + 1) * consumers
	var wg sync.WaitGroup
	for range producers {
		wg.Go(func() {
			for i := range each {
				l.Send(uint64(i))
			}
		})
	}
	for range consumers {
		wg.Go(func() {
			for range each * producers / consumers {
				l.Recv()
			}
		})
	}
	wg.Wait()
}

// BenchmarkProducers has several goroutines send to one.
func BenchmarkProducers(b *testing.B) {
	for _, capacity := range []int{unbounded, 128} {
		for _, producers := range []int{1, 4} {
			b.Run(fmt.Sprintf("%s/n=%d", capacityName(capacity), producers), func(b *testing.B) {
				compare(b, capacity, func(b *testing.B, open func() link) { cross(b, open(), producers, 1) })
			})
		}
	}
}

// BenchmarkMPMC has four goroutines send to four.
func BenchmarkMPMC(b *testing.B) {
	for _, capacity := range []int{unbounded, 128, 1, 0} {
		b.Run(capacityName(capacity), func(b *testing.B) {
			compare(b, capacity, func(b *testing.B, open func() link) { cross(b, open(), 4, 4) })
		})
	}
}

// BenchmarkBatchCross moves batches of 64 between two goroutines.
func BenchmarkBatchCross(b *testing.B) {
	const batch = 64
	for _, capacity := range []int{unbounded, 128} {
		b.Run(capacityName(capacity), func(b *testing.B) {
			compare(b, capacity, func(b *testing.B, open func() link) {
				l := open()
				total := (b.N + batch - 1) / batch * batch
				var wg sync.WaitGroup
				wg.Go(func() {
					vs := make([]uint64, batch)
					for range total / batch {
						l.SendMany(vs)
					}
				})
				buf := make([]uint64, batch)
				for n := 0; n < total; {
					n += l.RecvMany(buf[:min(batch, total-n)])
				}
				wg.Wait()
			})
		})
	}
}

// BenchmarkPingPong passes one message to and fro between two goroutines.
func BenchmarkPingPong(b *testing.B) {
	for _, capacity := range []int{0, 1, unbounded} {
		b.Run(capacityName(capacity), func(b *testing.B) {
			compare(b, capacity, func(b *testing.B, open func() link) {
				ping, pong := open(), open()
				var wg sync.WaitGroup
				wg.Go(func() {
					for range b.N {
						pong.Send(ping.Recv())
					}
				})
				for i := range b.N {
					ping.Send(uint64(i))
					pong.Recv()
				}
				wg.Wait()
			})
		})
	}
}

// BenchmarkTaskPingPong is the same between two tasks, polled ones and function tasks;
// the baseline is two goroutines over two channels of capacity 1.
func BenchmarkTaskPingPong(b *testing.B) {
	b.Run("impl=chan", func(b *testing.B) {
		ping, pong := make(chan uint64, 1), make(chan uint64, 1)
		var wg sync.WaitGroup
		wg.Go(func() {
			for range b.N {
				pong <- <-ping
			}
		})
		for i := range b.N {
			ping <- uint64(i)
			<-pong
		}
		wg.Wait()
	})
	b.Run("impl=polled", func(b *testing.B) {
		rt := must(task.New(task.WithWorkers(2)))
		ctx := rt.Context(background)
		ping, prx := async.Bounded[uint64](1)
		pong, qrx := async.Bounded[uint64](1)
		b.ReportAllocs()
		b.ResetTimer()
		echo := task.SpawnFuture(ctx, async.ForEach(prx, func(_ context.Context, v uint64) error {
			return pong.TrySend(v)
		}))
		n := 0
		done := task.SpawnFuture(ctx, async.ForEach(qrx, func(_ context.Context, v uint64) error {
			if n++; n >= b.N {
				ping.Drop()
				pong.Drop()
				return nil
			}
			return ping.TrySend(v)
		}))
		must(0, ping.TrySend(1))
		must(done.Await(background))
		must(echo.Await(background))
		b.StopTimer()
		must(0, rt.Shutdown(background))
	})
	b.Run("impl=function", func(b *testing.B) {
		rt := must(task.New(task.WithWorkers(2)))
		ctx := rt.Context(background)
		ping, prx := async.Bounded[uint64](1)
		pong, qrx := async.Bounded[uint64](1)
		b.ReportAllocs()
		b.ResetTimer()
		echo := task.Go(ctx, func(ctx context.Context) error {
			for range b.N {
				must(0, pong.Send(must(prx.Recv().Await(ctx))).Await(ctx))
			}
			return nil
		})
		other := task.Go(ctx, func(ctx context.Context) error {
			for i := range b.N {
				must(0, ping.Send(uint64(i)).Await(ctx))
				must(qrx.Recv().Await(ctx))
			}
			return nil
		})
		must(echo.Await(background))
		must(other.Await(background))
		b.StopTimer()
		must(0, rt.Shutdown(background))
	})
}

// BenchmarkPolledHop is a message to a receive that is polled, without any task: what
// this package adds to a switch between two polled tasks.
func BenchmarkPolledHop(b *testing.B) {
	tx, rx := async.Bounded[uint64](1)
	each := async.ForEach(rx, func(context.Context, uint64) error { return nil })
	cx := future.NewContext(background, new(counter))
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = each.Poll(cx)
		_ = tx.TrySend(1)
	}
}

// BenchmarkPermit reserves a slot and sends into it.
func BenchmarkPermit(b *testing.B) {
	tx, rx := async.Bounded[uint64](128)
	b.ReportAllocs()
	for b.Loop() {
		p := must(tx.Reserve().Await(background))
		must(0, p.Send(1))
		must(rx.TryRecv())
	}
}

// BenchmarkOpen makes a channel and ends it.
func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		tx, rx := async.Unbounded[uint64]()
		tx.Drop()
		rx.Drop()
	}
}
