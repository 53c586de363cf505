//go:build handoff_sched

package channel

import (
	"context"

	"github.com/handoff-go/handoff/internal/park"
	"github.com/handoff-go/handoff/internal/sched"
)

// task is the host of a function task, whose turn comes back as soon as it may.
type task struct {
	ctx     context.Context
	resumed bool
}

// inTask is a context of a task, and what cancels it.
func inTask() (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	return taskUnder(ctx), func() { sched.Point(); cancel() }
}

// taskUnder is a context of a task that ends with ctx. A task is one thread.
func taskUnder(ctx context.Context) context.Context {
	return context.WithValue(ctx, park.Key, &task{ctx: ctx})
}

func (t *task) Suspend(own bool, _ <-chan struct{}, _ any) (ended bool) {
	cancelled := func() bool { return own && t.ctx.Err() != nil }
	sched.Until(func() bool { return t.resumed || cancelled() })
	t.resumed = false
	return cancelled()
}

func (t *task) Resume() {
	sched.Point()
	t.resumed = true
}

func (t *task) Here() park.Host            { return t }
func (t *task) Hears(context.Context) bool { return true }
func (t *task) Listen()                    {}
func (t *task) Explore()                   {}
