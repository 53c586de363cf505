package async

import (
	"reflect"
	"runtime"
	"sync/atomic"
	"time"
	"weak"

	"github.com/handoff-go/handoff/internal/channel"
	"github.com/handoff-go/handoff/internal/leak"
)

// slots is the leak record of a Permit or of Permits: the slots to release if they are leaked.
type slots[T any] struct {
	leak.Record
	c    weak.Pointer[channel.Chan[T]]
	left atomic.Int64
}

// track registers p: if it is collected while it has slots, of which it has n now, that is
// reported and the slots are released.
func track[P, T any](p *P, tx *Sender[T], kind string, n int) {
	s := &slots[T]{c: weak.Make(tx.c)}
	s.left.Store(int64(n))
	leak.Track(p, s, kind, reflect.TypeFor[T](), &tx.h)
}

// Replace implements [leak.Tracked].
func (s *slots[T]) Replace() func() {
	c := s.c.Value()
	if c == nil {
		return nil
	}
	return func() { c.Release(int(s.left.Load())) }
}

// Look implements [leak.Tracked]. It does nothing: the records of the handles examine the
// channel.
func (*slots[T]) Look(time.Time) (waits bool, wrong *leak.Suspicion) { return false, nil }

// lessPermits records that one of p, which are tracked, was used.
func lessPermits[T any](p *Permits[T]) {
	s, ok := leak.Find(p).(*slots[T])
	if ok && s.left.Add(-1) == 0 {
		leak.Forget(p)
	}
	runtime.KeepAlive(p) // otherwise the slot that is being used may be released as well
}
