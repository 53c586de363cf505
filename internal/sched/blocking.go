//go:build handoff_sched

package sched

import "sync"

// Mutex is [sync.Mutex]; in an exploration a thread that finds it locked is not
// runnable until it is unlocked.
type Mutex struct{ mu sync.Mutex }

func (m *Mutex) Lock() {
	if current() != nil {
		Point()
		for !m.mu.TryLock() {
			Until(m.free)
		}
		return
	}
	m.mu.Lock()
}

// TryLock is Lock that does not wait.
func (m *Mutex) TryLock() bool {
	if current() != nil {
		Point()
	}
	return m.mu.TryLock()
}

func (m *Mutex) free() bool {
	ok := m.mu.TryLock()
	if ok {
		m.mu.Unlock()
	}
	return ok
}

func (m *Mutex) Unlock() {
	Point()
	m.mu.Unlock()
}

// Cond is [sync.Cond]; in an exploration a waiting thread is not runnable until it is
// signalled.
type Cond struct {
	sync.Cond
	line []*ticket // the waiting threads, in an exploration
}

type ticket struct{ called bool }

func (c *Cond) Wait() {
	if current() == nil {
		c.Cond.Wait()
		return
	}
	t := new(ticket)
	c.line = append(c.line, t)
	c.L.Unlock()
	Until(func() bool { return t.called })
	c.L.Lock()
}

func (c *Cond) Signal() {
	if current() == nil {
		c.Cond.Signal()
		return
	}
	Point()
	if len(c.line) > 0 {
		c.line[0].called = true
		c.line = c.line[1:]
	}
}

// Pool is [sync.Pool]; in an exploration it keeps what is put into it in the same run,
// and hands out the latest.
type Pool struct {
	New  func() any
	pool sync.Pool
	of   *run
	kept []any
}

func (p *Pool) Get() (v any) {
	r := current()
	switch {
	case r == nil:
		v = p.pool.Get()
	case p.of != r:
		p.of, p.kept = r, nil
	case len(p.kept) > 0:
		last := len(p.kept) - 1
		v, p.kept = p.kept[last], p.kept[:last]
	}
	if v == nil {
		v = p.New()
	}
	return v
}

func (p *Pool) Put(v any) {
	if r := current(); r == nil {
		p.pool.Put(v)
	} else if p.of == r {
		p.kept = append(p.kept, v)
	}
}
