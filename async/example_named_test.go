package async_test

import (
	"fmt"

	"github.com/handoff-go/handoff/async"
)

// A name says in a log which channel a handle belongs to.
func ExampleNamed() {
	tx, rx := async.Unbounded[string](async.Named("orders"))
	defer tx.Drop()
	defer rx.Drop()
	fmt.Println(rx)
	// Output:
	// async.Receiver "orders"(buffered 0, unbounded, senders 1, receivers 1)
}
