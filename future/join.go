package future

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

// Join2 waits for both futures at once and returns both values. The first error is the
// result, without a value, and the other future is dropped then. A wake polls both.
func Join2[A, B any](a Future[A], b Future[B]) Future[Pair[A, B]] {
	if a == nil || b == nil { // inside, nil says that it was ready
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
	value T
}

// poll reports whether the value is there.
func (h *half[T]) poll(cx *Context) (ready bool, err error) {
	if h.f == nil {
		return true, nil
	}
	v, ready, err := h.f.Poll(cx)
	if ready {
		h.f, h.value = nil, v
	}
	return ready, err
}

func (h *half[T]) drop() {
	var zero T
	f := h.f
	h.f, h.value = nil, zero
	if f != nil {
		f.Drop()
	}
}

type join2[A, B any] struct {
	phase phase
	gate  gate
	a     half[A]
	b     half[B]
}

func (j *join2[A, B]) Poll(cx *Context) (v Pair[A, B], ready bool, err error) {
	if err := j.phase.over(); err != nil {
		return v, true, err
	}
	j.phase = consumed
	defer func() {
		if j.phase == consumed { // or a member has panicked
			j.gate.close()
			j.a.drop()
			j.b.drop()
		}
	}()
	cx = j.gate.enter(cx)
	readyA, err := j.a.poll(cx)
	readyB := false
	if err == nil {
		readyB, err = j.b.poll(cx)
	}
	switch {
	case err != nil:
	case readyA && readyB:
		v = Pair[A, B]{j.a.value, j.b.value}
	default:
		j.phase = pending
		return v, false, nil
	}
	return v, true, err
}

func (j *join2[A, B]) Drop() {
	if j.phase.drop() {
		j.gate.close()
		j.a.drop()
		j.b.drop()
	}
}

// JoinAll waits for all futures at once and returns what each came to, in their order.
// It never fails itself. Of none it is ready at once. A wake polls only the futures
// that were woken.
func JoinAll[T any](fs ...Future[T]) Future[[]Result[T]] {
	return &joinAll[T]{group: newGroup(fs), results: make([]Result[T], len(fs))}
}

type joinAll[T any] struct {
	phase   phase
	group   group[T]
	results []Result[T]
}

func (j *joinAll[T]) Poll(cx *Context) (v []Result[T], ready bool, err error) {
	if err := j.phase.over(); err != nil {
		return nil, true, err
	}
	j.phase = consumed
	defer func() {
		if j.phase == consumed { // or a member has panicked
			j.group.drop()
			j.results = nil
		}
	}()
	due := j.group.due(cx)
	for _, m := range due {
		if v, ready, err := j.group.poll(m); ready {
			j.results[m.index] = Result[T]{v, err}
		}
	}
	j.group.done(due)
	if j.group.left > 0 {
		j.phase = pending
		return nil, false, nil
	}
	return j.results, true, nil
}

func (j *joinAll[T]) Drop() {
	if j.phase.drop() {
		j.group.drop()
		j.results = nil
	}
}

// TryJoinAll waits for all futures at once and returns their values in their order. The
// first error is the result, without values, and the others are dropped then. Of none
// it is ready at once. A wake polls only the futures that were woken.
func TryJoinAll[T any](fs ...Future[T]) Future[[]T] {
	return &tryJoinAll[T]{group: newGroup(fs), values: make([]T, len(fs))}
}

type tryJoinAll[T any] struct {
	phase  phase
	group  group[T]
	values []T
}

func (j *tryJoinAll[T]) Poll(cx *Context) (v []T, ready bool, err error) {
	if err := j.phase.over(); err != nil {
		return nil, true, err
	}
	j.phase = consumed
	defer func() {
		if j.phase == consumed { // or a member has panicked
			j.group.drop()
			j.values = nil
		}
	}()
	due := j.group.due(cx)
	for _, m := range due {
		v, ready, err := j.group.poll(m)
		if err != nil {
			return nil, true, err
		}
		if ready {
			j.values[m.index] = v
		}
	}
	j.group.done(due)
	if j.group.left > 0 {
		j.phase = pending
		return nil, false, nil
	}
	return j.values, true, nil
}

func (j *tryJoinAll[T]) Drop() {
	if j.phase.drop() {
		j.group.drop()
		j.values = nil
	}
}
