package future_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/future"
)

var (
	errBoom    = errors.New("boom")
	errMisused = errors.New("polled after its end")
)

// probe is a future in the hands of a test. It counts what is done to it.
type probe struct {
	mu        sync.Mutex
	polls     int
	drops     int
	results   int             // how often it gave its result
	misused   bool            // polled after its end
	cx        *future.Context // of the latest poll
	waker     future.Waker    // likewise, until it is woken
	completed bool
	value     int
	err       error
}

func (p *probe) Poll(cx *future.Context) (int, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.polls++
	if p.results+p.drops > 0 {
		p.misused = true
		return 0, true, errMisused
	}
	p.cx = cx
	if !p.completed {
		p.waker = cx.Waker()
		return 0, false, nil
	}
	p.results++
	return p.value, true, p.err
}

func (p *probe) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drops++
}

// complete gives it a result, as if by whom it waits for.
func (p *probe) complete(v int, err error) {
	p.mu.Lock()
	p.completed, p.value, p.err = true, v, err
	w := p.waker
	p.waker = nil
	p.mu.Unlock()
	if w != nil {
		w.Wake()
	}
}

// nudge wakes for no reason.
func (p *probe) nudge() {
	p.mu.Lock()
	cx := p.cx
	p.mu.Unlock()
	cx.Waker().Wake()
}

// context is the one of its latest poll.
func (p *probe) context() *future.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cx
}

// polled returns how often it was polled since the last call.
func (p *probe) polled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.polls
	p.polls = 0
	return n
}

// assertEnded says that p gave its result or was dropped, and that once.
func (p *probe) assertEnded(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	assert.Equal(t, 1, p.results+p.drops, "results %d, drops %d", p.results, p.drops)
	assert.False(t, p.misused, "polled after its end")
}

func (p *probe) assertDropped(t *testing.T) {
	t.Helper()
	p.assertEnded(t)
	assert.Equal(t, 1, p.drops)
}

func probes(n int) (ps []*probe, fs []future.Future[int]) {
	for range n {
		p := new(probe)
		ps, fs = append(ps, p), append(fs, p)
	}
	return ps, fs
}

// polls of all of them, see polled.
func polled(ps []*probe) []int {
	n := make([]int, len(ps))
	for i, p := range ps {
		n[i] = p.polled()
	}
	return n
}

// counter is a waker that counts.
type counter struct{ n atomic.Int64 }

func (c *counter) Wake()      { c.n.Add(1) }
func (c *counter) count() int { return int(c.n.Load()) }

type wakerFunc func()

func (f wakerFunc) Wake() { f() }

func newCx() (*future.Context, *counter) {
	c := new(counter)
	return future.NewContext(context.Background(), c), c
}

// await is Await on a goroutine of its own.
func await[T any](ctx context.Context, f future.Future[T]) <-chan future.Result[T] {
	ch := make(chan future.Result[T], 1)
	go func() {
		v, err := future.Await(ctx, f)
		ch <- future.Result[T]{Value: v, Err: err}
	}()
	return ch
}

func assertPending[T any](t *testing.T, ch <-chan T) {
	t.Helper()
	select {
	case v := <-ch:
		assert.Fail(t, "not pending", "%v", v)
	default:
	}
}

func assertClosed(t *testing.T, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	default:
		assert.Fail(t, "not closed")
	}
}

// within fails the test instead of hanging for ever on a lost wake-up.
func within(t *testing.T, d time.Duration, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	select {
	case <-done:
	case <-time.After(d):
		t.Fatal("hangs: a wake-up was lost")
	}
}
