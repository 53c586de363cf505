package future_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/handoff-go/handoff/future"
)

// An Await of what is ready, which is a poll and the way to it.
func BenchmarkAwaitReady(b *testing.B) {
	var f future.Future[int] = always{}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = future.Await(ctx, f)
	}
}

// turns is ready at every second poll, and the waker of the first is given to another
// goroutine, which calls it.
type turns struct {
	wakers chan future.Waker
	polls  int
}

func (f *turns) Poll(cx *future.Context) (int, bool, error) {
	if f.polls++; f.polls%2 == 0 {
		return 7, true, nil
	}
	f.wakers <- cx.Waker()
	return 0, false, nil
}

func (f *turns) Drop() {}

// An Await that parks, by itself and in a select with its context.
func BenchmarkAwaitParked(b *testing.B) {
	for name, ctx := range map[string]context.Context{"background": context.Background(), "cancelable": b.Context()} {
		b.Run(name, func(b *testing.B) {
			f := &turns{wakers: make(chan future.Waker)}
			done := make(chan struct{})
			go func() {
				defer close(done)
				for w := range f.wakers {
					w.Wake()
				}
			}()
			b.ReportAllocs()
			for b.Loop() {
				_, _ = future.Await(ctx, future.Future[int](f))
			}
			close(f.wakers)
			<-done
		})
	}
}

// Combinators of members that are ready, made and awaited.
func BenchmarkCombinatorReady(b *testing.B) {
	ctx := context.Background()
	var f future.Future[int] = always{}
	fn := func(v int) int { return v }
	next := func(context.Context, int) future.Future[int] { return f }
	for _, c := range []struct {
		name string
		run  func()
	}{
		{"Map", func() { _, _ = future.Await(ctx, future.Map(f, fn)) }},
		{"Then", func() { _, _ = future.Await(ctx, future.Then(f, next)) }},
		{"Join2", func() { _, _ = future.Await(ctx, future.Join2(f, f)) }},
		{"Timeout", func() { _, _ = future.Await(ctx, future.Timeout(time.Hour, f)) }},
		{"Borrow", func() { _, _ = future.Await(ctx, future.Borrow(f)) }},
		{"Promise", func() {
			p, f := future.NewPromise[int]()
			p.Resolve(1)
			_, _ = future.Await(ctx, f)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.run()
			}
		})
	}
}

// never is pending at every poll, and as cheap as that can be.
type never struct{}

func (never) Poll(*future.Context) (v int, ready bool, err error) { return }
func (never) Drop()                                               {}

func BenchmarkGroup(b *testing.B) {
	ctx := context.Background()
	for _, n := range []int{2, 8, 100} {
		ready := make([]future.Future[int], n)
		idle := make([]future.Future[int], n)
		for i := range n {
			ready[i], idle[i] = always{}, never{}
		}
		idle[n-1] = always{}
		b.Run(fmt.Sprintf("JoinAll/ready/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = future.Await(ctx, future.JoinAll(ready...))
			}
		})
		b.Run(fmt.Sprintf("Race/ready/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = future.Await(ctx, future.Race(ready...))
			}
		})
		b.Run(fmt.Sprintf("Race/idle/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = future.Await(ctx, future.Race(idle...))
			}
		})
		b.Run(fmt.Sprintf("Race/woken/n=%d", n), func(b *testing.B) {
			ps, fs := probes(n)
			f := future.Race(fs...)
			cx, _ := newCx()
			_, _, _ = f.Poll(cx)
			b.ReportAllocs()
			for b.Loop() {
				ps[0].nudge()
				_, _, _ = f.Poll(cx)
			}
			f.Drop()
		})
	}
}
