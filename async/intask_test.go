package async_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// Function tasks that wait in a channel do it as goroutines do, on a sleeper of the
// channel, except that the sleep releases their worker.

// inTasks runs fn as a task of a runtime with so many workers.
func inTasks(t *testing.T, workers int, fn func(ctx context.Context, rt *task.Runtime) error) {
	t.Helper()
	rt, err := task.New(task.WithWorkers(workers), task.WithStallRelief(0))
	require.NoError(t, err)
	_, err = task.BlockOn(rt.Context(context.Background()), func(ctx context.Context) (struct{}, error) {
		return struct{}{}, fn(ctx, rt)
	})
	assert.NoError(t, err)
	assert.NoError(t, rt.Shutdown(context.Background()))
}

// pairs are calls that wait for each other: first waits until second is made.
func pairs() map[string]struct{ first, second func(context.Context) error } {
	atx, arx := async.Bounded[int](0)
	btx, brx := async.Bounded[int](0)
	ctx, crx := async.Bounded[int](1)
	ctx.TrySend(1)
	dtx, drx := async.Bounded[int](1)
	etx, erx := async.Bounded[int](1)
	etx.TrySend(1)
	ftx, frx := mpsc.SyncChannel[int](0)
	gtx, grx := mpsc.SyncChannel[int](1)
	gtx.TrySend(1)
	htx, hrx := mpsc.Channel[int]()
	one := func(_ int, err error) error { return err }
	return map[string]struct{ first, second func(context.Context) error }{
		"Recv, Send": {
			func(ctx context.Context) error { return one(arx.Recv().Await(ctx)) },
			func(ctx context.Context) error { return atx.Send(1).Await(ctx) },
		},
		"Send, Recv": {
			func(ctx context.Context) error { return btx.Send(1).Await(ctx) },
			func(ctx context.Context) error { return one(brx.Recv().Await(ctx)) },
		},
		"SendMany, RecvMany": {
			func(c context.Context) error { return one(ctx.SendMany([]int{1, 2}).Await(c)) },
			func(c context.Context) error {
				for n := 0; n < 3; {
					k, err := crx.RecvMany(make([]int, 3)).Await(c)
					if err != nil {
						return err
					}
					n += k
				}
				return nil
			},
		},
		"RecvMany, SendMany": {
			func(ctx context.Context) error { return one(drx.RecvMany(make([]int, 3)).Await(ctx)) },
			func(ctx context.Context) error { return one(dtx.SendMany([]int{1}).Await(ctx)) },
		},
		"Reserve, Recv": {
			func(ctx context.Context) error {
				p, err := etx.Reserve().Await(ctx)
				if err != nil {
					return err
				}
				return p.Send(2)
			},
			func(ctx context.Context) error { return one(erx.Recv().Await(ctx)) },
		},
		"mpsc RecvContext, SendContext": {
			func(ctx context.Context) error { return one(frx.RecvContext(ctx)) },
			func(ctx context.Context) error { return ftx.SendContext(ctx, 1) },
		},
		"mpsc SendManyContext, RecvManyContext": {
			func(ctx context.Context) error { return one(gtx.SendManyContext(ctx, []int{1})) },
			func(ctx context.Context) error { return one(grx.RecvManyContext(ctx, make([]int, 1))) },
		},
		"mpsc RecvManyContext, Send": {
			func(ctx context.Context) error { return one(hrx.RecvManyContext(ctx, make([]int, 1))) },
			func(context.Context) error { return htx.Send(1) },
		},
	}
}

func TestATaskThatWaitsInAChannelGivesItsOnlyWorkerAway(t *testing.T) {
	for name, p := range pairs() {
		t.Run(name, func(t *testing.T) {
			inTasks(t, 1, func(ctx context.Context, rt *task.Runtime) error {
				first := task.Go(ctx, p.first)
				for first.IsFinished() || rt.Stats().Waiting < 1 {
					if err := task.YieldNow(ctx); err != nil {
						return err
					}
				}
				if err := p.second(ctx); err != nil {
					return err
				}
				_, err := first.Await(ctx)
				return err
			})
		})
	}
}

func TestATasksWaitInAChannelEndsWithItsContext(t *testing.T) {
	contexts := map[string]func(context.Context) (context.Context, context.CancelFunc){
		"its own": func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} },
		"derived": context.WithCancel,
		"a value": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithValue(ctx, t, 1), func() {}
		},
		"detached": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		},
	}
	for which, derive := range contexts {
		for name, p := range pairs() {
			t.Run(which+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p = pairs()[name] // of this bubble
					inTasks(t, 1, func(ctx context.Context, _ *task.Runtime) error {
						h := task.Go(ctx, func(ctx context.Context) error {
							ctx, cancel := derive(ctx)
							defer cancel()
							return p.first(ctx)
						})
						if err := task.Sleep(ctx, 100*time.Millisecond); err != nil {
							return err
						}
						assert.False(t, h.IsFinished())
						if which != "detached" {
							h.Cancel()
						}
						_, err := h.Await(ctx)
						if which == "detached" {
							assert.ErrorIs(t, err, context.DeadlineExceeded)
						} else {
							assert.ErrorIs(t, err, context.Canceled)
						}
						return nil
					})
				})
			})
		}
	}
}

func TestATaskThatIsCancelledAsItIsServedLosesNothing(t *testing.T) {
	rounds := 3000
	if !testsize.Long() {
		rounds = 300
	}
	for _, workers := range []int{1, 2} {
		inTasks(t, workers, func(ctx context.Context, _ *task.Runtime) error {
			for round := range rounds {
				tx, rx := async.Bounded[int](round % 2)
				var got, sent atomic.Int32
				recv := task.Go(ctx, func(ctx context.Context) error {
					_, err := rx.Recv().Await(ctx)
					if err == nil {
						got.Add(1)
					}
					return nil
				})
				send := task.Go(ctx, func(ctx context.Context) error {
					err := tx.Send(1).Await(ctx)
					if err == nil {
						sent.Add(1)
					} else if e, ok := errors.AsType[*async.SendError[int]](err); !ok || e.Value != 1 {
						t.Errorf("the value did not come back: %v", err)
					}
					return nil
				})
				stop := task.Go(ctx, func(ctx context.Context) error {
					first, second := recv, send
					if round%4 < 2 {
						first, second = send, recv
					}
					first.Cancel()
					if round%3 == 0 {
						_ = task.YieldNow(ctx)
					}
					second.Cancel()
					return nil
				})
				for _, h := range []*task.JoinHandle[struct{}]{recv, send, stop} {
					if _, err := h.Await(ctx); err != nil && !errors.Is(err, task.ErrCancelled) {
						return err
					}
				}
				assert.Equal(t, int(sent.Load()), int(got.Load())+rx.Len(), "round %d", round)
				tx.Drop()
				rx.Drop()
			}
			return nil
		})
	}
}

func TestADroppedHandleEndsTheWaitOfATask(t *testing.T) {
	inTasks(t, 1, func(ctx context.Context, rt *task.Runtime) error {
		tx, rx := async.Bounded[int](1)
		defer tx.Drop()
		h := task.Go(ctx, func(ctx context.Context) error {
			_, err := rx.Recv().Await(ctx)
			return err
		})
		for rt.Stats().Waiting < 1 {
			if err := task.YieldNow(ctx); err != nil {
				return err
			}
		}
		rx.Drop()
		_, err := h.Await(ctx)
		assert.ErrorIs(t, err, async.ErrDropped)
		return nil
	})
}

func TestADumpSaysOnWhichHandleATaskWaits(t *testing.T) {
	inTasks(t, 1, func(ctx context.Context, rt *task.Runtime) error {
		tx, rx := async.Bounded[int](1)
		h := task.Go(ctx, func(ctx context.Context) error {
			_, err := rx.Recv().Await(ctx)
			return err
		})
		for rt.Stats().Waiting < 1 {
			if err := task.YieldNow(ctx); err != nil {
				return err
			}
		}
		var dump bytes.Buffer
		rt.Dump(&dump)
		assert.Contains(t, dump.String(), "waiting for async.Receiver[int]")
		tx.Drop()
		_, err := h.Await(ctx)
		assert.ErrorIs(t, err, async.ErrClosed)
		return nil
	})
}

// trap is a context whose Done panics once it is armed.
type trap struct {
	context.Context

	armed atomic.Bool
}

func (c *trap) Done() <-chan struct{} {
	if c.armed.Load() {
		panic("trap")
	}
	return c.Context.Done()
}

func TestATaskWhoseContextPanicsAsItBeginsToWaitLeavesNothingQueued(t *testing.T) {
	base, stop := context.WithCancel(t.Context())
	defer stop()
	rt, err := task.New(task.WithWorkers(1))
	require.NoError(t, err)
	c := &trap{Context: rt.Context(base)}
	tx, rx := async.Bounded[int](1)
	h := task.Go(c, func(ctx context.Context) error {
		c.armed.Store(true)
		_, err := rx.Recv().Await(ctx)
		return err
	})
	_, err = h.Await(context.Background())
	_, panicked := errors.AsType[*task.PanicError](err)
	assert.True(t, panicked, err)
	c.armed.Store(false)
	require.NoError(t, tx.TrySend(1))
	v, err := rx.TryRecv()
	require.NoError(t, err, "a receive that was cancelled was handed the message")
	assert.Equal(t, 1, v)
	tx.Drop()
	rx.Drop()
	require.NoError(t, rt.Shutdown(context.Background()))
}
