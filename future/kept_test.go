package future_test

import (
	"context"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/future"
)

// big is a waker and a value that a test looks for in the heap.
type big struct{ _ [1 << 10]byte }

func (*big) Wake() {}

// What is over keeps neither the waker of its last poll nor the futures it was made of,
// also while it is itself kept.
func TestAFutureThatIsOverKeepsNothing(t *testing.T) {
	pending := func() future.Future[int] { _, f := future.NewPromise[int](); return f }
	for name, build := range map[string]func() interface {
		Drop()
		Poll(cx *future.Context) (any, bool, error)
	}{
		"promise": func() poller { return erase(pending()) },
		"Map":     func() poller { return erase(future.Map(pending(), func(v int) int { return v })) },
		"Then": func() poller {
			return erase(future.Then(pending(), func(context.Context, int) future.Future[int] { return pending() }))
		},
		"Join2":      func() poller { return erase(future.Join2(pending(), pending())) },
		"JoinAll":    func() poller { return erase(future.JoinAll(pending(), pending())) },
		"TryJoinAll": func() poller { return erase(future.TryJoinAll(pending(), pending())) },
		"Race":       func() poller { return erase(future.Race(pending(), pending())) },
		"Timeout":    func() poller { return erase(future.Timeout(time.Hour, pending())) },
		"After":      func() poller { return erase(future.After(time.Hour)) },
		"Borrow":     func() poller { return erase(future.Borrow(pending())) },
	} {
		f := build()
		waker := func() weak.Pointer[big] {
			w := new(big)
			_, ready, _ := f.Poll(future.NewContext(context.Background(), w))
			assert.False(t, ready, name)
			f.Drop()
			return weak.Make(w)
		}()
		for range 5 {
			runtime.GC()
		}
		assert.Nil(t, waker.Value(), "%s keeps the waker of its last poll", name)
		runtime.KeepAlive(f)
	}
}

type poller = interface {
	Drop()
	Poll(cx *future.Context) (any, bool, error)
}

type erased[T any] struct{ future.Future[T] }

func (e erased[T]) Poll(cx *future.Context) (any, bool, error) { return e.Future.Poll(cx) }

func erase[T any](f future.Future[T]) poller { return erased[T]{f} }

// A join that is borrowed for round after round polls the members that were woken, and not
// all of them for each new context.
func TestARoundOfABorrowedJoinPollsOnlyWhatWasWoken(t *testing.T) {
	const members, rounds = 50, 20
	polls := 0
	var fs []future.Future[int]
	for range members {
		_, f := future.NewPromise[int]()
		fs = append(fs, counted{f, &polls})
	}
	join := future.JoinAll(fs...)
	defer join.Drop()
	for range rounds {
		_, ready, _ := future.Race(future.Borrow(future.Map(future.Borrow(join), func([]future.Result[int]) int { return 1 })), future.Pending[int]()).
			Poll(future.NewContext(context.Background(), new(big)))
		assert.False(t, ready)
	}
	assert.Equal(t, members, polls)
}
