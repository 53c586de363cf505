package remote

import (
	"sync"
	"time"
)

// startHeartbeat calls beat after every interval, from a goroutine of a timer, until it
// returns false or stop is called. beat returns whether to go on, and its error.
//
// A beat that failed is repeated after a tenth of the interval. Its message has an ack wait of
// three intervals: if the failures waited for an interval each, an outage of more than two
// thirds of an ack wait would leave none, although the connection is back in time.
//
// stop returns at once. It does not wait for a beat that has begun.
func startHeartbeat(interval time.Duration, beat func() (again bool, err error)) (stop func()) {
	var mu sync.Mutex
	var timer *time.Timer
	stopped := false
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(interval, func() {
		again, err := beat() // without the lock: it writes to the connection
		mu.Lock()
		defer mu.Unlock()
		switch {
		case stopped || !again:
		case err != nil:
			timer.Reset(interval / 10)
		default:
			timer.Reset(interval)
		}
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		stopped = true
		timer.Stop()
	}
}
