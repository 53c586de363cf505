package async_test

import (
	"context"
	"fmt"

	"github.com/handoff-go/handoff/async"
)

// click is where the mouse was.
type click struct{ x, y int }

// One loop for events of different types: each becomes something to do.
func Example_eventHandling() {
	ctx := context.Background()
	keys, keysRx := async.Bounded[rune](0)
	clicks, clicksRx := async.Bounded[click](0)
	defer keysRx.Drop()
	defer clicksRx.Drop()
	go func() { // at capacity 0 a send ends when its message was received
		defer keys.Drop()
		defer clicks.Drop()
		_ = keys.SendBlocking('a')
		_ = clicks.SendBlocking(click{3, 4})
		_ = keys.SendBlocking('q')
	}()

	type handler func() (quit bool)
	events := async.Select(
		async.On(keysRx, func(key rune, err error) handler {
			return func() bool {
				fmt.Println("key", string(key), err)
				return key == 'q'
			}
		}),
		async.On(clicksRx, func(at click, err error) handler {
			return func() bool {
				fmt.Println("click at", at.x, at.y, err)
				return false
			}
		}),
	)
	for {
		handle, err := events.Next().Await(ctx)
		if err != nil || handle() {
			break // ctx or all channels have ended, or a handler wants to quit
		}
	}
	// Output:
	// key a <nil>
	// click at 3 4 <nil>
	// key q <nil>
}
