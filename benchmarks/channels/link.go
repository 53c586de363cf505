package channels

import (
	"context"
	"slices"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/task"
)

// link is a channel as the scenarios use it: one adapter for each peer.
//
// The loops are in the adapter, so that a message costs no call through an interface: that
// would be a tenth of what the fastest peers take. The context is that of the task or goroutine
// that calls.
type link interface {
	// seq sends and receives 1 to n in turns and returns the sum of what it has received.
	seq(ctx context.Context, n uint64) uint64
	// produce sends 1 to n.
	produce(ctx context.Context, n uint64)
	// consume receives n messages and returns their sum.
	consume(ctx context.Context, n uint64) uint64
	send(ctx context.Context, v uint64)
	recv(ctx context.Context) uint64
	sendMany(ctx context.Context, vs []uint64)
	// recvMany receives as many as are there but at least one, and returns how many.
	recvMany(ctx context.Context, buf []uint64) int
	// end frees what the link holds. Everything that was sent has been received.
	end()
}

// peer is a library, with what its channels can be used for.
type peer struct {
	name       string
	ours       bool
	open       func(capacity int) link
	capacities []int // none means all of them
	producers  int   // at most; 0 means any number
	consumers  int
	tasks      bool // runs in tasks, not in goroutines
	// choose receives n messages from several links and returns their sum; nil if there is no way
	// to wait for several.
	choose func(ctx context.Context, links *[ways]link, n uint64) uint64
}

var peers = []peer{
	{name: "chan", open: native, choose: chooseNative},
	{name: "chanx", open: chanX, capacities: []int{unbounded}, choose: chooseNative},
	{name: "chanqueue", open: chanQueue, capacities: []int{unbounded, 128, 1}, choose: chooseNative},
	{name: "eapache", open: eapache, capacities: []int{unbounded}, choose: chooseEapache},
	{name: "xsync spsc", open: xsyncSPSC, capacities: []int{128}, producers: 1, consumers: 1},
	{name: "xsync mpmc", open: xsyncMPMC, capacities: []int{128}},
	{name: "xsync umpsc", open: xsyncUMPSC, capacities: []int{unbounded}, consumers: 1},
	{name: "handoff mpsc", ours: true, open: handoffMPSC, consumers: 1, choose: chooseMPSC},
	{name: "handoff async", ours: true, open: handoffAsync, choose: chooseAsync},
	{name: "handoff async, tasks", ours: true, open: handoffAsync, tasks: true, choose: chooseAsync},
}

func (p *peer) can(capacity, producers, consumers int) bool {
	if p.producers > 0 && producers > p.producers || p.consumers > 0 && consumers > p.consumers {
		return false
	}
	return p.capacities == nil || slices.Contains(p.capacities, capacity)
}

// work is a scenario that is written once: it opens links, has a crew use them, and checks what
// has arrived.
type work func(c crew, open func(capacity int) link, capacity, n int) ([]float64, error)

// run is a work for one peer.
type run func(c crew, n int) ([]float64, error)

func peersFor(capacity, producers, consumers int, do work) []bench.Peer {
	return peersWith(capacity, producers, consumers, func(p *peer) run {
		return func(c crew, n int) ([]float64, error) { return do(c, p.open, capacity, n) }
	})
}

// peersWith are the peers that can do it and for which there is a run.
func peersWith(capacity, producers, consumers int, runOf func(p *peer) run) []bench.Peer {
	var out []bench.Peer
	for i := range peers {
		p := &peers[i]
		if !p.can(capacity, producers, consumers) {
			continue
		}
		do := runOf(p)
		if do == nil {
			continue
		}
		out = append(out, bench.Peer{Name: p.name, Ours: p.ours, Run: func(n int) ([]float64, error) {
			if !p.tasks {
				return do(crew{}, n)
			}
			rt, err := task.New()
			if err != nil {
				return nil, err
			}
			vs, err := do(crew{rt.Context(context.Background())}, n)
			if serr := rt.Shutdown(context.Background()); err == nil {
				err = serr
			}
			return vs, err
		}})
	}
	return out
}

// crew runs the sides of a scenario: in tasks if it has the context of a runtime, otherwise in
// goroutines.
type crew struct{ tasks context.Context }

// start runs fn and returns how to wait for its end.
func (c crew) start(fn func(ctx context.Context)) (wait func()) {
	if c.tasks != nil {
		h := task.Go(c.tasks, func(ctx context.Context) error {
			fn(ctx)
			return nil
		})
		return func() { bench.Must(h.Await(context.Background())) }
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn(context.Background())
	}()
	return func() { <-done }
}
