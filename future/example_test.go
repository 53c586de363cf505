package future_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handoff-go/handoff/future"
)

// A value that another goroutine provides, and a limit for the wait.
func Example() {
	p, answer := future.NewPromise[int]()
	go func() {
		defer p.Drop() // if it returns early, the Await fails with ErrDropped
		p.Resolve(6 * 7)
	}()
	fmt.Println(future.Await(context.Background(), future.Timeout(time.Minute, answer)))
	// Output: 42 <nil>
}

func ExampleAwait() {
	p, f := future.NewPromise[string]()
	go p.Resolve("hello")
	v, err := future.Await(context.Background(), f)
	fmt.Println(v, err)

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = future.Await(ctx, future.Pending[string]())
	fmt.Println(err)
	// Output:
	// hello <nil>
	// context deadline exceeded
}

// A worker that keeps the promise to tell what came of its work.
func ExampleNewPromise() {
	p, answer := future.NewPromise[int]()
	go func() {
		defer p.Drop() // if it returns early, the Await fails with ErrDropped
		p.Resolve(6 * 7)
	}()
	fmt.Println(future.Await(context.Background(), answer))

	q, broken := future.NewPromise[int]()
	q.Drop()
	_, err := future.Await(context.Background(), broken)
	fmt.Println(errors.Is(err, future.ErrDropped))
	// Output:
	// 42 <nil>
	// true
}

// The wait for one promise goes through many rounds. Without Borrow the first round that
// it loses would drop it.
func ExampleBorrow() {
	ctx := context.Background()
	p, stop := future.NewPromise[string]()
	defer stop.Drop()
	for n := 1; ; n++ {
		if n == 3 {
			p.Resolve("stop")
		}
		won, err := future.Await(ctx, future.RaceBiased(future.Borrow(stop), future.Ready("work")))
		fmt.Println(won.Value, err)
		if err != nil || won.Index == 0 {
			break
		}
	}
	// Output:
	// work <nil>
	// work <nil>
	// stop <nil>
}

// Futures of two types race once they are mapped to one.
func ExampleRace() {
	type event struct {
		line string
		tick time.Time
	}
	p, line := future.NewPromise[string]()
	p.Resolve("a line")
	winner, err := future.Await(context.Background(), future.Race(
		future.Map(line, func(s string) event { return event{line: s} }),
		future.Map(future.After(time.Hour), func(t time.Time) event { return event{tick: t} }),
	))
	fmt.Println(winner.Index, winner.Value.line, err)
	// Output: 0 a line <nil>
}

// A list in which the first that is ready wins.
func ExampleRaceBiased() {
	winner, err := future.Await(context.Background(), future.RaceBiased(
		future.Pending[string](),
		future.Ready("the cache"),
		future.Ready("the network"),
	))
	fmt.Println(winner.Index, winner.Value, err)
	// Output: 1 the cache <nil>
}

func ExampleTimeout() {
	_, err := future.Await(context.Background(), future.Timeout(time.Millisecond, future.Pending[int]()))
	fmt.Println(errors.Is(err, future.ErrTimeout))

	// What is ready beats what has expired: a timeout of 0 is one try.
	fmt.Println(future.Await(context.Background(), future.Timeout(0, future.Ready(7))))
	// Output:
	// true
	// 7 <nil>
}

func ExampleJoinAll() {
	results, _ := future.Await(context.Background(), future.JoinAll(
		future.Ready(1),
		future.Fail[int](errors.New("no luck")),
		future.Ready(3),
	))
	for i, r := range results {
		fmt.Println(i, r.Value, r.Err)
	}
	// Output:
	// 0 1 <nil>
	// 1 0 no luck
	// 2 3 <nil>
}

func ExampleChan() {
	p, f := future.NewPromise[string]()
	quit := make(chan struct{})
	go p.Resolve("done")
	select {
	case r := <-future.Chan(f):
		fmt.Println(r.Value, r.Err)
	case <-quit:
		fmt.Println("quit")
	}
	// Output: done <nil>
}

// Two values of different types.
func ExampleJoin2() {
	both, err := future.Await(context.Background(), future.Join2(
		future.Ready("gopher"),
		future.Ready(42),
	))
	fmt.Println(both.A, both.B, err)
	// Output: gopher 42 <nil>
}

// All or the first error, which drops the rest.
func ExampleTryJoinAll() {
	p, slow := future.NewPromise[int]()
	_, err := future.Await(context.Background(), future.TryJoinAll(
		future.Ready(1),
		slow,
		future.Fail[int](errors.New("no luck")),
	))
	fmt.Println(err)
	fmt.Println("still wanted:", p.Resolve(3))
	// Output:
	// no luck
	// still wanted: false
}

// One step after the other, without a goroutine that waits in between.
func ExampleThen() {
	price := func(item string) future.Future[int] {
		if item == "tea" {
			return future.Ready(3)
		}
		return future.Fail[int](fmt.Errorf("no %s today", item))
	}
	order := func(item string) future.Future[string] {
		paid := future.Then(future.Ready(item), func(_ context.Context, item string) future.Future[int] { return price(item) })
		return future.Map(paid, func(n int) string { return fmt.Sprint("that makes ", n) })
	}
	fmt.Println(future.Await(context.Background(), order("tea")))
	_, err := future.Await(context.Background(), order("gold"))
	fmt.Println(err)
	// Output:
	// that makes 3 <nil>
	// no gold today
}

func ExampleAfter() {
	begin := time.Now()
	at, err := future.Await(context.Background(), future.After(time.Millisecond))
	fmt.Println(at.Sub(begin) >= time.Millisecond, err)
	// Output: true <nil>
}

// A future of one's own: it says no twice, and asks to be polled again.
func ExamplePollFunc() {
	polls := 0
	third := future.PollFunc(func(cx *future.Context) (int, bool, error) {
		if polls++; polls < 3 {
			cx.Waker().Wake() // otherwise it would not be polled again
			return 0, false, nil
		}
		return polls, true, nil
	})
	fmt.Println(future.Await(context.Background(), third))
	// Output: 3 <nil>
}

// The goroutine that computes the value learns that the future was dropped.
func ExamplePromise_Done() {
	p, answer := future.NewPromise[int]()
	answer.Drop()
	select {
	case <-p.Done():
		fmt.Println("no need to go on:", p.Resolve(42))
	case <-time.After(time.Hour): // the work
	}
	// Output: no need to go on: false
}
