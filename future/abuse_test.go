package future_test

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
)

// Misuse, and what it leads to: an error or a panic in words where the
// mistake is made, and nothing that is left behind.

func TestAMissingFutureOrFunctionPanicsWhereItIsMissing(t *testing.T) {
	one, none := future.Ready(1), future.Future[int](nil)
	same := func(v int) int { return v }
	next := func(context.Context, int) future.Future[int] { return one }
	for want, mistake := range map[string]func(){
		"future: Map of no future":             func() { future.Map(none, same) },
		"future: Map with a nil function":      func() { future.Map[int, int](one, nil) },
		"future: Then of no future":            func() { future.Then(none, next) },
		"future: Then with a nil function":     func() { future.Then[int, int](one, nil) },
		"future: Timeout of no future":         func() { future.Timeout(hour, none) },
		"future: Borrow of no future":          func() { future.Borrow(none) },
		"future: Chan of no future":            func() { future.Chan(none) },
		"future: PollFunc with a nil function": func() { future.PollFunc[int](nil) },
		"future: a Context needs a waker":      func() { future.NewContext(t.Context(), nil) },
		"future: Reject with no error":         func() { new(future.Promise[int]).Reject(nil) },
		"handoff: nil context":                 func() { future.Await(nil, future.Pending[int]()) }, //nolint:staticcheck // it is the mistake
		"future: the function of Then returned no future": func() {
			future.Await(t.Context(), future.Then(one, func(context.Context, int) future.Future[int] { return nil }))
		},
	} {
		assert.PanicsWithValue(t, want, mistake)
	}
	for _, join := range []func(){
		func() { future.Join2(one, none) },
		func() { future.Join2(none, one) },
		func() { future.Join3(one, one, none) },
	} {
		assert.PanicsWithValue(t, "future: Join2 of no future", join)
	}
	for i, group := range []func(){
		func() { future.JoinAll(none) },
		func() { future.TryJoinAll(one, none) },
		func() { future.Race(one, one, none) },
	} {
		assert.PanicsWithValue(t, fmt.Sprintf("future: no future at index %d", i), group)
	}
}

// together are futures over a member that misbehaves and others that stand somewhere.
func together(bad future.Future[int], k *family) map[string]func(ctx context.Context) {
	return map[string]func(ctx context.Context){
		"Race":       func(ctx context.Context) { future.Await(ctx, future.Race(k.next(), bad, k.next())) },
		"RaceBiased": func(ctx context.Context) { future.Await(ctx, future.RaceBiased(k.next(), bad)) },
		"Join2":      func(ctx context.Context) { future.Await(ctx, future.Join2(k.next(), bad)) },
		"Join3":      func(ctx context.Context) { future.Await(ctx, future.Join3(k.next(), bad, k.next())) },
		"JoinAll":    func(ctx context.Context) { future.Await(ctx, future.JoinAll(k.next(), bad)) },
		"TryJoinAll": func(ctx context.Context) { future.Await(ctx, future.TryJoinAll(k.next(), bad, k.next())) },
		"nested": func(ctx context.Context) {
			future.Await(ctx, future.Timeout(hour, future.RaceBiased(
				future.Map(k.next(), func(int) []future.Result[int] { return nil }), future.JoinAll(k.next(), bad))))
		},
	}
}

// Rust drops what a panic unwinds through. Here a receive that was polled and then
// forgotten would keep a notification that others wait for.
func TestAMemberThatPanicsOrExitsLetsTheOthersGo(t *testing.T) {
	ends := map[string]func(){"panic": func() { panic(errBoom) }, "Goexit": runtime.Goexit}
	for how, end := range ends {
		for _, at := range []int{1, 2} { // the first poll, and one after a wait
			for name := range together(nil, nil) {
				t.Run(fmt.Sprintf("%s in %s, poll %d", how, name, at), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						polls := 0
						bad := future.PollFunc(func(cx *future.Context) (int, bool, error) {
							if polls++; polls == at {
								end()
							}
							cx.Waker().Wake()
							return 0, false, nil
						})
						k := new(family)
						go func() {
							defer func() {
								if v := recover(); how == "panic" {
									assert.Equal(t, errBoom, v)
								}
							}()
							together(bad, k)[name](context.Background())
							assert.Fail(t, "it returned")
						}()
						synctest.Wait()
						require.NotEmpty(t, *k)
						for _, p := range *k {
							p.assertDropped(t)
						}
					})
				})
			}
		}
	}
}

func TestAFutureThatPanickedInAGroupLeavesTheGroupConsumed(t *testing.T) {
	bad := func() future.Future[int] {
		return future.PollFunc(func(*future.Context) (int, bool, error) { panic(errBoom) })
	}
	for _, s := range []subject{
		of(future.Race(bad(), bad())), of(future.Join2(bad(), bad())),
		of(future.JoinAll(bad())), of(future.TryJoinAll(bad())), of(future.Join3(bad(), bad(), bad())),
	} {
		cx, _ := newCx()
		require.PanicsWithValue(t, errBoom, func() { s.poll(cx) })
		assertOver(t, s, cx, future.ErrConsumed)
		s.drop()
		assertOver(t, s, cx, future.ErrConsumed)
	}
}

// badContext panics in one of its methods, from some call on.
type badContext struct {
	context.Context
	in    string
	after int
}

func (c *badContext) look(method string) {
	if method == c.in {
		if c.after--; c.after < 0 {
			panic("context: " + method)
		}
	}
}

func (c *badContext) Done() <-chan struct{} { c.look("Done"); return c.Context.Done() }
func (c *badContext) Err() error            { c.look("Err"); return c.Context.Err() }
func (c *badContext) Value(key any) any     { c.look("Value"); return c.Context.Value(key) }

func TestAContextThatPanicsDropsTheFutureAndHarmsNoOtherAwait(t *testing.T) {
	for _, in := range []string{"Done", "Err", "Value"} {
		for after := range 2 {
			ctx, cancel := context.WithCancel(t.Context())
			bad := &badContext{ctx, in, after}
			p := new(probe)
			cancel()
			func() {
				defer func() {
					if v := recover(); v != nil {
						assert.Equal(t, "context: "+in, v)
					}
				}()
				_, err := future.Await(bad, p)
				assert.ErrorIs(t, err, context.Canceled)
			}()
			p.assertDropped(t)
			v, err := future.Await(t.Context(), future.Ready(7))
			require.NoError(t, err)
			require.Equal(t, 7, v)
		}
	}
}

// An ended context still gets one try. Then its error is the result, and what was awaited
// is dropped.
func TestAContextThatEndedBeforeTheCallGetsOneTry(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	for name, await := range map[string]func(ctx context.Context, f future.Future[int]) error{
		"Await": awaited[int],
		"of a Map": func(ctx context.Context, f future.Future[int]) error {
			return awaited(ctx, future.Map(f, func(v int) int { return v }))
		},
		"of a Then": func(ctx context.Context, f future.Future[int]) error {
			return awaited(ctx, future.Then(future.Ready(1), func(context.Context, int) future.Future[int] { return f }))
		},
		"of a Join2": func(ctx context.Context, f future.Future[int]) error {
			return awaited(ctx, future.Join2(future.Ready(1), f))
		},
		"of a JoinAll": func(ctx context.Context, f future.Future[int]) error {
			return awaited(ctx, future.JoinAll(f, future.Ready(1)))
		},
		"of a TryJoinAll": func(ctx context.Context, f future.Future[int]) error {
			return awaited(ctx, future.TryJoinAll(f, future.Ready(1)))
		},
		"of a Race": func(ctx context.Context, f future.Future[int]) error {
			return awaited(ctx, future.Race(f, future.Pending[int]()))
		},
		"of a RaceBiased": func(ctx context.Context, f future.Future[int]) error {
			return awaited(ctx, future.RaceBiased(future.Pending[int](), f))
		},
		"of a Timeout": func(ctx context.Context, f future.Future[int]) error { return awaited(ctx, future.Timeout(hour, f)) },
		"of an After": func(ctx context.Context, f future.Future[int]) error {
			if awaited(ctx, f) == nil {
				return awaited(ctx, future.After(0))
			}
			return awaited(ctx, future.After(hour))
		},
	} {
		for why, ctx := range map[error]context.Context{context.Canceled: cancelled, context.DeadlineExceeded: late} {
			ready := new(probe)
			ready.complete(7, nil)
			assert.NoError(t, await(ctx, ready), "%s: it was possible", name)
			stuck := new(probe)
			assert.Equal(t, why, await(ctx, stuck), name)
			stuck.assertDropped(t)
		}
	}
}

func awaited[T any](ctx context.Context, f future.Future[T]) error {
	_, err := future.Await(ctx, f)
	return err
}

// The panic of the poll is the one that is seen.
func TestTheFirstPanicOfAnAwaitIsTheOneThatCounts(t *testing.T) {
	polls := 0
	f := &rude{poll: func(cx *future.Context) (int, bool, error) {
		if polls++; polls == 2 {
			panic("poll")
		}
		cx.Waker().Wake()
		return 0, false, nil
	}}
	require.PanicsWithValue(t, "poll", func() { future.Await(t.Context(), f) })
	require.Equal(t, 1, f.drops)
}

// rude is a future whose Drop panics.
type rude struct {
	poll  func(cx *future.Context) (int, bool, error)
	drops int
}

func (f *rude) Poll(cx *future.Context) (int, bool, error) { return f.poll(cx) }
func (f *rude) Drop()                                      { f.drops++; panic("drop") }

func TestAWakerThatIsKeptForEverWakesNothingAfterCompletion(t *testing.T) {
	for _, end := range []string{"complete", "dropped"} {
		conform(t, func(t *testing.T, name string, s subject, k *family) {
			if name == "Map" || name == "Then" || name == "Pending" {
				return // they hand their caller's waker on, or never end
			}
			cx, woken := newCx()
			_, ready, _ := s.poll(cx)
			var kept []future.Waker
			for _, p := range *k {
				if cx := p.context(); cx != nil {
					kept = append(kept, cx.Waker())
				}
			}
			for range 3 {
				if ready || end == "dropped" {
					break
				}
				if s.complete != nil {
					s.complete()
				} else {
					k.complete(nil)
				}
				_, ready, _ = s.poll(cx)
			}
			if !ready {
				s.drop()
			}
			before := woken.count()
			for range 3 {
				for _, w := range kept {
					w.Wake()
				}
			}
			assert.Equal(t, before, woken.count())
		})
	}
}

// A Wake must not poll, but one that does finds no lock held.
func TestAPollFromInsideOfAWakeDoesNotDeadlock(t *testing.T) {
	for name, around := range map[string]func(f future.Future[int]) future.Future[int]{
		"promise": func(f future.Future[int]) future.Future[int] { return f },
		"Borrow":  func(f future.Future[int]) future.Future[int] { return future.Borrow(f) },
		"Timeout": func(f future.Future[int]) future.Future[int] { return future.Timeout(hour, f) },
		"Race": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.Race(f, future.Pending[int]()), func(won future.Indexed[int]) int { return won.Value })
		},
		"Join2": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.Join2(f, future.Ready(1)), func(p future.Pair[int, int]) int { return p.A })
		},
		"JoinAll": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.JoinAll(f), func(r []future.Result[int]) int { return r[0].Value })
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, inner := future.NewPromise[int]()
			f := around(inner)
			got := 0
			var cx *future.Context
			cx = future.NewContext(t.Context(), wakerFunc(func() { got, _, _ = f.Poll(cx) }))
			_, ready, _ := f.Poll(cx)
			require.False(t, ready)
			within(t, 10*time.Second, func() { p.Resolve(7) })
			require.Equal(t, 7, got)
		})
	}
}

func TestAWakerThatPanicsLeavesThePromiseCompleted(t *testing.T) {
	p, f := future.NewPromise[int]()
	_, ready, _ := f.Poll(future.NewContext(t.Context(), wakerFunc(func() { panic(errBoom) })))
	require.False(t, ready)
	require.PanicsWithValue(t, errBoom, func() { p.Resolve(7) })
	require.False(t, p.Resolve(8))
	v, err := future.Await(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, 7, v)
}

func TestAZeroPromiseHasNoFuture(t *testing.T) {
	var p future.Promise[int]
	assert.True(t, p.Resolve(1))
	assert.False(t, p.Reject(errors.New("late")))
	p.Drop()
	assertClosed(t, p.Done())
}
