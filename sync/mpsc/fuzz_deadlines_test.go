package mpsc_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// FuzzDeadlines runs programs of calls that wait within a timeout, a deadline or a
// context's deadline, and of steps of the clock, against the model. Nothing happens
// at the very moment of a deadline but the deadline, so the model predicts exactly
// which call ends how. Besides, a Ready channel that was asked for once stays in the
// line of receivers all the time, and must hold nothing back.
func FuzzDeadlines(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 40 {
		f.Add(randomProgram(rng, 80))
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 2 {
			synctest.Test(t, func(t *testing.T) { runDeadlines(t, program) })
		}
	})
}

// TestRandomDeadlinesBehaveLikeTheModel is the same with fresh programs.
func TestRandomDeadlinesBehaveLikeTheModel(t *testing.T) {
	freshPrograms(t, "FuzzDeadlines", testsize.Scaled(200), 150, func(t *testing.T, program []byte) {
		synctest.Test(t, func(t *testing.T) { runDeadlines(t, program) })
	})
}

// timed is a call that ends at a time, for a reason.
type timed struct {
	*running
	until  time.Time
	reason error
}

const tick = 10 * time.Millisecond

func runDeadlines(t *testing.T, program []byte) {
	bounds := []int{unbounded, 0, 1, 2, 3, 7}
	f := flavour{bound: bounds[int(program[0])%len(bounds)], slots: int(program[1]) % 4}
	tx, rx := f.open(t)
	handles := []sender{tx}
	m := &model{cap: f.bound, live: []bool{true}, rxLive: true}
	var calls []*running
	var clock []timed
	var ready <-chan struct{}
	next := 0

	// begin registers a call that ends after some ticks, less a bit, so that no
	// step of the clock ends at the same moment. The model is asked afterwards.
	begin := func(c *call, arg int, reason error) (*running, time.Duration) {
		r := &running{call: c}
		calls = append(calls, r)
		d := time.Duration(arg%5)*tick - tick/4 // the first one has passed already
		clock = append(clock, timed{r, time.Now().Add(d), reason})
		return r, d
	}
	expire := func() {
		for _, c := range clock {
			if !c.done && !time.Now().Before(c.until) {
				c.finish(c.reason)
				m.forget(c.call)
			}
		}
	}
	within := func(d time.Duration) (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), d)
	}
	one := func(v int, err error) (int, []int, error) {
		if err != nil {
			return 0, nil, err
		}
		return 1, []int{v}, nil
	}

	for i := 2; i+1 < len(program); i += 2 {
		op, arg := program[i]%16, int(program[i+1])
		h, form := arg%len(handles), arg/8%3
		k := 1 + arg/16%5
		switch op {
		case 0, 1, 2, 3: // a send of one
			reason := mpsc.ErrTimeout
			if form == 2 {
				reason = context.DeadlineExceeded
			}
			r, d := begin(&call{handle: h, vals: []int{next}}, arg, reason)
			v, at := next, time.Now().Add(d)
			next++
			m.send(r.call, true)
			go func() {
				var err error
				switch form {
				case 0:
					err = handles[h].SendTimeout(v, d)
				case 1:
					err = handles[h].SendDeadline(v, at)
				case 2:
					ctx, cancel := within(d)
					defer cancel()
					err = handles[h].SendContext(ctx, v)
				}
				n, _, err := one(v, err)
				r.returned(n, nil, err)
			}()
		case 4, 5: // a send of many
			vs := make([]int, k)
			for j := range vs {
				vs[j] = next
				next++
			}
			r, d := begin(&call{handle: h, vals: vs}, arg, context.DeadlineExceeded)
			if d < 0 && m.recv != nil && f.bound > 0 && m.refusal(h) == nil {
				// The one try takes the free slots. The receiver, which would free
				// more of them, wakes up after it.
				if m.accept(r.call); !r.done {
					r.finish(context.DeadlineExceeded)
				}
				m.settle()
			} else {
				m.send(r.call, true)
			}
			go func() {
				ctx, cancel := within(d)
				defer cancel()
				n, err := handles[h].SendManyContext(ctx, vs)
				r.returned(n, nil, err)
			}()
		case 6, 7, 8, 9: // a receive of one or many
			if m.recv != nil {
				continue // one consumer
			}
			reason := mpsc.ErrTimeout
			if form == 2 {
				reason = context.DeadlineExceeded
			}
			if form != 2 {
				k = 1
			}
			r, d := begin(&call{want: k}, arg, reason)
			at := time.Now().Add(d)
			m.receive(r.call, true)
			go func() {
				switch form {
				case 0:
					r.returned(one(rx.RecvTimeout(d)))
				case 1:
					r.returned(one(rx.RecvDeadline(at)))
				case 2:
					ctx, cancel := within(d)
					defer cancel()
					buf := make([]int, k)
					n, err := rx.RecvManyContext(ctx, buf)
					r.returned(n, buf[:n], err)
				}
			}()
		case 10, 11:
			time.Sleep(time.Duration(1+arg%3) * tick)
		case 12:
			if m.recv == nil {
				ready = rx.Ready()
			}
		case 13:
			if len(handles) < 5 {
				m.clone(h)
				handles = append(handles, handles[h].CloneSender())
			}
		case 14:
			if arg%3 == 0 {
				m.dropSender(h)
				handles[h].Drop()
			}
		case 15:
			if arg%8 == 0 {
				m.dropReceiver()
				rx.Drop()
			}
		}
		synctest.Wait()
		expire()
		compare1(t, m, rx, tx, calls)
		if ready != nil && (!m.rxLive || m.closed() || len(m.buf) > 0 || len(m.senders) > 0) {
			require.Len(t, ready, 1, "what Ready returned tells, however long ago that was")
		}
	}

	// The clock alone ends every wait.
	time.Sleep(10 * tick)
	synctest.Wait()
	expire()
	compare1(t, m, rx, tx, calls)
	require.Empty(t, m.senders)
	require.Nil(t, m.recv)
}
