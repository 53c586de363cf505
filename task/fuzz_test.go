package task_test

import (
	"context"
	"errors"
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

// FuzzPrograms runs programs of tasks that spawn, await, cancel and drop each other, sleep,
// use a JoinSet, panic and call Goexit, under a seed and in a bubble, until the runtime is
// shut down. It checks the result of each task, each time it is awaited: the result is the
// one that its body accounts for, and no body runs twice or without an end.
func FuzzPrograms(f *testing.F) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 30 {
		f.Add(rng.Uint64(), randomProgram(rng, 100))
	}
	f.Fuzz(func(t *testing.T, seed uint64, program []byte) {
		synctest.Test(t, func(t *testing.T) { playProgram(t, seed, program) })
	})
}

// TestRandomProgramsOfTasksKeepTheirPromises is the same with fresh programs.
func TestRandomProgramsOfTasksKeepTheirPromises(t *testing.T) {
	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	var seed uint64
	var program []byte
	defer func() { // a failure ends the goroutine
		if t.Failed() {
			t.Logf("add to the corpus of FuzzPrograms: uint64(%d), %q", seed, program)
		}
	}()
	for range testsize.Scaled(300) {
		seed, program = rng.Uint64(), randomProgram(rng, 10+rng.IntN(200))
		synctest.Test(t, func(t *testing.T) { playProgram(t, seed, program) })
		if t.Failed() {
			return
		}
	}
}

// A seed decides the order of everything that does not come from the clock.
func TestASeedRepeatsARandomProgram(t *testing.T) {
	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for range testsize.Scaled(50) {
		seed, program := rng.Uint64(), randomProgram(rng, 100)
		for i := range program {
			if program[i]%14 == opSleep || program[i]%14 == opAlarm {
				program[i] = opYield
			}
		}
		var traces [2][]int
		for i := range traces {
			synctest.Test(t, func(t *testing.T) { traces[i] = playProgram(t, seed, program) })
		}
		require.Equal(t, traces[0], traces[1], "seed %d, program %q", seed, program)
	}
}

func randomProgram(rng *rand.Rand, n int) []byte {
	program := make([]byte, n)
	for i := range program {
		program[i] = byte(rng.Uint32())
	}
	return program
}

const (
	opSpawn = iota
	opSpawnToo
	opAlarm
	opSleep
	opYield
	opAwait
	opAwaitEnded
	opCancel
	opDrop
	opSetSpawn
	opSetNext
	opPanic
	opGoexit
	opShutdown
)

// playProgram runs a program and returns the order in which the tasks took their steps.
func playProgram(t *testing.T, seed uint64, program []byte) []int {
	g := &game{t: t, bytes: program, heard: make(map[int]int)}
	rt, err := task.New(task.WithSeed(seed), task.WithPanicHandler(func(p *task.PanicError) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.heard[p.Value.(int)]++
	}))
	require.NoError(t, err)
	g.rt = rt
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour) // of the bubble
	defer cancel()
	root := g.add(nil)
	h := task.Spawn(rt.Context(ctx), func(ctx context.Context) (int, error) { return g.body(ctx, root) })
	g.mu.Lock()
	root.h = h
	g.mu.Unlock()
	v, err := h.Await(context.Background())
	g.check(root, v, err)
	assert.NoError(t, ctx.Err(), "a day is over, so something waits for what never comes")
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
	require.NoError(t, rt.Shutdown(ctx))
	g.checkAll()
	return g.trace
}

// checkAll checks every player after the runtime has ended.
func (g *game) checkAll() {
	t := g.t
	for _, p := range g.players {
		if p.h == nil {
			continue
		}
		assert.LessOrEqual(t, p.begun, 1, "player %d ran twice", p.id)
		assert.Equal(t, p.begun, p.ended, "player %d has begun and not ended", p.id)
		assert.True(t, p.h.IsFinished(), "player %d", p.id)
		reported := g.heard[p.id]
		switch {
		case !p.panicked:
			assert.Zero(t, reported)
		case p.delivered:
			assert.Zero(t, reported, "the panic of player %d was received, and reported too", p.id)
		default:
			assert.Equal(t, 1, reported, "the panic of player %d", p.id)
		}
		v, err := p.h.Await(context.Background())
		g.check(p, v, err)
	}
	s := g.rt.Stats()
	assert.Equal(t, s.Spawned, s.Completed+s.Cancelled+s.Panicked, "%+v", s)
	assert.Zero(t, s.Running+s.Ready+s.Waiting, "%+v", s)
}

// check compares a result with what the body of the task says of itself.
func (g *game) check(p *player, v int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.t
	t.Helper()
	var panicked *task.PanicError
	switch {
	case p.dropped:
		assert.ErrorIs(t, err, future.ErrDropped, "player %d", p.id)
		return
	case p.returned:
		assert.Equal(t, p.err, err, "player %d", p.id)
		assert.Equal(t, p.id, v)
	case errors.As(err, &panicked):
		p.delivered = true
		assert.True(t, p.panicked, "player %d", p.id)
		assert.Equal(t, p.id, panicked.Value)
	case errors.Is(err, task.ErrGoexit):
		assert.True(t, p.exited, "player %d", p.id)
	case p.alarm && err == nil:
		assert.Equal(t, p.id, v)
		assert.False(t, time.Now().Before(p.until), "an alarm is early")
	case errors.Is(err, task.ErrCancelled):
		assert.True(t, p.mayBeCancelled(), "player %d was not cancelled", p.id)
		assert.Zero(t, p.begun, "player %d has begun, so it returns what it returns", p.id)
	case errors.Is(err, task.ErrShutdown):
		assert.True(t, g.shut, "player %d", p.id)
		assert.Zero(t, p.begun)
	default:
		assert.Fail(t, "unexpected", "player %d: %v, %v", p.id, v, err)
	}
	if p.result == nil {
		p.result = &future.Result[int]{Value: v, Err: err}
	}
	assert.Equal(t, *p.result, future.Result[int]{Value: v, Err: err}, "player %d: everybody gets the same", p.id)
}
