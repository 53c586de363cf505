package mpsc_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// BenchmarkWake sends to a receiver that has slept for some time. ns/op is of no use here: p50-ns
// is the median of the time until the receiver has the message.
func BenchmarkWake(b *testing.B) {
	for _, pause := range []time.Duration{0, 10 * time.Microsecond, 100 * time.Microsecond, 3 * time.Millisecond} {
		b.Run(fmt.Sprintf("pause=%v/impl=chan", pause), func(b *testing.B) {
			ch, heard := make(chan time.Time), make(chan time.Duration, 1)
			go func() {
				for t := range ch {
					heard <- time.Since(t)
				}
			}()
			defer close(ch)
			wakes(b, pause, heard, func(t time.Time) { ch <- t })
		})
		b.Run(fmt.Sprintf("pause=%v/impl=handoff", pause), func(b *testing.B) {
			tx, rx := mpsc.Channel[time.Time]()
			heard := make(chan time.Duration, 1)
			go func() {
				defer rx.Drop()
				for t := range rx.All() {
					heard <- time.Since(t)
				}
			}()
			defer tx.Drop()
			wakes(b, pause, heard, func(t time.Time) { _ = tx.Send(t) })
		})
	}
}

func wakes(b *testing.B, pause time.Duration, heard <-chan time.Duration, send func(time.Time)) {
	took := make([]time.Duration, b.N)
	for i := range took {
		time.Sleep(pause)
		send(time.Now())
		took[i] = <-heard
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
}
