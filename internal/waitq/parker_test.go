package waitq

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/queue"
)

var errElapsed = errors.New("elapsed")

// settle wakes the sleeper as the rules say: after it has held the lock.
func settle(lock *queue.Cursor, p *Parker) {
	lock.Unlock(lock.Lock())
	p.Wake()
}

func TestASleepReleasesTheLockAndEndsWithAWake(t *testing.T) {
	var lock queue.Cursor
	var p Parker
	p.Init(&lock)
	// The same parker in two bubbles, one after the other: it owns nothing of them.
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			for range 3 {
				woken := false
				go func() {
					w := lock.Lock()
					p.Word = w + queue.Step
					p.Cond.Wait()
					woken = true
				}()
				synctest.Wait() // durably blocked
				require.False(t, lock.Load().Locked())
				require.False(t, woken)
				settle(&lock, &p)
				synctest.Wait()
				require.True(t, woken)
			}
		})
	}
	require.EqualValues(t, 6, lock.Load().Pos())
}

func TestASleepWakesWhoWasToBeWokenThen(t *testing.T) {
	var lock queue.Cursor
	var p Parker
	p.Init(&lock)
	synctest.Test(t, func(t *testing.T) {
		b := new(bell)
		go func() {
			p.Word = lock.Lock()
			p.Then(b)
			p.Cond.Wait()
		}()
		synctest.Wait()
		assert.Equal(t, 1, b.rung)
		settle(&lock, &p)
	})
}

// hostile panics when it is woken.
type hostile struct{ woken int }

func (h *hostile) Wake() {
	h.woken++
	panic("hostile")
}

func TestWhoPanicsWhenWokenBeforeASleepIsNotWokenBeforeTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lock queue.Cursor
		var p Parker
		p.Init(&lock)
		h := new(hostile)
		p.Word = lock.Lock()
		p.Then(h)
		assert.PanicsWithValue(t, "hostile", func() { p.Cond.Wait() })
		go func() { time.Sleep(time.Second); settle(&lock, &p) }()
		limit := For(time.Minute, errElapsed)
		require.NoError(t, limit.Err())
		p.Word = lock.Lock()
		assert.True(t, p.SleepWithin(&limit))
		assert.Equal(t, 1, h.woken)
	})
}

func TestALimitedSleepEndsWithAWakeOrItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lock queue.Cursor
		var p Parker
		p.Init(&lock)
		start := time.Now()
		limit := For(time.Second, errElapsed)
		require.NoError(t, limit.Err())
		p.Word = lock.Lock()
		require.False(t, p.SleepWithin(&limit))
		require.ErrorIs(t, limit.Reached(), errElapsed)
		require.Equal(t, time.Second, time.Since(start))
		p.End(false)

		ctx, cancel := context.WithCancel(t.Context())
		limit = Within(ctx, nil)
		go func() { time.Sleep(time.Second); settle(&lock, &p) }()
		p.Word = lock.Lock()
		require.True(t, p.SleepWithin(&limit))

		go func() { time.Sleep(time.Second); cancel() }()
		p.Word = lock.Lock()
		require.False(t, p.SleepWithin(&limit))
		require.ErrorIs(t, limit.Reached(), context.Canceled)
		// Dequeued nevertheless: the wake that is on its way must not stay behind.
		go func() { time.Sleep(time.Second); settle(&lock, &p) }()
		p.End(true)
		require.Equal(t, 4*time.Second, time.Since(start))
	})
}

func TestALimitKnowsWhenItIsReached(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		limit Limit
		want  error
	}{
		"no time":       {For(0, errElapsed), errElapsed},
		"negative time": {For(math.MinInt64, errElapsed), errElapsed},
		"zero deadline": {Until(time.Time{}, errElapsed), errElapsed},
		"far deadline":  {Until(time.Now().Add(math.MaxInt64), errElapsed), nil},
		"overflow":      {For(math.MaxInt64, errElapsed), nil},
		"ended context": {Within(ended, nil), context.Canceled},
	} {
		assert.ErrorIs(t, c.limit.Err(), c.want, name)
		c.limit.Stop()
	}
	var none *Limit
	assert.Nil(t, none.OrNil())
	endless := Within(context.Background(), nil)
	assert.Nil(t, endless.OrNil(), "a context that cannot end is no limit")
	some := For(1, nil)
	assert.Same(t, &some, some.OrNil())
}

// turns is a task whose end and whose turns a test decides.
type turns struct {
	park.Host

	ended chan bool // what Suspend returns
}

func (h *turns) Here() park.Host                         { return h }
func (h *turns) Listen()                                 {}
func (h *turns) Hears(context.Context) bool              { return true }
func (h *turns) Suspend(bool, <-chan struct{}, any) bool { return <-h.ended }
func (h *turns) Resume()                                 { h.ended <- false }
func (h *turns) under(ctx context.Context) context.Context {
	return context.WithValue(ctx, park.Key, h)
}

func TestATaskSleepsUntilItsWakeOrItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lock queue.Cursor
		var p Parker
		p.Init(&lock)
		h := &turns{ended: make(chan bool, 1)}
		limit := Within(h.under(t.Context()), nil)

		go func() {
			h.ended <- false // for no reason: it sleeps on
			time.Sleep(time.Second)
			settle(&lock, &p)
		}()
		p.Word = lock.Lock()
		require.True(t, p.SleepWithin(&limit))

		go func() { time.Sleep(time.Second); h.ended <- true }()
		p.Word = lock.Lock()
		require.False(t, p.SleepWithin(&limit))
		// Dequeued nevertheless: the wake that is on its way must have come before the
		// parker is used again.
		start := time.Now()
		go func() { time.Sleep(time.Second); settle(&lock, &p) }()
		p.End(true)
		require.Equal(t, time.Second, time.Since(start))
		limit.Stop()

		go func() { time.Sleep(time.Second); settle(&lock, &p) }()
		p.Word = lock.Lock()
		p.Cond.Wait() // it may be used in any other way
	})
}
