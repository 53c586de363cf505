package future_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/park"
)

var hostKey = park.Key

// host is a park.Host that keeps book.
type host struct {
	mu        sync.Mutex
	cond      sync.Cond
	elsewhere bool // another goroutine asks: there is no host here
	early     int  // so many Suspends return for no reason
	resumed   bool
	found     int
	suspends  int
	explored  int
	on        any
	breaches  []string
}

func newHost() *host {
	h := new(host)
	h.cond.L = &h.mu
	return h
}

func (h *host) under(ctx context.Context) context.Context {
	return context.WithValue(ctx, hostKey, h)
}

func (h *host) expect(ok bool, breach string) {
	if !ok {
		h.breaches = append(h.breaches, breach)
	}
}

// Here implements park.Finder.
func (h *host) Here() park.Host {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.elsewhere {
		return nil
	}
	h.found++
	return h
}

func (h *host) Suspend(_ bool, done <-chan struct{}, on any) (ended bool) {
	defer func() {
		select {
		case <-done:
			ended = true
		default:
		}
	}()
	if done != nil {
		returned := make(chan struct{})
		defer close(returned)
		go func() {
			select {
			case <-done:
				h.Resume()
			case <-returned:
			}
		}()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expect(!h.elsewhere, "Suspend on another goroutine")
	h.suspends++
	h.on = on
	if h.early > 0 {
		h.early--
		return false
	}
	for !h.resumed {
		h.cond.Wait()
	}
	h.resumed = false
	return false
}

func (h *host) Resume() {
	h.mu.Lock()
	h.resumed = true
	h.mu.Unlock()
	h.cond.Broadcast()
}

func (h *host) Listen() {}

func (h *host) Hears(context.Context) bool { return false }

func (h *host) Explore() { h.explored++ }

// assertIdle says that the protocol was kept.
func (h *host) assertIdle(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	assert.Empty(t, h.breaches)
}

func TestAWaitInATaskGivesItsTurnAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		p := new(probe)
		r := await(h.under(context.Background()), p)
		synctest.Wait()
		assert.Equal(t, 1, h.suspends)
		assert.Same(t, p, h.on)
		p.nudge()
		synctest.Wait()
		assert.Equal(t, 2, h.suspends)
		p.complete(7, nil)
		assert.Equal(t, future.Result[int]{Value: 7}, <-r)
		assert.Equal(t, 1, h.found)
		h.assertIdle(t)
	})
}

func TestAReadyFutureDoesNotTouchTheTask(t *testing.T) {
	h := newHost()
	_, err := future.Await(h.under(context.Background()), future.Ready(7))
	assert.NoError(t, err)
	assert.Zero(t, h.found+h.suspends+h.explored)
}

func TestAGoroutineThatRunsNoTaskWaitsByItselfUnderATasksContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		h.elsewhere = true
		ctx, cancel := context.WithCancel(context.Background())
		p, q := new(probe), new(probe)
		r, s := await(h.under(context.Background()), p), await(h.under(ctx), q)
		synctest.Wait()
		p.complete(7, nil)
		cancel()
		assert.Equal(t, future.Result[int]{Value: 7}, <-r)
		assert.Equal(t, future.Result[int]{Err: context.Canceled}, <-s)
		assert.Zero(t, h.suspends)
		h.assertIdle(t)
	})
}

func TestASuspendThatReturnsEarlyIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		h.early = 3
		p := new(probe)
		r := await(h.under(context.Background()), p)
		synctest.Wait()
		assert.Equal(t, 4, h.suspends)
		assertPending(t, r)
		p.complete(7, nil)
		assert.Equal(t, future.Result[int]{Value: 7}, <-r)
		h.assertIdle(t)
	})
}

func TestAContextThatEndsEndsTheWaitOfATask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost()
		ctx, cancel := context.WithCancel(context.Background())
		p := new(probe)
		r := await(h.under(ctx), p)
		synctest.Wait()
		cancel()
		assert.Equal(t, future.Result[int]{Err: context.Canceled}, <-r)
		p.assertDropped(t)
		h.assertIdle(t)

		p = new(probe)
		_, err := future.Await(h.under(ctx), p)
		assert.Equal(t, context.Canceled, err)
		p.assertDropped(t)
		h.assertIdle(t)
	})
}

func TestAWakeDuringAPollInATaskIsNotLost(t *testing.T) {
	h := newHost()
	polls := 0
	v, err := future.Await(h.under(context.Background()), future.PollFunc(func(cx *future.Context) (int, bool, error) {
		polls++
		cx.Waker().Wake()
		return polls, polls == 5, nil
	}))
	assert.NoError(t, err)
	assert.Equal(t, 5, v)
	h.assertIdle(t)
}

func TestAwaitLetsOthersGoFirstOnlyWhileASeedDecides(t *testing.T) {
	h := newHost()
	ctx := h.under(context.Background())
	for _, exploring := range []int32{0, 1} {
		park.Exploring.Add(exploring)
		_, err := future.Await(ctx, future.Ready(7))
		assert.NoError(t, err)
		_, err = future.Await(context.Background(), future.Ready(7)) // has no host to ask
		assert.NoError(t, err)
		park.Exploring.Add(-exploring)
		assert.EqualValues(t, exploring, h.explored)
	}
}
