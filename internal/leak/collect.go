package leak

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// The collector runs all cleanups of the process on a few goroutines, which must not be
// held up. So a cleanup only puts the record into lost. A goroutine that exists as long
// as there is something in it ends the handles, and another one tells the logger, which
// is somebody else's code and may wait for what is still to be ended.

var (
	count atomic.Uint64

	// Under mu.
	lost     []Tracked // collected, still to be ended and reported
	draining bool      // a goroutine does that
	checks   int       // how many want to see leaks instead of the logger
	since    uint64    // the serial of the last handle made before the first of them
	found    []Leak    // for them
)

// Count returns how many handles were found leaked since the program started.
func Count() uint64 { return count.Load() }

// collected is the cleanup.
func collected(t Tracked) {
	mu.Lock()
	if key := t.Base().key; live[key] == t {
		delete(live, key)
	}
	lost = append(lost, t)
	start := !draining
	draining = true
	mu.Unlock()
	if start {
		go drain()
	}
}

func drain() {
	for {
		mu.Lock()
		batch := lost
		lost = nil
		draining = len(batch) > 0
		mu.Unlock()
		if len(batch) == 0 {
			return
		}
		end(batch)
	}
}

// end disconnects the handles of a batch and reports them.
func end(batch []Tracked) {
	var toLog []Leak
	for _, t := range batch {
		r := t.Base()
		// A goroutine of a bubble that is woken from outside ends the process, and so
		// does a channel of the bubble that is closed from there.
		l := r.leak(!r.bubbled && disconnect(t))
		count.Add(1)
		mu.Lock()
		if checks > 0 && r.serial > since {
			found = append(found, l)
		} else {
			toLog = append(toLog, l)
		}
		mu.Unlock()
	}
	if len(toLog) > 0 {
		go log(toLog)
	}
}

// disconnect ends the handle on a goroutine of its own: that calls wakers, and messages
// that are discarded, which are somebody else's code. A panic of theirs has no caller to
// go to, so it is logged; it must not end the process of somebody who looks for leaks.
func disconnect(t Tracked) (done bool) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			if v := recover(); v != nil {
				slog.Error("handoff: a panic while the channel of a leaked handle was told", slog.Any("panic", v)) //nolint:sloglint // there is no context
			}
		}()
		done = t.Disconnect()
	}()
	<-ended
	return done
}

func log(leaks []Leak) {
	for _, l := range leaks {
		slog.LogAttrs(context.Background(), slog.LevelWarn, "handoff: a handle was garbage and had not been dropped",
			slog.String("handle", l.Handle),
			slog.String("message", l.Message),
			slog.String("created", l.Site()),
			slog.String("by", l.Function),
			slog.Bool("disconnected", l.Disconnected))
	}
}
