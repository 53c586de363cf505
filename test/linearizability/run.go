package linearizability

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handoff-go/handoff/task"
)

// runner runs one program on one channel, in a bubble, so that a stuck client is
// noticed at once and timeouts cost nothing. What the clients do is as concurrent in
// there as outside.
type runner struct {
	f     Factory
	prog  *program
	clock atomic.Int64
	ready atomic.Int32 // clients at the start line

	life context.Context // ends when everybody has been stuck twice

	cancels [maxClients]atomic.Pointer[context.CancelFunc]

	mu sync.Mutex // of what the rescuer reads too; a client reads its own without
	tx [2 * maxClients]Tx
	rx [2 * maxClients]Rx

	hist  History
	calls [maxClients + 1][]Call // of each client and of the rescuer

	endedTx, endedRx [2 * maxClients]bool // handles that were dropped to end the waits
}

const (
	maxClients = 4
	callsOfOne = maxCalls / (maxClients + 1)
	rescuer    = maxClients     // the client that ends the channel if no other moves
	futures    = maxClients + 1 // the first of those that pictures show held futures as
)

// run returns the history of one run of a program.
func run(t *testing.T, f Factory, prog *program) *History {
	var h *History
	synctest.Test(t, func(*testing.T) {
		r := &runner{f: f, prog: prog}
		h = r.run()
	})
	return h
}

func (r *runner) run() *History {
	life, end := context.WithCancel(context.Background())
	defer end()
	r.life = life
	r.hist.Capacity = r.f.Capacity
	if r.f.Tasks {
		rt, err := task.New(task.WithWorkers(2))
		if err != nil {
			panic(err)
		}
		r.life = rt.Context(life)
		defer func() {
			if err := rt.Shutdown(context.Background()); err != nil {
				panic(err)
			}
		}()
	}
	r.handles()
	r.calls[rescuer] = make([]Call, 0, callsOfOne)
	var wg sync.WaitGroup
	for i := range r.prog.clients {
		c := &client{runner: r, id: i}
		r.calls[i] = make([]Call, 0, callsOfOne)
		if r.f.Tasks && r.prog.tasked(i) {
			wg.Add(1)
			task.Go(r.life, func(ctx context.Context) error {
				defer wg.Done()
				c.life = ctx
				c.run()
				return nil
			}).Drop()
			continue
		}
		c.life = r.life
		wg.Go(func() {
			for r.ready.Add(1); int(r.ready.Load()) < r.starters(); {
				runtime.Gosched()
			}
			c.run()
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for round := 0; ; round++ {
		select {
		case <-done:
			r.release()
			for _, calls := range r.calls {
				for i := range calls {
					r.hist.Calls = append(r.hist.Calls, &calls[i])
				}
			}
			slices.SortFunc(r.hist.Calls, func(a, b *Call) int { return cmp.Compare(a.From, b.From) })
			for i, c := range r.hist.Calls {
				c.ID = i
			}
			return &r.hist
		case <-time.After(time.Minute):
		}
		switch { // a handle may have been cloned by then
		case round < 4:
			r.rescue()
			if round > 0 {
				end()
			}
		default:
			panic(fmt.Sprintf("a client waits for ever\n%v", r.prog))
		}
	}
}

// starters is how many clients begin at the same moment: tasks cannot wait for each
// other that way, because they share workers.
func (r *runner) starters() int {
	n := 0
	for i := range r.prog.clients {
		if !r.f.Tasks || !r.prog.tasked(i) {
			n++
		}
	}
	return n
}

// handles gives every client its first handles.
func (r *runner) handles() {
	tx, rx := r.f.Make()
	for i := range r.prog.clients {
		if i == 0 {
			r.tx[0], r.rx[0] = tx, rx
			r.hist.Tx, r.hist.Rx = 1, 1
			continue
		}
		if r.prog.shared && i == 1 {
			continue
		}
		r.tx[2*i] = tx.Clone()
		r.hist.Tx |= 1 << (2 * i)
		if r.f.Async {
			r.rx[2*i] = rx.Clone()
			r.hist.Rx |= 1 << (2 * i)
		}
	}
}

// rescue drops all handles, as operations of a client of its own, which ends every wait
// but that of a receive while a permit is out.
func (r *runner) rescue() {
	r.mu.Lock()
	txs, rxs := r.tx, r.rx
	r.mu.Unlock()
	for h := range txs {
		if txs[h] != nil && !r.endedTx[h] {
			r.endedTx[h] = true
			r.drop(rescuer, DropTx, h, txs[h].Drop)
		}
	}
	for h := range rxs {
		if rxs[h] != nil && !r.endedRx[h] {
			r.endedRx[h] = true
			r.drop(rescuer, DropRx, h, rxs[h].Drop)
		}
	}
}

func (r *runner) drop(who int, kind Kind, handle int, drop func()) {
	c := r.note(who)
	c.Kind, c.Handle, c.From = kind, handle, r.clock.Add(1)
	drop()
	c.To = r.clock.Add(1)
}

// note returns the next call of a client, to be filled in. It takes no lock and allocates
// nothing, because what a client does between its operations keeps them from overlapping.
func (r *runner) note(who int) *Call {
	calls := &r.calls[who]
	if len(*calls) == cap(*calls) {
		panic("a client does more than the model has room for")
	}
	*calls = append(*calls, Call{Client: who})
	return &(*calls)[len(*calls)-1]
}

// release drops all handles when the history is complete.
func (r *runner) release() {
	for i := range r.tx {
		if r.tx[i] != nil {
			r.tx[i].Drop()
		}
		if r.rx[i] != nil {
			r.rx[i].Drop()
		}
	}
}
