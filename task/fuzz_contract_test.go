package task_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// FuzzContextContract derives contexts from each other, by tasks of every kind and by
// package context, ends them in every way, and checks after each step, before any other
// goroutine has run, that each context has ended exactly if it must have, that Err is
// non-nil exactly when Done is closed, and that neither Err nor Cause ever changes.
func FuzzContextContract(f *testing.F) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 60 {
		f.Add(randomContexts(rng, 120))
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		synctest.Test(t, func(t *testing.T) { playContexts(t, program) })
	})
}

// TestRandomContextsKeepTheContract is the same with fresh programs.
func TestRandomContextsKeepTheContract(t *testing.T) {
	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for range testsize.Scaled(400) {
		program := randomContexts(rng, 10+rng.IntN(200))
		synctest.Test(t, func(t *testing.T) { playContexts(t, program) })
		if t.Failed() {
			t.Logf("add to the corpus of FuzzContextContract: %q", program)
			return
		}
	}
}

func randomContexts(rng *rand.Rand, n int) []byte {
	program := make([]byte, n)
	for i := range program {
		program[i] = byte(rng.Uint32())
	}
	return program
}

// contextNode is a context of a program and what must hold for it.
type contextNode struct {
	id   int
	ctx  context.Context
	done <-chan struct{} // once the program has asked for it
	end  context.CancelFunc

	above *contextNode // it ends with that one
	spawn *contextNode // the task whose Cancel ends it too
	task  *contextNode // whose context it is, or is with more values
	at    time.Time    // its own deadline
	late  bool         // it, or one above, is notified of the end by a goroutine

	want       error // what Err must be
	err, cause error // what they were

	// Of a task:
	cancel   func() // not of BlockOn
	finish   func() // has it return, and waits for that
	returned bool
}

// ends notes that n must have ended, with err, unless err is nil. The first one counts.
func (n *contextNode) ends(err error) {
	if n.want == nil {
		n.want = err
	}
}

type contextPlay struct {
	t     *testing.T
	rt    *task.Runtime
	nodes []*contextNode
	down  bool // after a Shutdown
}

func playContexts(t *testing.T, program []byte) {
	rt, err := task.New(task.WithWorkers(2))
	require.NoError(t, err)
	p := &contextPlay{t: t, rt: rt}
	p.add(&contextNode{ctx: rt.Context(context.Background())})
	defer p.close()
	for i := 0; i+2 < len(program) && len(p.nodes) < 60; i += 3 {
		p.step(program[i], program[i+1], program[i+2])
	}
}

// close ends all that the program has made, also after a failure.
func (p *contextPlay) close() {
	for _, n := range p.nodes {
		if n.end != nil {
			n.end()
		}
		if n.finish != nil {
			n.finish()
		}
	}
	assert.NoError(p.t, p.rt.Shutdown(context.Background()))
	synctest.Wait()
	for _, n := range p.nodes {
		if n.finish != nil || n.end != nil {
			err := n.ctx.Err()
			assert.Error(p.t, err, "context %d", n.id)
			assert.True(p.t, isClosed(n.ctx.Done()), "context %d", n.id)
			assert.Equal(p.t, err, n.ctx.Err(), "context %d", n.id)
		}
	}
}

func (p *contextPlay) add(n *contextNode) {
	n.id = len(p.nodes)
	if n.above != nil {
		n.late = n.late || n.above.late
		n.ends(n.above.want)
	}
	p.nodes = append(p.nodes, n)
}

// foreignContext is not of package context, and has no way to report its end but Done.
type foreignContext struct {
	context.Context

	done chan struct{}
	err  error
}

func (c *foreignContext) Deadline() (time.Time, bool) { return time.Time{}, false }
func (c *foreignContext) Done() <-chan struct{}       { return c.done }
func (c *foreignContext) Err() error                  { return c.err }

func (p *contextPlay) step(op, which, how byte) {
	n := p.nodes[int(which)%len(p.nodes)]
	ended := false
	switch op % 16 {
	case 0:
		ctx, stop := context.WithCancel(n.ctx)
		p.add(&contextNode{ctx: ctx, above: n, end: stop})
	case 1:
		d := time.Duration(1+how%20) * time.Second
		at := time.Now().Add(d)
		ctx, stop := context.WithDeadline(n.ctx, at)
		p.add(&contextNode{ctx: ctx, above: n, end: stop, at: at})
	case 2:
		ctx, stop := context.WithCancel(context.WithValue(n.ctx, testKey{}, 1))
		p.add(&contextNode{ctx: ctx, above: n, end: stop})
	case 3:
		p.add(&contextNode{ctx: context.WithValue(n.ctx, testKey{}, 2), above: n, spawn: n.spawn, task: n.task})
	case 4:
		p.add(&contextNode{ctx: p.rt.Context(n.ctx), above: n, spawn: n.spawn, task: n.task})
	case 5:
		if how%4 == 0 && n.want == nil {
			c := &foreignContext{Context: context.WithoutCancel(n.ctx), done: make(chan struct{})}
			kid := &contextNode{ctx: c, late: true}
			kid.end = func() {
				if c.err == nil {
					c.err = context.DeadlineExceeded
					close(c.done)
				}
			}
			p.add(kid)
		}
	case 6, 7, 8, 9:
		p.spawn(n, op%16, how)
		ended = true
	case 10:
		if n.end != nil {
			n.end()
			if f, ok := n.ctx.(*foreignContext); ok {
				n.ends(f.err)
			} else {
				n.ends(context.Canceled)
			}
		}
	case 11:
		if n.cancel != nil && !n.returned {
			n.cancel()
			p.cancelled(n)
		}
	case 12:
		if n.finish != nil && !n.returned {
			n.finish()
			n.returned = true
			n.ends(context.Canceled)
		}
	case 13:
		time.Sleep(time.Duration(how%8) * time.Second / 2)
		ended = true
		for _, n := range p.nodes {
			if !n.at.IsZero() && !n.at.After(time.Now()) {
				n.ends(context.DeadlineExceeded)
			}
		}
	case 14:
		n.done = n.ctx.Done()
	case 15:
		if how%8 == 0 && !p.down {
			p.down = true
			ended, stop := context.WithCancel(context.Background())
			stop()
			_ = p.rt.Shutdown(ended)
			for _, n := range p.nodes {
				if n.finish != nil {
					n.ends(context.Canceled)
				}
			}
		}
	}
	for _, n := range p.nodes {
		if n.above != nil {
			n.ends(n.above.want)
		}
	}
	if ended {
		synctest.Wait()
	}
	p.check(ended)
	if !ended {
		synctest.Wait()
		p.check(true)
	}
}

// cancelled notes that the Cancel of the task n has returned.
func (p *contextPlay) cancelled(n *contextNode) {
	n.ends(context.Canceled)
	for _, kid := range p.nodes {
		if kid.finish == nil || kid.returned {
			continue
		}
		for up := kid.spawn; up != nil; up = up.spawn {
			if up == n {
				kid.ends(context.Canceled)
			}
		}
	}
}

func (p *contextPlay) spawn(n *contextNode, op, how byte) {
	kid := &contextNode{above: n}
	if up := n.task; up != nil { // under the context of a task, which does not end it by its return
		kid.above, kid.spawn = up.above, up
		kid.ends(up.want)
	}
	promise, f := future.NewPromise[int]()
	got := make(chan context.Context, 1)
	ended := make(chan struct{})
	body := func(ctx context.Context) (int, error) {
		got <- ctx
		if how%2 == 0 {
			_ = ctx.Done()
		}
		return future.Await(context.WithoutCancel(ctx), f)
	}
	var h *task.JoinHandle[int]
	switch op {
	case 6:
		h = task.Spawn(n.ctx, body)
	case 7:
		h = task.SpawnBlocking(n.ctx, body)
	case 8:
		first := true
		h = task.SpawnFuture(n.ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
			if first {
				first = false
				got <- cx.Context
			}
			return f.Poll(cx)
		}))
	case 9:
		go func() {
			defer close(ended)
			_, _ = task.BlockOn(n.ctx, body)
		}()
	}
	synctest.Wait()
	select {
	case kid.ctx = <-got:
	default: // it ended before it ran
		return
	}
	kid.task = kid
	if h != nil {
		kid.cancel = h.Cancel
	}
	kid.finish = func() {
		promise.Resolve(1)
		if h != nil {
			_, _ = h.Await(context.Background())
		} else {
			<-ended
		}
	}
	p.add(kid)
}

func (p *contextPlay) check(ended bool) {
	for _, n := range p.nodes {
		what := func() string { return fmt.Sprintf("context %d, %T", n.id, n.ctx) }
		err := n.ctx.Err()
		cause := context.Cause(n.ctx)
		closed := err != nil
		if n.done != nil {
			closed = isClosed(n.done)
		}
		require.Equal(p.t, err != nil, closed, "%s: %v", what(), err)
		require.Equal(p.t, err != nil, cause != nil, "%s: %v, %v", what(), err, cause)
		if n.err != nil {
			require.Equal(p.t, n.err, err, what())
			require.Equal(p.t, n.cause, cause, what())
		}
		n.err, n.cause = err, cause
		if ended || !n.late {
			require.Equal(p.t, n.want, err, what())
		}
		if n.done != nil && err != nil {
			require.True(p.t, isClosed(n.ctx.Done()), what())
		}
	}
}
