package future_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/handoff-go/handoff/future"
)

// setAlarm calls w after d, unless it is stopped.
type setAlarm func(d time.Duration, cx *future.Context, fn func()) (stop func())

var alarmKinds = []struct {
	name string
	set  setAlarm
}{
	{"After", func(d time.Duration, cx *future.Context, _ func()) func() {
		f := future.After(d)
		_, _, _ = f.Poll(cx)
		return f.Drop
	}},
	{"AfterFunc", func(d time.Duration, _ *future.Context, fn func()) func() {
		t := time.AfterFunc(d, fn)
		return func() { t.Stop() }
	}},
}

func BenchmarkAlarmDropped(b *testing.B) {
	cx, _ := newCx()
	for _, standing := range []int{0, 100_000} {
		for _, routines := range []int{1, 4} {
			for _, kind := range alarmKinds {
				b.Run(fmt.Sprintf("standing=%d/goroutines=%d/%s", standing, routines, kind.name), func(b *testing.B) {
					stops := make([]func(), standing)
					for i := range stops {
						stops[i] = kind.set(time.Hour+time.Duration(i*7919%standing), cx, func() {})
					}
					b.ReportAllocs()
					b.ResetTimer()
					var wg sync.WaitGroup
					for range routines {
						wg.Go(func() {
							for range b.N / routines {
								kind.set(time.Hour, cx, func() {})()
							}
						})
					}
					wg.Wait()
					b.StopTimer()
					for _, stop := range stops {
						stop()
					}
				})
			}
		}
	}
}

// One at a time: the time from the deadline to the wake-up.
func BenchmarkAlarmRings(b *testing.B) {
	for _, kind := range alarmKinds {
		b.Run(kind.name, func(b *testing.B) {
			const d = 50 * time.Microsecond
			rung := make(chan struct{}, 1)
			ring := func() { rung <- struct{}{} }
			cx := future.NewContext(context.Background(), wakerFunc(ring))
			for b.Loop() {
				kind.set(d, cx, ring)
				<-rung
			}
			b.ReportMetric(float64(b.Elapsed()-time.Duration(b.N)*d)/float64(b.N), "ns-late/op")
		})
	}
}

// Many with one deadline: what one costs to set and, from the deadline on, to ring.
func BenchmarkAlarmsRingAtOnce(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		for _, kind := range alarmKinds {
			b.Run(fmt.Sprintf("n=%d/%s", n, kind.name), func(b *testing.B) {
				var left atomic.Int64
				var most atomic.Int64
				done := make(chan struct{}, 1)
				ring := func() {
					switch k := left.Add(-1); {
					case k == 0:
						done <- struct{}{}
					case k%1000 == 0:
						most.Store(max(most.Load(), int64(runtime.NumGoroutine())))
					}
				}
				cx := future.NewContext(context.Background(), wakerFunc(ring))
				var set, rung time.Duration
				for b.Loop() {
					runtime.GC()
					left.Store(int64(n))
					start := time.Now()
					deadline := start.Add(time.Duration(n) * 2 * time.Microsecond)
					for range n {
						kind.set(time.Until(deadline), cx, ring)
					}
					set += time.Since(start)
					if left.Load() != int64(n) {
						b.Fatal("too slow: rang before all were set")
					}
					<-done
					rung += time.Since(deadline)
				}
				all := float64(n) * float64(b.N)
				sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
				metrics.Read(sample)
				b.ReportMetric(float64(set)/all, "ns-to-set")
				b.ReportMetric(float64(rung)/all, "ns-to-ring")
				b.ReportMetric(float64(most.Load()), "goroutines")
				b.ReportMetric(float64(sample[0].Value.Uint64())/1e6, "MB-stacks")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
