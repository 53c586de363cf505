package task

import (
	"iter"
	"math/rand/v2"
)

// queue holds the ready tasks: polled tasks to poll, function tasks to start, and suspended
// tasks that need a slot to go on. It is FIFO or, under a seed, in random order.
type queue struct {
	first, last *core
	n           int
	rng         *rand.Rand
	pool        []*core // instead of the list, with a seed
}

func (q *queue) push(t *core) {
	q.n++
	if q.rng != nil {
		q.pool = append(q.pool, t)
		return
	}
	if q.last == nil {
		q.first = t
	} else {
		q.last.next = t
	}
	q.last = t
}

// all yields the queued tasks.
func (q *queue) all() iter.Seq[*core] {
	return func(yield func(*core) bool) {
		for _, t := range q.pool {
			if !yield(t) {
				return
			}
		}
		for t := q.first; t != nil; t = t.next {
			if !yield(t) {
				return
			}
		}
	}
}

// keep removes the tasks that are not wanted.
func (q *queue) keep(wanted func(*core) bool) {
	old := *q
	*q = queue{rng: old.rng}
	for _, t := range old.pool {
		if wanted(t) {
			q.push(t)
		}
	}
	for t := old.first; t != nil; {
		next := t.next
		t.next = nil
		if wanted(t) {
			q.push(t)
		}
		t = next
	}
}

// unpop puts a task back at the head.
func (q *queue) unpop(t *core) {
	if q.rng != nil || q.n == 0 {
		q.push(t)
		return
	}
	q.n++
	t.next, q.first = q.first, t
}

func (q *queue) pop() *core {
	if q.n == 0 {
		return nil
	}
	q.n--
	if q.rng != nil {
		i, end := q.rng.IntN(len(q.pool)), len(q.pool)-1
		t := q.pool[i]
		q.pool[i] = q.pool[end]
		q.pool[end] = nil
		q.pool = q.pool[:end]
		return t
	}
	t := q.first
	if q.first = t.next; q.first == nil {
		q.last = nil
	}
	t.next = nil
	return t
}
