package leak

import (
	"log/slog"
	"runtime"
	"time"

	"github.com/handoff-go/handoff/internal/bubble"
)

// A program that hangs does not allocate, so the garbage collector does not run, and a leaked
// handle that goroutines wait for is found only by the collection that the runtime forces every
// two minutes. So while handles are tracked, a look follows some time after a handle was made
// or dropped: it checks whether anything waits on a channel, and if so runs the collector.
//
// Looks are a chain of [time.AfterFunc], so that there is no goroutine between them. The
// chain ends when no handle was made or dropped for about a minute. It must end: while a
// timer is pending, the runtime does not report "all goroutines are asleep". The forced
// collections continue after it.
//
// Handles made in a synctest bubble start no chain. A timer made there belongs to the
// bubble, and a bubble whose goroutines all wait is reported by synctest itself.

const (
	firstLook = 500 * time.Millisecond // after a handle was made or dropped
	lastLook  = 32 * time.Second       // the longest interval; they double

	// share bounds what looking costs: an interval is at least so many times as long as
	// the look before it, with its collection.
	share = 100
)

// Under mu.
var (
	armed    bool          // a look is pending or running
	changed  bool          // a handle was made or dropped since the last look began
	interval time.Duration // before the latest look of the chain, or 0 for its first
)

// noteChange schedules a look, unless one is pending. The caller holds mu.
func noteChange() {
	changed = true
	if armed || mode.Load() <= 0 || bubble.Inside() {
		return
	}
	armed = true
	time.AfterFunc(firstLook, look)
}

// look examines the channels of all handles, runs the collector if anything waits on one, logs
// suspicions, and schedules the next look.
func look() {
	begin := time.Now()
	mu.Lock()
	if changed {
		interval = 0
	}
	changed = false
	all := make([]Tracked, 0, len(live))
	for _, t := range live {
		if !t.Base().bubbled {
			all = append(all, t)
		}
	}
	mu.Unlock()

	waits := false
	var wrong []*Suspicion
	holding.Lock()
	for _, t := range all { // without mu: it takes locks of channels
		w, s := t.Look(begin)
		waits = waits || w
		if s != nil {
			wrong = append(wrong, s)
		}
	}
	holding.Unlock()
	if waits {
		runtime.GC()
	}
	if len(wrong) > 0 {
		go func() {
			for _, s := range wrong {
				s.log()
			}
		}()
	}

	mu.Lock()
	defer mu.Unlock()
	interval = nextInterval(interval, changed)
	armed = mode.Load() > 0 && len(all) > 0 && interval > 0
	if armed {
		time.AfterFunc(max(interval, share*time.Since(begin)), look)
	}
}

// nextInterval returns the interval after the next look, which follows that after last. It
// is 0 if none follows, and the first one again after a change.
func nextInterval(last time.Duration, changed bool) time.Duration {
	switch {
	case changed || last == 0:
		return firstLook
	case 2*last > lastLook:
		return 0
	}
	return 2 * last
}

// Suspicion is a wait that may never end: the goroutine that waits has made every handle
// that could end its wait, and no other goroutine has used one of them.
type Suspicion struct {
	Waits  string // "receive" or "send"
	Record *Record
	Count  int // how many handles there are; Record is of one of them
}

func (s *Suspicion) log() {
	text := "handoff: a goroutine waits in a receive, and every sender that is left was made by it and used by no other goroutine; " +
		"if no other goroutine has one, a Drop is missing and the wait never ends"
	if s.Waits == "send" {
		text = "handoff: a goroutine waits in a send, and every receiver was made by it and used by no other goroutine; " +
			"if no other goroutine has one, it sends to itself and the wait never ends"
	}
	l := s.Record.leak(false)
	warn(text, slog.String("handle", l.Handle),
		slog.String("message", l.Message),
		slog.String("created", l.Site()),
		slog.String("by", l.Function),
		slog.Int("handles", s.Count))
}
