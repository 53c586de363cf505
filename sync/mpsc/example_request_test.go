package mpsc_test

import (
	"fmt"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// A question carries the sender for its answer.
type question struct {
	item   string
	answer *mpsc.SyncSender[int]
}

// ask waits for the answer, or for the news that there will be none.
func ask(shop *mpsc.Sender[question], item string) (price int, err error) {
	tx, rx := mpsc.SyncChannel[int](1) // room for the answer, so the shop never waits
	defer rx.Drop()
	if err := shop.Send(question{item, tx}); err != nil {
		return 0, err
	}
	return rx.Recv()
}

// Requests with a reply channel in each. The caller gets an error when there is no reply.
func Example_requestReply() {
	tx, rx := mpsc.Channel[question]()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		defer rx.Drop() // callers that still wait get an error, too
		prices := map[string]int{"tea": 3, "milk": 2}
		for q := range rx.All() {
			if price, ok := prices[q.item]; ok {
				_ = q.answer.Send(price)
			}
			q.answer.Drop() // the answer is complete, even without one
		}
	}()

	fmt.Println(ask(tx, "tea"))
	fmt.Println(ask(tx, "gold"))
	tx.Drop()
	<-closed
	// Output:
	// 3 <nil>
	// 0 handoff: channel closed
}
