package differential

import (
	"context"
	"strconv"
	"sync"
)

// books are where the library under test reports to from any goroutine: the messages that
// it discarded and the wakes.
type books struct {
	mu        sync.Mutex
	discarded []string
	events    []wakeEvent
	results   []threadResult
}

// wakeEvent is one wake: of which life of which future, through which of its wakers.
type wakeEvent struct {
	future, life, waker int
}

type threadResult struct {
	thread int
	text   string
}

func (b *books) discard(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.discarded = append(b.discarded, strconv.Itoa(n))
}

func (b *books) wake(e wakeEvent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

func (b *books) finish(r threadResult) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.results = append(b.results, r)
}

// take returns what is in one of the lists, and empties it.
func take[T any](b *books, list *[]T) []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := *list
	*list = nil
	return all
}

// waker records its wakes.
type waker struct {
	books *books
	event wakeEvent
}

// Wake implements future.Waker.
func (w *waker) Wake() { w.books.wake(w.event) }

var noContext = context.Background()

type ignore struct{}

// Wake implements future.Waker.
func (ignore) Wake() {}
