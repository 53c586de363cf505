package future

import "github.com/handoff-go/handoff/internal/discard"

// Pair is the two values that [Join2] waits for.
type Pair[A, B any] struct {
	A A // of the first future
	B B // of the second
}

// Triple is the three values that [Join3] waits for.
type Triple[A, B, C any] struct {
	A A // of the first future
	B B // of the second
	C C // of the third
}

// Discarded implements the Discarder of the channels' packages: it discards both values.
func (p Pair[A, B]) Discarded() {
	n := 0
	discard.All(func() bool {
		if n++; n == 1 {
			discard.Value(p.A)
			return true
		}
		discard.Value(p.B)
		return false
	})
}

// Discarded implements the Discarder of the channels' packages: it discards the values.
func (t Triple[A, B, C]) Discarded() {
	Pair[A, Pair[B, C]]{t.A, Pair[B, C]{t.B, t.C}}.Discarded()
}

// Join2 returns a future that waits for both futures at once and returns both values. The
// first error is the result, without a value; then the other future is dropped or, if it
// has completed, its value is discarded (see [Future]). A Drop does the same to both. A
// wake polls both.
func Join2[A, B any](a Future[A], b Future[B]) Future[Pair[A, B]] {
	if a == nil || b == nil { // inside, nil means completed
		panic("future: Join2 of no future")
	}
	return &join2[A, B]{a: half[A]{f: a}, b: half[B]{f: b}}
}

// Join3 is [Join2] for three. It is three allocations.
func Join3[A, B, C any](a Future[A], b Future[B], c Future[C]) Future[Triple[A, B, C]] {
	return Map(Join2(a, Join2(b, c)), func(p Pair[A, Pair[B, C]]) Triple[A, B, C] {
		return Triple[A, B, C]{p.A, p.B.A, p.B.B}
	})
}

// half is a member of a pair.
type half[T any] struct {
	f     Future[T] // nil once it is ready
	has   bool      // there is a value that was not returned yet
	value T
}

// poll reports whether the half has completed, and its error.
func (h *half[T]) poll(cx *Context) (ready bool, err error) {
	if h.f == nil {
		return true, nil
	}
	v, ready, err := h.f.Poll(cx)
	if ready {
		h.f = nil
		if err == nil {
			h.has, h.value = true, v
		}
	}
	return ready, err
}

// take returns the value and clears the half.
func (h *half[T]) take() T {
	v := h.value
	*h = half[T]{}
	return v
}

// end drops the future or discards its value.
func (h *half[T]) end() {
	was := *h
	*h = half[T]{}
	if was.f != nil {
		was.f.Drop()
	} else if was.has {
		discard.Value(was.value)
	}
}

type join2[A, B any] struct {
	phase phase
	gate  gate
	a     half[A]
	b     half[B]
}

func (j *join2[A, B]) Poll(cx *Context) (v Pair[A, B], ready bool, err error) {
	if err := j.phase.Over(); err != nil {
		return v, true, err
	}
	j.phase = consumed
	panicked := true
	defer func() {
		if j.phase == consumed {
			j.end(panicked)
		}
	}()
	cx = j.gate.enter(cx)
	readyA, err := j.a.poll(cx)
	readyB := false
	if err == nil {
		readyB, err = j.b.poll(cx)
	}
	panicked = false
	switch {
	case err != nil:
	case readyA && readyB:
		v = Pair[A, B]{j.a.take(), j.b.take()}
	default:
		j.phase = pending
		return v, false, nil
	}
	return v, true, err
}

func (j *join2[A, B]) Drop() {
	if j.phase.Drop() {
		j.end(false)
	}
}

func (j *join2[A, B]) end(panicked bool) {
	j.gate.close()
	n := 0
	endAll(panicked, func() bool {
		n++
		switch n {
		case 1:
			j.a.end()
		case 2:
			j.b.end()
		}
		return n < 2
	})
}

// JoinAll returns a future that waits for all futures at once and returns the result of
// each, in their order. It never fails itself. Without futures it is ready at once. A wake
// polls only the futures that were woken.
//
// If it is dropped first, the values that it had received are discarded; see [Future].
func JoinAll[T any](fs ...Future[T]) Future[[]Result[T]] {
	return &joined[T, Result[T]]{
		group: newGroup(fs), results: make([]Result[T], len(fs)), failed: -1,
		keep: func(r *Result[T], v T, err error) error { *r = Result[T]{v, err}; return nil },
		kept: func(r Result[T]) (T, bool) { return r.Value, r.Err == nil },
	}
}

// TryJoinAll returns a future that waits for all futures at once and returns their values in
// their order. The first error is the result, without values; the other futures are then
// dropped, and the values of completed ones are discarded (see [Future]). A Drop does the
// same. Without futures it is ready at once. A wake polls only the futures that were woken.
func TryJoinAll[T any](fs ...Future[T]) Future[[]T] {
	return &joined[T, T]{
		group: newGroup(fs), results: make([]T, len(fs)), failed: -1,
		keep: func(r *T, v T, err error) error { *r = v; return err },
		kept: func(v T) (T, bool) { return v, true },
	}
}

// joined is JoinAll and TryJoinAll. R is what a member leaves in the result.
type joined[T, R any] struct {
	phase   phase
	group   group[T]
	results []R
	failed  int // the member whose error is the result, or -1

	keep func(r *R, v T, err error) error // stores what a member completed with; an error is the result
	kept func(r R) (v T, ok bool)         // the value to discard, if there is one
}

func (j *joined[T, R]) Poll(cx *Context) (v []R, ready bool, err error) {
	if err := j.phase.Over(); err != nil {
		return nil, true, err
	}
	j.phase = consumed
	panicked := true
	defer func() {
		if j.phase == consumed {
			j.end(panicked)
		}
	}()
	due := j.group.due(cx)
	for _, m := range due {
		v, ready, err := j.group.poll(m)
		if !ready {
			continue
		}
		if err = j.keep(&j.results[m.index], v, err); err != nil {
			j.failed, panicked = m.index, false
			return nil, true, err
		}
	}
	panicked = false
	j.group.done(due)
	if j.group.left > 0 {
		j.phase = pending
		return nil, false, nil
	}
	v, j.results = j.results, nil
	return v, true, nil
}

func (j *joined[T, R]) Drop() {
	if j.phase.Drop() {
		j.end(false)
	}
}

func (j *joined[T, R]) end(panicked bool) {
	results := j.results
	j.results = nil
	members := j.group.close()
	if results == nil {
		return // handed on, so all were ready
	}
	dropAll(panicked, members, func(i int) (v T, ok bool) {
		if i == j.failed {
			return v, false
		}
		return j.kept(results[i])
	})
}
