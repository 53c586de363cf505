package leak

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// Check tracks handles and keeps their leaks from the logger, until the function that it
// returns is called. That collects garbage and returns the leaks, of all checks that are
// under way. Both must be called outside of synctest bubbles.
func Check() (end func() []Leak) {
	SwitchOn()
	mu.Lock()
	if checks == 0 {
		since = serials
	}
	checks++
	mu.Unlock()
	return func() []Leak {
		Settle()
		SwitchOff()
		mu.Lock()
		defer mu.Unlock()
		checks--
		leaks := found
		found = nil
		return leaks
	}
}

// maxRounds bounds how often Settle collects; a handle that keeps another one alive
// takes a round.
const maxRounds = 10

// Settle collects garbage and waits until the handles in it are reported, and those that
// became garbage by that.
func Settle() {
	for range maxRounds {
		before := Count()
		runtime.GC()
		await(drained)
		if Count() == before {
			return
		}
	}
}

// patience is how long cleanups may take. Somebody else's may take for ever.
const patience = time.Second

func await(cond func() bool) {
	for end := time.Now().Add(patience); !cond() && time.Now().Before(end); {
		time.Sleep(10 * time.Microsecond)
	}
}

// drained reports whether all cleanups have run that the collector has found, and what
// they put into lost was ended.
func drained() bool {
	cleanups := []metrics.Sample{{Name: "/gc/cleanups/executed:cleanups"}, {Name: "/gc/cleanups/queued:cleanups"}}
	metrics.Read(cleanups)
	mu.Lock()
	defer mu.Unlock()
	return cleanups[0].Value.Uint64() >= cleanups[1].Value.Uint64() && !draining
}
