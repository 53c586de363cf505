package leak

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// Check tracks handles until end is called, and collects their leaks instead of logging them.
// end runs the garbage collector and returns the leaks of all open checks, and an error if it
// gave up before every cleanup had run: then leaks may be missing. Both must be called
// outside of synctest bubbles.
func Check() (end func() ([]Leak, error)) {
	SwitchOn()
	mu.Lock()
	if checks == 0 {
		since = serials
	}
	checks++
	mu.Unlock()
	return func() ([]Leak, error) {
		err := Collect()
		SwitchOff()
		mu.Lock()
		defer mu.Unlock()
		checks--
		leaks := found
		found = nil
		return leaks, err
	}
}

// maxRounds bounds how often Collect collects. A handle that keeps another one alive takes
// a round.
const maxRounds = 100

// Patience is how long Collect waits while no cleanup ends. Cleanups are user code too, and
// one that blocks may hold up all others. A test changes it.
var Patience = 10 * time.Second

// holding is locked while a look refers to channels, and so to their handles, which a
// collection at that moment would not find.
var holding sync.Mutex

// Collect collects garbage and waits until the handles in it are reported, and those that
// became garbage by that. It returns an error if it gave up before.
func Collect() error {
	for range maxRounds {
		before := Count()
		holding.Lock()
		runtime.GC()
		holding.Unlock()
		if err := awaitCleanups(); err != nil {
			return err
		}
		if Count() == before {
			return nil
		}
	}
	return fmt.Errorf("gave up after %d collections, and each has found more leaks: some may be missing", maxRounds)
}

// awaitCleanups waits until all queued cleanups have run, and the handles that they found are
// reported and dropped. It gives up only after Patience without progress, and has no limit for
// the whole wait, because a busy machine may need long.
func awaitCleanups() error {
	last, moved := progress(), time.Now()
	for last.left() {
		time.Sleep(10 * time.Microsecond)
		now := progress()
		if now != last {
			last, moved = now, time.Now()
		}
		if time.Since(moved) > Patience {
			return fmt.Errorf("gave up, because no cleanup of the collector has ended in %v and %d are left: leaks may be missing", Patience, last.queued-min(last.queued, last.executed))
		}
	}
	return nil
}

// counts is the progress of the cleanups.
type counts struct {
	queued, executed, leaks uint64
	draining                bool
}

func (c counts) left() bool { return c.executed < c.queued || c.draining }

func progress() counts {
	cleanups := []metrics.Sample{{Name: "/gc/cleanups/executed:cleanups"}, {Name: "/gc/cleanups/queued:cleanups"}}
	metrics.Read(cleanups)
	mu.Lock()
	defer mu.Unlock()
	return counts{executed: cleanups[0].Value.Uint64(), queued: cleanups[1].Value.Uint64(), leaks: Count(), draining: draining}
}
