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

// slots is the record of a permit, or of permits: what to give back in their place.
type slots[T any] struct {
	leak.Record
	c    weak.Pointer[channel.Chan[T]]
	left atomic.Int64
}

// track has p reported, and its n slots given back, if it is collected while it has some.
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

// Look implements [leak.Tracked]. The handles of the channel have looked at it.
func (*slots[T]) Look(time.Time) (waits bool, wrong *leak.Suspicion) { return false, nil }

// lessPermits is told that one of p, which are tracked, was used.
func lessPermits[T any](p *Permits[T]) {
	s, ok := leak.Find(p).(*slots[T])
	if ok && s.left.Add(-1) == 0 {
		leak.Forget(p)
	}
	runtime.KeepAlive(p) // otherwise the slot that is being used may be given back too
}
