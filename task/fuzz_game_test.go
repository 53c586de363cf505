package task_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// game is a run of a program. Its lock is held between awaits only.
type game struct {
	t  *testing.T
	rt *task.Runtime

	mu      sync.Mutex
	bytes   []byte
	players []*player
	trace   []int
	heard   map[int]int // panics that the handler got
	shut    bool
}

// player is a task and what its body says of itself.
type player struct {
	id     int
	parent *player
	h      *task.JoinHandle[int]
	alarm  bool // polled, without a body
	until  time.Time

	begun, ended int
	returned     bool
	err          error // that it returned
	panicked     bool
	exited       bool

	cancelled bool
	dropped   bool
	delivered bool // its panic was returned by an Await
	result    *future.Result[int]
}

// mayBeCancelled is whether it or one whose context it has was cancelled.
func (p *player) mayBeCancelled() bool {
	for ; p != nil; p = p.parent {
		if p.cancelled {
			return true
		}
	}
	return false
}

func (g *game) add(parent *player) *player {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := &player{id: len(g.players), parent: parent}
	g.players = append(g.players, p)
	return p
}

// step is the next operation, or false if the program is over.
func (g *game) step(p *player) (op, arg int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.bytes) < 2 {
		return 0, 0, false
	}
	op, arg = int(g.bytes[0])%14, int(g.bytes[1])
	g.bytes = g.bytes[2:]
	g.trace = append(g.trace, p.id, op, arg)
	return op, arg, true
}

// someone is any task.
func (g *game) someone(arg int) *player {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.players[arg%len(g.players)]
	if p.h == nil {
		return nil
	}
	return p
}

// body is what a task does: a few steps of the program, which all share. It awaits only
// what it has spawned itself, so no cycle of waits arises.
func (g *game) body(ctx context.Context, p *player) (v int, err error) {
	g.mu.Lock()
	p.begun++
	g.mu.Unlock()
	normal := false
	defer func() {
		g.mu.Lock()
		p.ended++
		p.returned, p.err = normal, err
		g.mu.Unlock()
	}()
	finish := func(e error) (int, error) {
		normal = true
		return p.id, e
	}
	var own []*player
	var set task.JoinSet[int]
	inSet := make(map[*task.JoinHandle[int]]*player)
	steps := 1 << 20
	if p.id > 0 {
		steps = 5
	}
	for range steps {
		op, arg, ok := g.step(p)
		if !ok {
			break
		}
		switch op {
		case opSpawn, opSpawnToo, opSetSpawn:
			kid := g.add(p)
			h := task.Spawn(ctx, func(ctx context.Context) (int, error) { return g.body(ctx, kid) })
			g.mu.Lock()
			kid.h = h
			g.mu.Unlock()
			if op == opSetSpawn {
				set.Add(h)
				inSet[h] = kid
			} else {
				own = append(own, kid)
			}
		case opAlarm:
			kid := g.add(p)
			d := time.Duration(arg) * time.Millisecond
			kid.alarm, kid.until = true, time.Now().Add(d)
			h := task.SpawnFuture(ctx, future.Map(future.After(d), func(time.Time) int { return kid.id }))
			g.mu.Lock()
			kid.h = h
			g.mu.Unlock()
			own = append(own, kid)
		case opSleep:
			d, begun := time.Duration(arg)*time.Millisecond, time.Now()
			if err := task.Sleep(ctx, d); err != nil {
				assert.ErrorIs(g.t, err, context.Canceled)
				return finish(err)
			}
			assert.GreaterOrEqual(g.t, time.Since(begun), d)
		case opYield:
			if err := task.YieldNow(ctx); err != nil {
				return finish(err)
			}
		case opAwait, opAwaitEnded:
			if len(own) == 0 {
				continue
			}
			kid := own[arg%len(own)]
			waitCtx := ctx
			if op == opAwaitEnded {
				var cancel context.CancelFunc
				waitCtx, cancel = context.WithCancel(ctx)
				cancel()
			}
			v, err := kid.h.Await(waitCtx)
			if waitCtx.Err() != nil && errors.Is(err, context.Canceled) && (!kid.h.IsFinished() || errors.Is(err, waitCtx.Err())) {
				continue // the wait ended, or the task like it; the end of the run tells
			}
			g.check(kid, v, err)
		case opCancel:
			if kid := g.someone(arg); kid != nil && kid.id > 0 {
				g.mu.Lock()
				kid.cancelled = true
				g.mu.Unlock()
				kid.h.Cancel()
			}
		case opDrop:
			if kid := g.someone(arg); kid != nil && kid.id > 0 && arg%2 == 0 && inSet[kid.h] == nil {
				g.mu.Lock()
				kid.dropped = true
				g.mu.Unlock()
				kid.h.Drop()
				g.mu.Lock()
				if kid.panicked && kid.ended > 0 && kid.h.IsFinished() && !kid.delivered {
					assert.Equal(g.t, 1, g.heard[kid.id], "no Await can return it any more")
				}
				g.mu.Unlock()
			}
		case opSetNext:
			h, err := set.NextHandle(ctx)
			if h == nil {
				assert.True(g.t, ctx.Err() != nil && err != nil || err == nil && len(inSet) == 0, "%v", err)
				continue
			}
			kid := inSet[h]
			if assert.NotNil(g.t, kid, "returned twice") {
				delete(inSet, h)
				assert.True(g.t, h.IsFinished() || kid.dropped) // then there is no more to wait for
				v, err := h.Await(context.Background())
				g.check(kid, v, err)
			}
		case opPanic:
			if p.id > 0 && arg%2 == 0 {
				g.mu.Lock()
				p.panicked = true
				g.mu.Unlock()
				panic(p.id)
			}
		case opGoexit:
			if p.id > 0 && arg%2 == 0 {
				g.mu.Lock()
				p.exited = true
				g.mu.Unlock()
				runtime.Goexit()
			}
		case opShutdown:
			if p.id == 0 && arg%8 == 0 {
				g.mu.Lock()
				g.shut = true
				for _, kid := range g.players {
					kid.cancelled = true
				}
				g.mu.Unlock()
				assert.Error(g.t, g.rt.Shutdown(ctx), "a task does not wait for itself")
			}
		}
	}
	return finish(nil)
}
