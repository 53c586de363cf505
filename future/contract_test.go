package future_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

// subject is a future of any type, with what makes it ready.
type subject struct {
	poll     func(cx *future.Context) (any, bool, error)
	drop     func()
	complete func() // beside completing its members; may be nil
}

func of[T any](f future.Future[T]) subject {
	return subject{
		poll: func(cx *future.Context) (any, bool, error) {
			v, ready, err := f.Poll(cx)
			return v, ready, err
		},
		drop: f.Drop,
	}
}

func (s subject) by(complete func()) subject {
	s.complete = complete
	return s
}

// family makes the members of a subject and remembers them.
type family []*probe

func (k *family) next() future.Future[int] {
	p := new(probe)
	*k = append(*k, p)
	return p
}

func (k *family) complete(err error) {
	for _, p := range *k {
		if !p.completed {
			p.complete(1, err)
		}
	}
}

const hour = time.Hour

var contract = []struct {
	name string
	make func(k *family) subject
}{
	{"Ready", func(*family) subject { return of(future.Ready(7)) }},
	{"Fail", func(*family) subject { return of(future.Fail[int](errBoom)) }},
	{"Pending", func(*family) subject { return of(future.Pending[int]()) }},
	{"PollFunc", func(*family) subject {
		inner := new(probe)
		return of(future.PollFunc(inner.Poll)).by(func() { inner.complete(7, nil) })
	}},
	{"PromiseResolved", func(*family) subject {
		p, f := future.NewPromise[int]()
		return of(f).by(func() { p.Resolve(7) })
	}},
	{"PromiseRejected", func(*family) subject {
		p, f := future.NewPromise[int]()
		return of(f).by(func() { p.Reject(errBoom) })
	}},
	{"PromiseDropped", func(*family) subject {
		p, f := future.NewPromise[int]()
		return of(f).by(p.Drop)
	}},
	{"After", func(*family) subject {
		return of(future.After(hour)).by(func() { time.Sleep(hour); synctest.Wait() })
	}},
	{"Borrow", func(*family) subject {
		inner := new(probe) // not in the family, for a Drop must not reach it
		return of(future.Borrow[int](inner)).by(func() { inner.complete(7, nil) })
	}},
	{"Map", func(k *family) subject {
		return of(future.Map(k.next(), func(int) string { return "x" }))
	}},
	{"Then", func(k *family) subject {
		return of(future.Then(k.next(), func(context.Context, int) future.Future[int] { return k.next() }))
	}},
	{"Join2", func(k *family) subject { return of(future.Join2(k.next(), k.next())) }},
	{"Join3", func(k *family) subject { return of(future.Join3(k.next(), k.next(), k.next())) }},
	{"JoinAll", func(k *family) subject { return of(future.JoinAll(k.next(), k.next(), k.next())) }},
	{"JoinAllOfNone", func(*family) subject { return of(future.JoinAll[int]()) }},
	{"TryJoinAll", func(k *family) subject { return of(future.TryJoinAll(k.next(), k.next(), k.next())) }},
	{"TryJoinAllOfNone", func(*family) subject { return of(future.TryJoinAll[int]()) }},
	{"Race", func(k *family) subject { return of(future.Race(k.next(), k.next(), k.next())) }},
	{"RaceBiased", func(k *family) subject { return of(future.RaceBiased(k.next(), k.next(), k.next())) }},
	{"Timeout", func(k *family) subject { return of(future.Timeout(hour, k.next())) }},
	{"TimeoutExpired", func(k *family) subject {
		return of(future.Timeout(hour, future.Race(k.next(), future.Pending[int]()))).
			by(func() { time.Sleep(hour); synctest.Wait() })
	}},
}

// conform runs a test over all futures, each in a bubble of its own.
func conform(t *testing.T, test func(t *testing.T, name string, s subject, k *family)) {
	t.Helper()
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := new(family)
				test(t, c.name, c.make(k), k)
			})
		})
	}
}

func assertOver(t *testing.T, s subject, cx *future.Context, want error) {
	t.Helper()
	v, ready, err := s.poll(cx)
	assert.True(t, ready)
	assert.ErrorIs(t, err, want)
	assert.Zero(t, v)
}

func TestAFutureCompletesOnceAndThenIsConsumed(t *testing.T) {
	for _, result := range []error{nil, errBoom} {
		conform(t, func(t *testing.T, name string, s subject, k *family) {
			if name == "Pending" {
				return
			}
			cx, _ := newCx()
			_, ready, err := s.poll(cx)
			for range 3 { // Then has members in a row
				if ready {
					break
				}
				assert.NoError(t, err)
				if s.complete != nil {
					s.complete()
				} else {
					k.complete(result)
				}
				_, ready, err = s.poll(cx)
			}
			require.True(t, ready)
			assert.NotErrorIs(t, err, future.ErrConsumed)
			for range 2 {
				assertOver(t, s, cx, future.ErrConsumed)
				s.drop()
				assertOver(t, s, cx, future.ErrConsumed)
			}
			for _, p := range *k {
				p.assertEnded(t)
			}
		})
	}
}

func TestADropReachesEveryMemberOnceAndThenPollIsErrDropped(t *testing.T) {
	states := []struct {
		name    string
		prepare func(s subject, k *family, cx *future.Context) (ready bool)
	}{
		{"never polled", func(subject, *family, *future.Context) bool { return false }},
		{"pending", func(s subject, _ *family, cx *future.Context) bool {
			_, ready, _ := s.poll(cx)
			return ready
		}},
		{"half complete", func(s subject, k *family, cx *future.Context) bool {
			if len(*k) == 0 {
				return true
			}
			_, _, _ = s.poll(cx)
			(*k)[0].complete(1, nil)
			_, ready, _ := s.poll(cx)
			return ready
		}},
		{"moved", func(s subject, _ *family, cx *future.Context) bool {
			other, _ := newCx()
			_, ready, _ := s.poll(other)
			if !ready {
				_, ready, _ = s.poll(cx)
			}
			return ready
		}},
	}
	for _, state := range states {
		t.Run(state.name, func(t *testing.T) {
			conform(t, func(t *testing.T, name string, s subject, k *family) {
				cx, woken := newCx()
				if state.prepare(s, k, cx) {
					return // complete: see the other test
				}
				before := woken.count()
				for range 2 {
					s.drop()
					assertOver(t, s, cx, future.ErrDropped)
				}
				for _, p := range *k {
					p.assertEnded(t)
				}
				if s.complete != nil && name != "PollFunc" { // which is not notified of a Drop
					s.complete()
				}
				assertOver(t, s, cx, future.ErrDropped)
				assert.Equal(t, before, woken.count(), "wakes after Drop")
			})
		})
	}
}

func TestOnlyTheNewestWakerIsWokenAndAtMostOnceUntilTheNextPoll(t *testing.T) {
	conform(t, func(t *testing.T, name string, s subject, k *family) {
		if name == "Pending" {
			return
		}
		oldest, old := newCx()
		cx, woken := newCx()
		if _, ready, _ := s.poll(oldest); ready {
			return
		}
		_, ready, _ := s.poll(cx)
		require.False(t, ready)
		if s.complete != nil {
			s.complete()
		} else {
			k.complete(nil)
		}
		assert.Equal(t, 0, old.count())
		assert.Equal(t, 1, woken.count())
		s.drop()
	})
}

func TestTwoReasonsToPollATimeoutAreOneWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(probe)
		f := future.Timeout(hour, future.Future[int](p))
		cx, woken := newCx()
		_, ready, _ := f.Poll(cx)
		require.False(t, ready)
		p.complete(7, nil)
		time.Sleep(hour)
		synctest.Wait()
		assert.Equal(t, 1, woken.count())
		v, ready, err := f.Poll(cx)
		assert.True(t, ready)
		assert.NoError(t, err)
		assert.Equal(t, 7, v)
	})
}

func TestWhatCannotBeWaitedForPanics(t *testing.T) {
	assert.Panics(t, func() { future.Fail[int](nil) })
	assert.Panics(t, func() { future.NewContext(context.Background(), nil) })
	assert.Panics(t, func() { future.Race[int]() })
	assert.Panics(t, func() { future.RaceBiased[int]() })
	nothing := future.Then(future.Ready(1), func(context.Context, int) future.Future[int] { return nil })
	assert.Panics(t, func() { future.Await(context.Background(), nothing) })
}
