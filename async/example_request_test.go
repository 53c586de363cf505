package async_test

import (
	"context"
	"fmt"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// A question carries the promise of its answer.
type question struct {
	item  string
	reply *future.Promise[int]
}

// ask waits for the answer, for the news that there will be none, or for a second.
func ask(ctx context.Context, shop *async.Sender[question], item string) (price int, err error) {
	reply, answer := future.NewPromise[int]()
	if err := shop.Send(question{item, reply}).Await(ctx); err != nil {
		return 0, err
	}
	return future.Await(ctx, future.Timeout(time.Second, answer))
}

// Requests with a promise in each, and a shop that needs no goroutine between them.
func Example_requestReply() {
	ctx := context.Background()
	tx, rx := async.Bounded[question](8)
	prices := map[string]int{"tea": 3, "milk": 2}
	shop := task.SpawnFuture(ctx, async.ForEach(rx, func(_ context.Context, q question) error {
		defer q.reply.Drop() // the caller gets an error when there is no answer
		if price, ok := prices[q.item]; ok {
			q.reply.Resolve(price)
		}
		return nil
	}))

	fmt.Println(ask(ctx, tx, "tea"))
	fmt.Println(ask(ctx, tx, "gold"))
	tx.Drop()
	_, err := shop.Await(ctx)
	fmt.Println("closed:", err)
	// Output:
	// 3 <nil>
	// 0 handoff: handle dropped
	// closed: <nil>
}
