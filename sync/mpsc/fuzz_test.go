package mpsc_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// FuzzPrograms runs programs of operations, waiting ones among them, against the
// model. In a synctest bubble everything has come to rest after each step, so the
// model predicts exactly which calls have returned, and with what.
func FuzzPrograms(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		f.Add(randomProgram(rng, 60))
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		// The price of a step grows with the calls that wait, and Go takes an input of
		// ten seconds for one that hangs.
		program = program[:min(len(program), longestProgram)]
		if len(program) > 2 {
			synctest.Test(t, func(t *testing.T) { runProgram(t, program) })
		}
	})
}

const longestProgram = 1000

// TestRandomProgramsBehaveLikeTheModel is the same with fresh programs, so that an
// ordinary run searches too.
func TestRandomProgramsBehaveLikeTheModel(t *testing.T) {
	freshPrograms(t, "FuzzPrograms", testsize.Scaled(3000), 150, func(t *testing.T, program []byte) {
		synctest.Test(t, func(t *testing.T) { runProgram(t, program) })
	})
}

func randomProgram(rng *rand.Rand, n int) []byte {
	program := make([]byte, n)
	for i := range program {
		program[i] = byte(rng.Uint32())
	}
	return program
}

// freshPrograms runs n programs of up to 10+size bytes and shows the first that fails.
func freshPrograms(t *testing.T, fuzz string, n, size int, run func(t *testing.T, program []byte)) {
	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	var program []byte
	defer func() { // a failure ends the goroutine
		if t.Failed() {
			t.Logf("add to the corpus of %s: %q", fuzz, program)
		}
	}()
	for range n {
		program = randomProgram(rng, 10+rng.IntN(size))
		if run(t, program); t.Failed() {
			return
		}
	}
}

// running is a call of the channel under test beside its prediction.
type running struct {
	*call
	cancel context.CancelFunc

	mu     sync.Mutex
	really call
}

func (r *running) returned(n int, got []int, err error) {
	if failed, ok := errors.AsType[*mpsc.SendError[int]](err); ok {
		err = failed.Err
	}
	r.mu.Lock()
	r.really = call{done: true, n: n, got: got, err: err}
	r.mu.Unlock()
}

func runProgram(t *testing.T, program []byte) {
	bounds := []int{unbounded, 0, 1, 2, 3, 7}
	f := flavour{bound: bounds[int(program[0])%len(bounds)], slots: int(program[1]) % 4}
	tx, rx := f.open(t)
	handles := []sender{tx}
	m := &model{cap: f.bound, live: []bool{true}, rxLive: true}
	var calls []*running
	next := 0
	fresh := func(n int) []int {
		vs := make([]int, n)
		for i := range vs {
			vs[i] = next
			next++
		}
		return vs
	}
	start := func(c *call) *running {
		r := &running{call: c}
		calls = append(calls, r)
		return r
	}
	ctx := func(r *running) context.Context {
		var c context.Context
		c, r.cancel = context.WithCancel(t.Context())
		return c
	}

	for i := 2; i+1 < len(program); i += 2 {
		op, arg := program[i]%16, int(program[i+1])
		h := arg % len(handles)
		k := 1 + arg/16%5
		if op >= 6 && op <= 11 && m.recv != nil && m.rxLive {
			continue // one consumer
		}
		switch op {
		case 0, 1: // a send that waits
			r := start(&call{handle: h, vals: fresh(1)})
			v, plain, c := r.vals[0], arg%2 == 0, ctx(r)
			m.send(r.call, true)
			go func() {
				var err error
				if plain {
					err = handles[h].Send(v)
				} else {
					err = handles[h].SendContext(c, v)
				}
				n := 1
				if err != nil {
					n = 0
				}
				r.returned(n, nil, err)
			}()
			if plain {
				r.cancel()
				r.cancel = nil
			}
		case 2:
			r := start(&call{handle: h, vals: fresh(1)})
			v := r.vals[0]
			m.send(r.call, false)
			err := handles[h].TrySend(v)
			n := 1
			if err != nil {
				n = 0
			}
			r.returned(n, nil, err)
		case 3, 4: // a batch that waits
			r := start(&call{handle: h, vals: fresh(k)})
			vs, c := r.vals, ctx(r)
			m.send(r.call, true)
			go func() {
				n, err := handles[h].SendManyContext(c, vs)
				r.returned(n, nil, err)
			}()
		case 5: // cancel a waiting call
			var waiting []*running
			for _, r := range calls {
				if !r.done && r.cancel != nil {
					waiting = append(waiting, r)
				}
			}
			if len(waiting) > 0 {
				r := waiting[arg%len(waiting)]
				m.cancel(r.call)
				r.cancel()
			}
		case 6, 7: // a receive that waits
			r := start(&call{want: 1})
			c, plain := ctx(r), arg%2 == 0
			m.receive(r.call, true)
			go func() {
				var v int
				var err error
				if plain {
					v, err = rx.Recv()
				} else {
					v, err = rx.RecvContext(c)
				}
				if err != nil {
					r.returned(0, nil, err)
				} else {
					r.returned(1, []int{v}, nil)
				}
			}()
			if plain {
				r.cancel()
				r.cancel = nil
			}
		case 8:
			r := start(&call{want: k})
			c := ctx(r)
			m.receive(r.call, true)
			go func() {
				buf := make([]int, k)
				n, err := rx.RecvManyContext(c, buf)
				r.returned(n, buf[:n], err)
			}()
		case 9, 10:
			r := start(&call{want: 1})
			m.receive(r.call, false)
			v, err := rx.TryRecv()
			if err != nil {
				r.returned(0, nil, err)
			} else {
				r.returned(1, []int{v}, nil)
			}
		case 11:
			r := start(&call{want: k})
			m.receive(r.call, false)
			buf := make([]int, k)
			n, err := rx.TryRecvMany(buf)
			r.returned(n, buf[:n], err)
		case 12:
			if len(handles) < 5 {
				m.clone(h)
				handles = append(handles, handles[h].CloneSender())
			}
		case 13:
			if arg%3 == 0 { // rarely, or programs end too soon
				m.dropSender(h)
				handles[h].Drop()
			}
		case 14:
			if arg%8 == 0 {
				m.dropReceiver()
				rx.Drop()
			}
		case 15:
			something := !m.rxLive || m.closed() || len(m.buf) > 0 || len(m.senders) > 0
			require.Equal(t, something, readable(rx.Ready()), "Ready")
		}
		synctest.Wait()
		compare1(t, m, rx, tx, calls)
	}

	// Let everything end.
	m.dropReceiver()
	rx.Drop()
	for i, h := range handles {
		m.dropSender(i)
		h.Drop()
	}
	synctest.Wait()
	compare1(t, m, rx, tx, calls)
	for _, r := range calls {
		if r.cancel != nil {
			r.cancel()
		}
	}
}

func compare1(t *testing.T, m *model, rx *mpsc.Receiver[int], tx sender, calls []*running) {
	t.Helper()
	require.Equal(t, len(m.buf), rx.Len(), "Len")
	require.Equal(t, m.closed() || !m.rxLive, rx.IsDisconnected())
	require.Equal(t, !m.rxLive, tx.IsDisconnected())
	for i, r := range calls {
		r.mu.Lock()
		really := r.really
		r.mu.Unlock()
		require.Equal(t, r.done, really.done, "call %d has returned", i)
		if !r.done {
			continue
		}
		require.Equal(t, r.err, really.err, "call %d", i)
		require.Equal(t, r.n, really.n, "call %d", i)
		require.Equal(t, len(r.got), len(really.got), "call %d", i)
		for j := range r.got {
			require.Equal(t, r.got[j], really.got[j], "call %d", i)
		}
	}
}
