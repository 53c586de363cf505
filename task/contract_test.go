package task_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// What package context promises of a context holds for that of a task. FuzzContextContract
// looks for other orders; here are the known ones.

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// asksLate is a future that lets the deadline above pass in its only poll.
func asksLate(asked func(context.Context)) future.Future[int] {
	return future.PollFunc(func(cx *future.Context) (int, bool, error) {
		time.Sleep(2 * time.Second)
		asked(cx)
		return 0, true, nil
	})
}

func TestErrOfATaskNeverChanges(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, seen func(context.Context)) *task.JoinHandle[int]{
		"a poll that is ready at once, after the deadline": func(ctx context.Context, seen func(context.Context)) *task.JoinHandle[int] {
			return task.SpawnFuture(ctx, asksLate(seen))
		},
		"a function that returns after the deadline": func(ctx context.Context, seen func(context.Context)) *task.JoinHandle[int] {
			return task.Spawn(ctx, func(ctx context.Context) (int, error) {
				time.Sleep(2 * time.Second)
				seen(ctx)
				return 0, nil
			})
		},
		"a function that is cancelled before the deadline": func(ctx context.Context, seen func(context.Context)) *task.JoinHandle[int] {
			kept := make(chan context.Context, 1)
			h := task.Spawn(ctx, func(ctx context.Context) (int, error) {
				kept <- ctx
				time.Sleep(2 * time.Second)
				return 0, nil
			})
			ctx = <-kept
			h.Cancel()
			seen(ctx)
			return h
		},
		"a function that is cancelled after the deadline": func(ctx context.Context, seen func(context.Context)) *task.JoinHandle[int] {
			kept := make(chan context.Context, 1)
			h := task.Spawn(ctx, func(ctx context.Context) (int, error) {
				kept <- ctx
				time.Sleep(3 * time.Second)
				return 0, nil
			})
			ctx = <-kept
			time.Sleep(2 * time.Second)
			seen(ctx)
			h.Cancel()
			return h
		},
	} {
		for _, asked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, Done asked for=%v", name, asked), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					late, stop := context.WithTimeout(start(t), time.Second)
					defer stop()
					var kept context.Context
					var first, cause error
					h := end(late, func(ctx context.Context) {
						if asked {
							_ = ctx.Done()
						}
						kept, first, cause = ctx, ctx.Err(), context.Cause(ctx)
					})
					_, _ = h.Await(context.Background())
					require.Error(t, first)
					require.Equal(t, first, kept.Err())
					require.Equal(t, cause, context.Cause(kept))
					stop()
					require.Equal(t, first, kept.Err())
					require.True(t, isClosed(kept.Done()))
					require.Equal(t, first, kept.Err())
				})
			})
		}
	}
}

// derivations are ways to derive a context with an end of its own from that of a task.
var derivations = map[string]func(context.Context) (context.Context, context.CancelFunc){
	"WithCancel": context.WithCancel,
	"WithTimeout": func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, time.Hour)
	},
	"WithCancel of WithValue": func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithCancel(context.WithValue(ctx, testKey{}, 1))
	},
	"WithCancel of WithCancel": func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, stop := context.WithCancel(ctx)
		derived, cancel := context.WithCancel(ctx)
		return derived, func() { cancel(); stop() }
	},
	"WithValue": func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithValue(ctx, testKey{}, 1), func() {}
	},
}

// No goroutine has to run between the end and what depends on it.
func TestDerivedContextsHaveEndedWhenTheCallThatEndsThemReturns(t *testing.T) {
	type program struct {
		rt     *task.Runtime
		stop   context.CancelFunc // of the context above
		h      *task.JoinHandle[int]
		finish chan struct{} // the task returns
	}
	for name, end := range map[string]func(p program){
		"Cancel": func(p program) { p.h.Cancel() },
		"Shutdown": func(p program) {
			ended, stop := context.WithCancel(context.Background())
			stop()
			_ = p.rt.Shutdown(ended)
		},
		"the cancel function of the context above": func(p program) { p.stop() },
		"Await": func(p program) { close(p.finish); _, _ = p.h.Await(context.Background()) },
	} {
		for way, derive := range derivations {
			for _, asked := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s, Done asked for=%v", name, way, asked), func(t *testing.T) {
					rt, err := task.New(task.WithWorkers(4))
					require.NoError(t, err)
					above, stop := context.WithCancel(rt.Context(context.Background()))
					defer stop()
					p := program{rt: rt, stop: stop, finish: make(chan struct{})}
					kept := make(chan context.Context, 1)
					p.h = task.Spawn(above, func(ctx context.Context) (int, error) {
						kept <- ctx
						if _, err := future.Await(context.WithoutCancel(ctx), chanClosed(p.finish)); err != nil {
							return 0, err
						}
						return 0, nil
					})
					own := <-kept
					derived, cancel := derive(own)
					defer cancel()
					all := []context.Context{own, derived}
					if name != "Await" { // a child does not end with a task that returns
						p := task.Spawn(context.WithValue(own, testKey{}, 2), func(ctx context.Context) (int, error) {
							kept <- ctx
							return future.Await(ctx, future.Pending[int]())
						})
						defer func() { _, _ = p.Await(within(t)) }()
						child := <-kept
						below, cancel := derive(child)
						defer cancel()
						all = append(all, child, below)
					}
					var channels []<-chan struct{}
					for _, ctx := range all {
						require.NoError(t, ctx.Err())
						if asked {
							channels = append(channels, ctx.Done())
							require.False(t, isClosed(ctx.Done()))
						}
					}
					end(p)
					for i, done := range channels {
						require.True(t, isClosed(done), "context %d", i)
					}
					for i, ctx := range all {
						require.ErrorIs(t, ctx.Err(), context.Canceled, "context %d", i)
						require.True(t, isClosed(ctx.Done()), "context %d", i)
						require.ErrorIs(t, context.Cause(ctx), context.Canceled, "context %d", i)
					}
					if name != "Await" {
						close(p.finish)
					}
					require.NoError(t, rt.Shutdown(within(t)))
				})
			}
		}
	}
}

// chanClosed is ready once done is closed.
func chanClosed(done <-chan struct{}) future.Future[int] {
	p, f := future.NewPromise[int]()
	go func() {
		<-done
		p.Resolve(0)
	}()
	return f
}

// lazy is a context of another kind, which says that it has ended before it says so to
// those that it has accepted.
type lazy struct {
	context.Context

	done  chan struct{}
	err   error
	funcs []func()
}

func (l *lazy) Done() <-chan struct{} { return l.done }
func (l *lazy) Err() error            { return l.err }
func (l *lazy) AfterFunc(f func()) func() bool {
	l.funcs = append(l.funcs, f)
	return func() bool { return false }
}

func TestErrAndDoneAgreeUnderAContextOfAnotherKind(t *testing.T) {
	for _, asked := range []bool{false, true} {
		for _, err := range []error{context.Canceled, context.DeadlineExceeded} {
			t.Run(fmt.Sprintf("Done asked for=%v, %v", asked, err), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					above := &lazy{Context: start(t), done: make(chan struct{})}
					kept := make(chan context.Context, 1)
					h := task.Spawn(above, func(ctx context.Context) (int, error) {
						kept <- ctx
						<-ctx.Done()
						return 0, nil
					})
					own := <-kept
					if !asked {
						h.Cancel() // it waits for Done
						_, _ = h.Await(context.Background())
						h = task.SpawnFuture(above, future.PollFunc(func(cx *future.Context) (int, bool, error) {
							kept <- cx
							return 0, false, nil
						}))
						own = <-kept
					}
					synctest.Wait()
					derived, stop := context.WithCancel(context.WithValue(own, testKey{}, 1))
					defer stop()
					agree := func() {
						for _, ctx := range []context.Context{own, derived} {
							got := ctx.Err()
							require.Equal(t, got != nil, isClosed(ctx.Done()))
							require.Equal(t, got, ctx.Err())
							require.Equal(t, got != nil, context.Cause(ctx) != nil)
						}
					}
					agree()
					above.err = err
					agree()
					close(above.done)
					agree()
					for _, f := range above.funcs {
						f()
					}
					synctest.Wait()
					agree()
					require.Equal(t, err, own.Err())
					require.Equal(t, err, derived.Err())
					_, _ = h.Await(context.Background())
					require.Equal(t, err, own.Err())
				})
			})
		}
	}
}

// Cause says why the context of a task has ended, with and without a Done before.
func TestCauseIsTheReasonOfTheFirstEnd(t *testing.T) {
	odd := errors.New("odd")
	for _, asked := range []bool{false, true} {
		for name, c := range map[string]struct {
			end  func(rt *task.Runtime, above context.CancelCauseFunc, h *task.JoinHandle[int])
			want error
		}{
			"Cancel": {func(_ *task.Runtime, _ context.CancelCauseFunc, h *task.JoinHandle[int]) { h.Cancel() }, task.ErrCancelled},
			"Shutdown": {func(rt *task.Runtime, _ context.CancelCauseFunc, _ *task.JoinHandle[int]) {
				ended, stop := context.WithCancel(context.Background())
				stop()
				_ = rt.Shutdown(ended)
			}, task.ErrShutdown},
			"above": {func(_ *task.Runtime, above context.CancelCauseFunc, _ *task.JoinHandle[int]) { above(odd) }, odd},
		} {
			t.Run(fmt.Sprintf("%s, Done asked for=%v", name, asked), func(t *testing.T) {
				rt, err := task.New(task.WithWorkers(1))
				require.NoError(t, err)
				above, cancel := context.WithCancelCause(rt.Context(context.Background()))
				kept, finish := make(chan context.Context), make(chan struct{})
				h := task.Spawn(above, func(ctx context.Context) (int, error) {
					kept <- ctx
					<-finish
					return 0, nil
				})
				ctx := <-kept
				if asked {
					_ = ctx.Done()
				}
				require.NoError(t, context.Cause(ctx))
				c.end(rt, cancel, h)
				for range 2 {
					require.Equal(t, c.want, context.Cause(ctx))
					require.Equal(t, c.want, context.Cause(context.WithValue(ctx, testKey{}, 1)))
					derived, stop := context.WithCancel(ctx)
					require.Equal(t, c.want, context.Cause(derived))
					stop()
					cancel(errors.New("later"))
					h.Cancel()
				}
				close(finish)
				_, _ = h.Await(within(t))
				require.Equal(t, c.want, context.Cause(ctx))
				require.NoError(t, rt.Shutdown(within(t)))
			})
		}
		t.Run(fmt.Sprintf("return, Done asked for=%v", asked), func(t *testing.T) {
			above, cancel := context.WithCancelCause(start(t))
			var kept context.Context
			h := task.Go(above, func(ctx context.Context) error {
				if kept = ctx; asked {
					_ = ctx.Done()
				}
				return nil
			})
			_, err := h.Await(within(t))
			require.NoError(t, err)
			cancel(odd)
			h.Cancel()
			require.Equal(t, context.Canceled, context.Cause(kept))
		})
	}
}

// A context that package context derives costs no goroutine, through values neither.
func TestContextsDerivedFromATasksCostNoGoroutine(t *testing.T) {
	ctx := start(t)
	_, err := task.Go(ctx, func(ctx context.Context) error {
		before := runtime.NumGoroutine()
		for i := range 500 {
			_, stop := context.WithCancel(context.WithValue(ctx, testKey{}, i))
			defer stop()
		}
		assert.Less(t, runtime.NumGoroutine()-before, 100)
		return nil
	}).Await(within(t))
	require.NoError(t, err)
}
