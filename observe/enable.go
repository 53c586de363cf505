package observe

import (
	"fmt"
	"slices"
	"sync"

	"github.com/handoff-go/handoff/internal/probe"
)

// Options say how much is recorded.
type Options struct {
	// Events is how many of the latest events are kept, for [Events] and the diagrams.
	// With 0 none are recorded, only the counts of [Snapshot].
	Events int

	// Label returns a short text for a message, which is then put into its event and in
	// diagrams. Without it the contents of messages are never looked at. It is called by
	// the sender for each message while events are recorded, by many at the same time, and
	// must not use the channel. A label is cut after about 200 bytes.
	Label func(message any) string
}

// enabled are the recordings that were switched on and not yet off, the latest last.
var enabled struct {
	sync.Mutex
	all  []*Options
	ring int // the room for events that the ring was made with, or 0
}

// Enable switches recording on, for the channels and tasks that are made from now on, until
// stop is called, which may be called more than once. What was made before is not seen.
// What was made in that time stays in snapshots afterwards as long as it is in use; its events
// are not recorded any more. It panics if Events is negative.
//
// Several may be on at once, as when a test switches it on in a program that does so too.
// Then events are recorded if any of them wants events, in a ring as large as the largest
// wants, and the latest that has a Label names the messages. While a ring is in use it is
// kept, and a larger one replaces it, without the events before.
func Enable(o Options) (stop func()) {
	if o.Events < 0 {
		panic(fmt.Sprintf("observe: Enable with room for %d events", o.Events))
	}
	enabled.Lock()
	defer enabled.Unlock()
	if len(enabled.all) == 0 {
		probe.ForgetEnded()
	}
	enabled.all = append(enabled.all, &o)
	adjust()
	return sync.OnceFunc(func() {
		enabled.Lock()
		defer enabled.Unlock()
		enabled.all = slices.DeleteFunc(enabled.all, func(other *Options) bool { return other == &o })
		adjust()
	})
}

// adjust sets what the recordings that are on want together. Under enabled.
func adjust() {
	var label func(any) string
	size := 0
	for _, o := range enabled.all {
		size = max(size, o.Events)
		if o.Label != nil {
			label = o.Label
		}
	}
	probe.SetLabel(label)
	switch {
	case size > 0:
		if size > enabled.ring {
			probe.Set(probe.Events, size)
			enabled.ring = size
		}
		return
	case len(enabled.all) > 0:
		probe.Set(probe.Counts, 0)
	default:
		probe.Set(probe.Off, 0)
	}
	enabled.ring = 0
}

// Name names the calling goroutine in snapshots and diagrams, which else show its number;
// the goroutine of main is called main. It works also while nothing is recorded. The name
// of a task is that of its spawn. The name lasts until undo, which gives back the one
// before, or until there are more than some ten thousand names that were looked at since.
//
//	defer observe.Name("collector")()
func Name(name string) (undo func()) { return probe.Name(name) }
