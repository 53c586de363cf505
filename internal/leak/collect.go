package leak

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// The collector runs all cleanups of the process on a few goroutines, which must not be
// held up. So a cleanup only puts the record into lost. A goroutine that exists as long as
// there is something in it reports the handles, and then drops them.

var (
	count atomic.Uint64

	// Under mu.
	lost     []Tracked // collected, still to be reported and dropped
	draining bool      // a goroutine does that
	checks   int       // how many checks are open
	since    uint64    // the serial of the last handle made before the first open check
	found    []Leak    // for the open checks
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

// end reports the handles of a batch and then drops them. Not the other way round: a drop
// wakes waiting goroutines, and the program may end with the last of them, before the leak is
// logged.
func end(batch []Tracked) {
	var toLog []Leak
	drops := make([]func(), 0, len(batch))
	for _, t := range batch {
		r := t.Base()
		var drop func()
		if !r.bubbled {
			// A goroutine of a bubble that is woken from outside ends the process, and so
			// does a channel of the bubble that is closed from there.
			drop = t.Replace()
		}
		l := r.leak(drop != nil)
		count.Add(1)
		mu.Lock()
		if checks > 0 && r.serial > since {
			found = append(found, l)
		} else {
			toLog = append(toLog, l)
		}
		mu.Unlock()
		if drop != nil {
			drops = append(drops, drop)
		}
	}
	if len(toLog) > 0 {
		logFirst(toLog)
	}
	for _, drop := range drops {
		apart(drop)
	}
}

// apart calls drop on a goroutine of its own and waits for it. drop calls wakers and
// Discarded of messages, which are user code. A panic in there has no caller that could
// recover it, so it is logged; it must not end a process that only looks for leaks.
func apart(drop func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			if v := recover(); v != nil {
				warn("handoff: panic while a leaked handle was dropped", slog.Any("panic", v))
			}
		}()
		drop()
	}()
	<-ended
}

// logPatience is how long drops wait for the logger. Its handler is user code, and may wait
// for a channel whose handle is still to be dropped.
const logPatience = time.Second

// logging is how many batches are being logged.
var logging atomic.Int32

// logFirst logs leaks on a goroutine of its own, and returns when that is done or has taken
// logPatience. It does not wait while a batch before is still being logged: a handler that
// has blocked for that long most likely blocks again.
func logFirst(leaks []Leak) {
	blocked := logging.Add(1) > 1
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		defer logging.Add(-1)
		for _, l := range leaks {
			l.log()
		}
	}()
	if blocked {
		return
	}
	timer := time.NewTimer(logPatience)
	defer timer.Stop()
	select {
	case <-logged:
	case <-timer.C:
	}
}

// log logs l to the default logger.
func (l Leak) log() {
	warn("handoff: a handle was garbage and had not been dropped",
		slog.String("handle", l.Handle),
		slog.String("message", l.Message),
		slog.String("created", l.Site()),
		slog.String("by", l.Function),
		slog.Bool("disconnected", l.Disconnected))
}

// warn calls the default logger. If its handler panics, that must not end the process: the
// text is written to standard error.
func warn(text string, attrs ...slog.Attr) {
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintf(os.Stderr, "%s %v (logged here, because the handler of the logger has panicked with a %T)\n", text, attrs, v)
		}
	}()
	slog.LogAttrs(context.Background(), slog.LevelWarn, text, attrs...)
}
