package async_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/handoff-go/handoff/async"
)

// One loop over two channels of different types, until both have ended. Chance decides
// between them when both have something.
func ExampleSelect() {
	ctx := context.Background()
	names, nrx := async.Unbounded[string]()
	sizes, srx := async.Unbounded[int]()
	_ = names.TrySend("gopher")
	_ = sizes.TrySend(42)
	names.Drop()
	sizes.Drop()

	letters, sum, ends := 0, 0, 0
	events := async.Select(
		async.On(nrx, func(name string, err error) error { letters += len(name); return err }),
		async.On(srx, func(n int, err error) error { sum += n; return err }),
	)
	for {
		end, err := events.Next().Await(ctx)
		if errors.Is(err, async.ErrClosed) {
			break // both have ended
		}
		if err != nil {
			return // of ctx
		}
		if end != nil {
			ends++ // one of them has
		}
	}
	fmt.Println(letters, sum, ends)
	// Output: 6 42 2
}

// A channel of orders that must not wait behind the work.
func ExampleSelectBiased() {
	ctx := context.Background()
	orders, orx := async.Unbounded[string]()
	work, wrx := async.Unbounded[int]()
	for i := range 3 {
		_ = work.TrySend(i)
	}
	_ = orders.TrySend("stop")

	next := async.SelectBiased(
		async.On(orx, func(order string, err error) string { return order }),
		async.On(wrx, func(n int, err error) string { return fmt.Sprint("work ", n) }),
	)
	for range 3 {
		e, _ := next.Next().Await(ctx)
		fmt.Println(e)
	}
	orders.Drop()
	work.Drop()
	// Output:
	// stop
	// work 0
	// work 1
}
