package task_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/task"
)

// parcel counts how often it is discarded.
type parcel struct{ discarded *atomic.Int32 }

func (p parcel) Discarded() { p.discarded.Add(1) }

// ways to make a task that returns v, once ready is closed.
var parcels = map[string]func(ctx context.Context, v parcel, err error, ready <-chan struct{}) *task.JoinHandle[parcel]{
	"Spawn": func(ctx context.Context, v parcel, err error, ready <-chan struct{}) *task.JoinHandle[parcel] {
		return task.Spawn(ctx, func(context.Context) (parcel, error) { <-ready; return v, err })
	},
	"SpawnBlocking": func(ctx context.Context, v parcel, err error, ready <-chan struct{}) *task.JoinHandle[parcel] {
		return task.SpawnBlocking(ctx, func(context.Context) (parcel, error) { <-ready; return v, err })
	},
	"SpawnFuture": func(ctx context.Context, v parcel, err error, ready <-chan struct{}) *task.JoinHandle[parcel] {
		f := chanClosed(ready)
		return task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (parcel, bool, error) {
			if _, ready, _ := f.Poll(cx); !ready {
				return parcel{}, false, nil
			}
			return v, true, err
		}))
	},
	"SpawnFuture, ready at once": func(ctx context.Context, v parcel, err error, ready <-chan struct{}) *task.JoinHandle[parcel] {
		return task.SpawnFuture(ctx, future.PollFunc(func(*future.Context) (parcel, bool, error) { <-ready; return v, true, err }))
	},
}

func TestAResultThatNoCallerGotIsDiscardedOnce(t *testing.T) {
	odd := errors.New("odd")
	for way, make1 := range parcels {
		for name, c := range map[string]struct {
			err    error
			before func(h *task.JoinHandle[parcel]) // the result is there
			after  func(h *task.JoinHandle[parcel])
			want   int32
		}{
			"dropped before it is there":     {before: (*task.JoinHandle[parcel]).Drop, want: 1},
			"dropped when it is there":       {after: (*task.JoinHandle[parcel]).Drop, want: 1},
			"dropped twice":                  {before: (*task.JoinHandle[parcel]).Drop, after: (*task.JoinHandle[parcel]).Drop, want: 1},
			"dropped twice when it is there": {after: func(h *task.JoinHandle[parcel]) { h.Drop(); h.Drop() }, want: 1},
			"awaited":                        {after: func(h *task.JoinHandle[parcel]) { _, _ = h.Await(context.Background()); h.Drop() }},
			"awaited as a future": {after: func(h *task.JoinHandle[parcel]) {
				_, _ = future.Await(context.Background(), h.Future())
				h.Drop()
			}},
			"returned by a set": {after: func(h *task.JoinHandle[parcel]) {
				var set task.JoinSet[parcel]
				set.Add(h)
				_, _, _ = set.Next(context.Background())
				h.Drop()
			}},
			"a future that is dropped takes nothing": {after: func(h *task.JoinHandle[parcel]) { h.Future().Drop(); h.Drop() }, want: 1},
			"awaited after the drop":                 {after: func(h *task.JoinHandle[parcel]) { h.Drop(); _, _ = h.Await(context.Background()) }, want: 1},
			"beside an error":                        {err: odd, before: (*task.JoinHandle[parcel]).Drop},
			"beside an error, dropped late":          {err: odd, after: (*task.JoinHandle[parcel]).Drop},
			"of a set that is abandoned": {before: func(h *task.JoinHandle[parcel]) {
				var set task.JoinSet[parcel]
				set.Add(h)
			}},
		} {
			t.Run(way+"/"+name, func(t *testing.T) {
				rt, err := task.New(task.WithWorkers(1))
				require.NoError(t, err)
				var n atomic.Int32
				ready := make(chan struct{})
				h := make1(rt.Context(context.Background()), parcel{&n}, c.err, ready)
				if c.before != nil {
					c.before(h)
				}
				require.Zero(t, n.Load())
				close(ready)
				ends(t, h.Done())
				if c.after != nil {
					c.after(h)
				}
				require.NoError(t, rt.Shutdown(within(t)))
				require.Equal(t, c.want, n.Load())
			})
		}
	}
}

// A Drop, an Await and the end of the task meet: the result is returned or discarded, and
// not both.
func TestAResultIsReturnedOrDiscardedWhateverMeetsTheDrop(t *testing.T) {
	ctx := start(t, task.WithWorkers(2))
	for way, make1 := range parcels {
		t.Run(way, func(t *testing.T) {
			for range testsize.Scaled(2000) {
				var n, got atomic.Int32
				ready := make(chan struct{})
				h := make1(ctx, parcel{&n}, nil, ready)
				var all sync.WaitGroup
				for range 2 {
					all.Go(func() {
						if v, err := h.Await(context.Background()); err == nil && v.discarded != nil {
							got.Store(1)
						}
					})
				}
				all.Go(func() { close(ready) })
				all.Go(h.Drop)
				all.Wait()
				ends(t, h.Done())
				limit := within(t)
				for n.Load()+got.Load() == 0 && limit.Err() == nil {
					runtime.Gosched() // the worker is about to discard it
				}
				require.EqualValues(t, 1, n.Load()+got.Load())
			}
		})
	}
}

type bomb struct{}

func (bomb) Discarded() { panic("boom") }

type quitter struct{}

func (quitter) Discarded() { runtime.Goexit() }

// What Discarded does on a worker is the fault of no task, and the worker goes on.
func TestAResultThatPanicsOrExitsWhenItIsDiscardedHarmsNoOther(t *testing.T) {
	for range 3 {
		ctx := start(t, task.WithWorkers(1), quiet())
		ready := make(chan struct{})
		a := task.Spawn(ctx, func(context.Context) (bomb, error) { <-ready; return bomb{}, nil })
		a.Drop()
		b := task.Spawn(ctx, func(context.Context) (quitter, error) { return quitter{}, nil })
		b.Drop()
		c := task.SpawnFuture(ctx, future.Ready(bomb{}))
		c.Drop()
		d := task.SpawnBlocking(ctx, func(context.Context) (quitter, error) { <-ready; return quitter{}, nil })
		d.Drop()
		last := task.Spawn(ctx, func(context.Context) (int, error) { return 7, nil })
		close(ready)
		v, err := last.Await(within(t))
		require.NoError(t, err)
		require.Equal(t, 7, v)
		e := task.Spawn(ctx, func(context.Context) (bomb, error) { return bomb{}, nil })
		ends(t, e.Done())
		require.PanicsWithValue(t, "boom", e.Drop)
		e.Drop()
	}
}

// The context of a task leads to its handle, and so to a result that was not dropped.
func TestAKeptContextKeepsNoResultOfADroppedHandle(t *testing.T) {
	for _, early := range []bool{false, true} {
		ctx := start(t)
		end, ready := make(chan struct{}), make(chan struct{})
		p, h := func() (p weak.Pointer[page], h *task.JoinHandle[*page]) {
			kept := make(chan weak.Pointer[page], 1)
			h = task.Spawn(ctx, func(ctx context.Context) (*page, error) {
				<-ready
				task.SpawnBlocking(context.WithValue(ctx, testKey{}, 1), func(context.Context) (int, error) { <-end; return 0, nil })
				v := new(page)
				kept <- weak.Make(v)
				return v, nil
			})
			if early {
				h.Drop()
			}
			close(ready)
			ends(t, h.Done())
			h.Drop()
			return <-kept, h
		}()
		collected(t, "the result", p)
		runtime.KeepAlive(h)
		close(end)
	}
}
