package future_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

// bomb is a future whose poll or Drop does not return.
type bomb struct {
	probe

	poll, drop func() // nil: as a probe
}

func (b *bomb) Poll(cx *future.Context) (int, bool, error) {
	v, ready, err := b.probe.Poll(cx)
	if b.poll != nil {
		b.poll()
	}
	return v, ready, err
}

func (b *bomb) Drop() {
	b.probe.Drop()
	if b.drop != nil {
		b.drop()
	}
}

func bombs(n int) (bs []*bomb, fs []future.Future[int]) {
	for range n {
		b := new(bomb)
		bs, fs = append(bs, b), append(fs, b)
	}
	return bs, fs
}

// ended is how a call ended: with a panic of value, by Goexit, or in order.
type ended struct {
	panicked any
	returned bool
}

var exited = ended{}

// end calls fn on a goroutine of its own.
func end(fn func()) (o ended) {
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { o.panicked = recover() }()
		fn()
		o.returned = true
	})
	wg.Wait()
	return o
}

// owners are the combinators that own several futures.
var owners = []struct {
	name string
	make func(fs []future.Future[int]) subject
}{
	{"Race", func(fs []future.Future[int]) subject { return of(future.Race(fs...)) }},
	{"RaceBiased", func(fs []future.Future[int]) subject { return of(future.RaceBiased(fs...)) }},
	{"JoinAll", func(fs []future.Future[int]) subject { return of(future.JoinAll(fs...)) }},
	{"TryJoinAll", func(fs []future.Future[int]) subject { return of(future.TryJoinAll(fs...)) }},
	{"Join3", func(fs []future.Future[int]) subject { return of(future.Join3(fs[0], fs[1], fs[2])) }},
	{"a race of a Join2", func(fs []future.Future[int]) subject {
		pair := future.Map(future.Join2(fs[0], fs[1]), func(future.Pair[int, int]) int { return 0 })
		return of(future.Race(pair, fs[2]))
	}},
	{"a join of what wraps one each", func(fs []future.Future[int]) subject {
		same := func(v int) int { return v }
		then := func(context.Context, int) future.Future[int] { return future.Ready(1) }
		return of(future.JoinAll(future.Timeout(hour, fs[0]), future.Map(fs[1], same), future.Then(fs[2], then)))
	}},
}

var endings = []struct {
	name string
	call func(i int) func()
	want func(first int) ended
}{
	{"panics", func(i int) func() { return func() { panic(i) } }, func(first int) ended { return ended{panicked: first} }},
	{"exits", func(int) func() { return runtime.Goexit }, func(int) ended { return exited }},
}

func TestOneThatPanicsDoesNotKeepTheOthers(t *testing.T) {
	for _, owner := range owners {
		for _, ending := range endings {
			for _, bad := range [][]int{{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 1, 2}} {
				for _, polled := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s in Drop/%v/polled=%t", owner.name, ending.name, bad, polled), func(t *testing.T) {
						bs, fs := bombs(3)
						for _, i := range bad {
							bs[i].drop = ending.call(i)
						}
						f := owner.make(fs)
						cx, _ := newCx()
						if polled {
							assertNotReady(t, f, cx)
						}
						assert.Equal(t, ending.want(bad[0]), end(f.drop), "once, and with the first")
						assert.Equal(t, ended{returned: true}, end(f.drop))
						for _, b := range bs {
							b.assertDropped(t)
						}
						assertOver(t, f, cx, future.ErrDropped)
					})
				}
			}
		}
	}
}

func TestAPollThatPanicsDropsTheOthers(t *testing.T) {
	for _, owner := range owners {
		for _, ending := range endings {
			for bad := range 3 {
				for _, drops := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/%d/drops=%t", owner.name, ending.name, bad, drops), func(t *testing.T) {
						bs, fs := bombs(3)
						f := owner.make(fs)
						cx, _ := newCx()
						assertNotReady(t, f, cx)
						bs[bad].poll = ending.call(bad)
						if drops { // which must not hide the panic of the poll
							for i, b := range bs {
								b.drop = func() { panic(10 + i) }
							}
						}
						bs[bad].nudge()
						assert.Equal(t, ending.want(bad), end(func() { _, _, _ = f.poll(cx) }))
						_ = end(f.drop) // the code that polls drops what it owns
						for _, b := range bs {
							b.assertDropped(t)
						}
					})
				}
			}
		}
	}
}

// discards is a value that counts how often it was discarded.
type discards struct{ n *int }

func newDiscards() discards          { return discards{new(int)} }
func (v discards) Discarded()        { *v.n++ }
func (v discards) future() *scripted { return &scripted{value: v} }

// scripted is a future of a discards, with what a test does to it.
type scripted struct {
	value   discards
	pending bool
	err     error
	drop    func()
	drops   int
}

func (s *scripted) Poll(*future.Context) (v discards, ready bool, err error) {
	if s.pending {
		return v, false, nil
	}
	if s.err != nil {
		return v, true, s.err
	}
	return s.value, true, nil
}

func (s *scripted) Drop() {
	if s.drops++; s.drops == 1 && s.drop != nil {
		s.drop()
	}
}

func TestTheValueOfAWinnerIsDiscardedWhenTheDropOfALoserPanics(t *testing.T) {
	for _, ending := range endings {
		v := newDiscards()
		losers := []*scripted{{pending: true}, {pending: true, drop: ending.call(7)}, {pending: true}}
		f := future.RaceBiased[discards](losers[0], losers[1], v.future(), losers[2])
		cx, _ := newCx()
		assert.Equal(t, ending.want(7), end(func() { _, _, _ = f.Poll(cx) }))
		assert.Equal(t, 1, *v.n)
		for _, l := range losers {
			assert.Equal(t, 1, l.drops)
		}
		f.Drop()
		assert.Equal(t, 1, *v.n)
		assertOver(t, of(f), cx, future.ErrConsumed)
	}
}

func TestWhatAJoinHadIsDiscardedAlsoWhenADropPanics(t *testing.T) {
	v, w := newDiscards(), newDiscards()
	bad := &scripted{pending: true, drop: func() { panic("first") }}
	f := future.JoinAll[discards](v.future(), bad, w.future())
	cx, _ := newCx()
	assertNotReady(t, of(f), cx)
	assert.Equal(t, ended{panicked: "first"}, end(f.Drop))
	assert.Equal(t, []int{1, 1}, []int{*v.n, *w.n})
}

func TestAwaitDropsItsFutureWhicheverPollPanics(t *testing.T) {
	for name, ctx := range kinds(t) {
		for _, ending := range endings {
			for at := 1; at <= 4; at++ {
				t.Run(fmt.Sprintf("%s/%s/poll %d", name, ending.name, at), func(t *testing.T) {
					polls := 0
					b := new(bomb)
					b.drop = func() { panic("later") }
					b.poll = func() {
						if polls++; polls == at {
							ending.call(at)()
						}
						b.nudge()
					}
					assert.Equal(t, ending.want(at), end(func() { _, _ = future.Await[int](ctx, b) }))
					b.assertDropped(t)
					assert.Equal(t, at, polls)
				})
			}
		}
	}
}

// A context of a user may panic too.
type contextWithoutErr struct{ context.Context }

func (contextWithoutErr) Err() error { panic("context") }

func TestAwaitDropsItsFutureWhenTheContextPanics(t *testing.T) {
	p := new(probe)
	assert.Equal(t, ended{panicked: "context"},
		end(func() { _, _ = future.Await[int](contextWithoutErr{context.Background()}, p) }))
	p.assertDropped(t)
}

func TestAChanDeliversErrGoexitWhenAPollEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := new(bomb)
		ch := future.Chan[int](b)
		b.poll = runtime.Goexit
		b.nudge()
		assert.Equal(t, future.Result[int]{Err: future.ErrGoexit}, <-ch)
		synctest.Wait()
		b.assertDropped(t)
		b.nudge() // too late
		synctest.Wait()
		assertPending(t, ch)
	})
}

func TestThePanicOfAFirstPollOfAChanIsTheCallers(t *testing.T) {
	for _, ending := range endings {
		b := new(bomb)
		b.poll = ending.call(1)
		b.drop = func() { panic("later") }
		assert.Equal(t, ending.want(1), end(func() { future.Chan[int](b) }))
		b.assertDropped(t)
		b.poll = nil
		b.nudge() // polls nothing any more
		time.Sleep(time.Millisecond)
		b.assertDropped(t)
	}
}

const crashVariable = "HANDOFF_TEST_CHAN_PANIC"

func TestAPanicInALaterPollOfAChanEndsTheProcess(t *testing.T) {
	if os.Getenv(crashVariable) != "" {
		b := new(bomb)
		ch := future.Chan[int](b)
		b.poll = func() { panic("in a later poll") }
		b.nudge()
		<-ch
		select {} // the panic is on its way
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), crashVariable+"=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.True(t, errors.As(err, &exit), "%v: %s", err, out)
	assert.Contains(t, string(out), "panic: in a later poll")
}
