package mpsc_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// The scenarios of the numbers table, each next to a native chan that is used in
// the same way. Compare inside one run:
//
//	go test -run='^$' -bench=. -count=10 -cpu=2 ./sync/mpsc | tee new.txt
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

type unboundedLink struct {
	tx *mpsc.Sender[uint64]
	rx *mpsc.Receiver[uint64]
}

func (l *unboundedLink) Send(v uint64)             { must(0, l.tx.Send(v)) }
func (l *unboundedLink) SendMany(vs []uint64)      { must(l.tx.SendMany(vs)) }
func (l *unboundedLink) Recv() uint64              { return must(l.rx.Recv()) }
func (l *unboundedLink) RecvMany(buf []uint64) int { return must(l.rx.RecvMany(buf)) }

type boundedLink struct {
	tx *mpsc.SyncSender[uint64]
	rx *mpsc.Receiver[uint64]
}

func (l *boundedLink) Send(v uint64)             { must(0, l.tx.Send(v)) }
func (l *boundedLink) SendMany(vs []uint64)      { must(l.tx.SendMany(vs)) }
func (l *boundedLink) Recv() uint64              { return must(l.rx.Recv()) }
func (l *boundedLink) RecvMany(buf []uint64) int { return must(l.rx.RecvMany(buf)) }

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

const unbounded = -1

func native(bound int) link {
	if bound == unbounded {
		bound = 128 // there is no unbounded chan
	}
	return &nativeLink{make(chan uint64, bound)}
}

func handoff(bound int) link {
	if bound == unbounded {
		tx, rx := mpsc.Channel[uint64]()
		return &unboundedLink{tx, rx}
	}
	tx, rx := mpsc.SyncChannel[uint64](bound)
	return &boundedLink{tx, rx}
}

func compare(b *testing.B, bound int, scenario func(b *testing.B, open func() link)) {
	for _, impl := range []struct {
		name string
		open func(int) link
	}{{"chan", native}, {"handoff", handoff}} {
		b.Run("impl="+impl.name, func(b *testing.B) {
			b.ReportAllocs()
			scenario(b, func() link { return impl.open(bound) })
		})
	}
}

func boundName(bound int) string {
	if bound == unbounded {
		return "bound=none"
	}
	return fmt.Sprintf("bound=%d", bound)
}

// BenchmarkSeq sends and receives on one goroutine.
func BenchmarkSeq(b *testing.B) {
	for _, bound := range []int{unbounded, 128} {
		b.Run(boundName(bound), func(b *testing.B) {
			compare(b, bound, func(b *testing.B, open func() link) {
				l := open()
				for i := range b.N {
					l.Send(uint64(i))
					l.Recv()
				}
			})
		})
	}
}

// BenchmarkProducers has several goroutines send to one.
func BenchmarkProducers(b *testing.B) {
	for _, bound := range []int{unbounded, 128} {
		for _, producers := range []int{1, 4, 16} {
			b.Run(fmt.Sprintf("%s/n=%d", boundName(bound), producers), func(b *testing.B) {
				compare(b, bound, func(b *testing.B, open func() link) {
					l := open()
					each := b.N/producers + 1
					var wg sync.WaitGroup
					for range producers {
						wg.Go(func() {
							for i := range each {
								l.Send(uint64(i))
							}
						})
					}
					for range each * producers {
						l.Recv()
					}
					wg.Wait()
				})
			})
		}
	}
}

// BenchmarkPingPong passes one message to and fro between two goroutines.
func BenchmarkPingPong(b *testing.B) {
	for _, bound := range []int{0, 1, unbounded} {
		b.Run(boundName(bound), func(b *testing.B) {
			compare(b, bound, func(b *testing.B, open func() link) {
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

const batch = 64

// BenchmarkBatchSeq moves batches on one goroutine.
func BenchmarkBatchSeq(b *testing.B) {
	for _, bound := range []int{unbounded, 128} {
		b.Run(boundName(bound), func(b *testing.B) {
			compare(b, bound, func(b *testing.B, open func() link) {
				l := open()
				buf := make([]uint64, batch)
				for i := 0; i < b.N; i += batch {
					l.SendMany(buf)
					for n := 0; n < batch; {
						n += l.RecvMany(buf[n:])
					}
				}
			})
		})
	}
}

// BenchmarkBatchCross moves batches between two goroutines.
func BenchmarkBatchCross(b *testing.B) {
	for _, bound := range []int{unbounded, 128} {
		b.Run(boundName(bound), func(b *testing.B) {
			compare(b, bound, func(b *testing.B, open func() link) {
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
