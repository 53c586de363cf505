package async

import (
	"reflect"
	"runtime"
	"sync/atomic"
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

// Disconnect implements [leak.Tracked].
func (s *slots[T]) Disconnect() bool {
	c := s.c.Value()
	if c != nil {
		c.Release(int(s.left.Load()))
	}
	return c != nil
}

// lessPermits is told that one of p, which are tracked, was used.
func lessPermits[T any](p *Permits[T]) {
	s, ok := leak.Find(p).(*slots[T])
	if ok && s.left.Add(-1) == 0 {
		leak.Forget(p)
	}
	runtime.KeepAlive(p) // otherwise the slot that is being used may be given back too
}
