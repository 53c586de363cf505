package mpsc_test

import (
	"fmt"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// A name says in a log which channel a handle belongs to.
func ExampleNamed() {
	tx, rx := mpsc.SyncChannel[string](8, mpsc.Named("orders"))
	defer tx.Drop()
	defer rx.Drop()
	fmt.Println(tx)
	// Output:
	// mpsc.SyncSender "orders"(buffered 0, capacity 8, senders 1, receivers 1)
}
