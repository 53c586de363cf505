package async_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// Workers that share a queue: each job goes to one of them.
func Example_taskDistribution() {
	ctx := context.Background()
	jobs, queue := async.Bounded[int](4)
	results, squares := async.Unbounded[int]()
	for range 3 {
		rx, tx := queue.Clone(), results.Clone()
		go func() {
			defer rx.Drop()
			defer tx.Drop()
			for n := range rx.All(ctx) {
				_ = tx.Send(n * n).Await(ctx)
			}
		}()
	}
	queue.Drop() // the workers have handles of their own
	results.Drop()

	_, _ = jobs.SendMany([]int{1, 2, 3, 4, 5}).Await(ctx)
	jobs.Drop() // no more jobs: the workers end, and with the last one the results
	sum := 0
	for n := range squares.All(ctx) {
		sum += n
	}
	fmt.Println(sum)
	// Output: 55
}

// A full channel holds its senders up.
func ExampleBounded() {
	ctx := context.Background()
	tx, rx := async.Bounded[int](2)
	defer rx.Drop()
	fmt.Println(tx.Send(1).Await(ctx), tx.Send(2).Await(ctx))
	fmt.Println(errors.Is(tx.TrySend(3), async.ErrFull))
	// Output:
	// <nil> <nil>
	// true
}

// No more from now on, but what is there is wanted.
func ExampleReceiver_Close() {
	ctx := context.Background()
	tx, rx := async.Unbounded[string]()
	_, _ = tx.SendMany([]string{"one", "two"}).Await(ctx)
	fmt.Println(rx.Close())
	fmt.Println(tx.TrySend("three"))
	for v := range rx.All(ctx) {
		fmt.Println(v)
	}
	// Output:
	// true
	// send: handoff: channel closed
	// one
	// two
}

// A batch takes what is there, and waits only if that is nothing.
func ExampleReceiver_RecvMany() {
	ctx := context.Background()
	tx, rx := async.Unbounded[int]()
	_, _ = tx.SendMany([]int{1, 2, 3, 4, 5}).Await(ctx)
	tx.Drop()
	buf := make([]int, 3)
	for {
		n, err := rx.RecvMany(buf).Await(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(buf[:n])
	}
	// Output:
	// [1 2 3]
	// [4 5]
	// handoff: channel closed
}

// Room for all or for none, so that a group of messages is never half sent.
func ExampleSender_ReserveMany() {
	ctx := context.Background()
	tx, rx := async.Bounded[string](3)
	permits, err := tx.ReserveMany(2).Await(ctx)
	if err != nil {
		return
	}
	defer permits.Drop()
	_ = tx.TrySend("another sender's")
	_, _ = permits.Send("debit"), permits.Send("credit") // cannot find the channel full
	fmt.Println(permits.Len(), rx.Len())

	_, err = tx.ReserveMany(4).Await(ctx)
	fmt.Println(errors.Is(err, async.ErrCapacity))
	// Output:
	// 0 3
	// true
}

// Work that ends early when the last receiver was dropped.
func ExampleSender_Closed() {
	ctx := context.Background()
	tx, rx := async.Bounded[int](1)
	_, result := future.NewPromise[int]() // of work that takes long
	go rx.Drop()
	winner, err := future.Await(ctx, future.Race(
		future.Map(result, func(n int) string { return fmt.Sprint("result ", n) }),
		future.Map(tx.Closed(), func(struct{}) string { return "no receiver is left" }),
	))
	fmt.Println(winner.Value, err)
	// Output: no receiver is left <nil>
}
