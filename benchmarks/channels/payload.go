package channels

import (
	"unsafe"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// payload is a kind of message that is not one word.
type payload struct {
	name, text string
	peers      func(capacity, producers, consumers int, do work) []bench.Peer
}

var payloads = []payload{
	{"32", "messages of 32 bytes", peersOf[[4]uint64]},
	{"512", "messages of 512 bytes", peersOf[[64]uint64]},
	{"pointer", "messages that are pointers", peersOf[*uint64]},
}

// carry makes scenarios of messages of that kind from one of words.
func (p *payload) carry(s bench.Scenario, capacity, producers, consumers int, do work) bench.Scenario {
	s.Name += "/payload=" + p.name
	s.Text += " The same as without payload= in the name, with " + p.text + " instead of 8 bytes."
	s.Args[len(s.Args)-1] = p.name
	s.Peers = p.peers(capacity, producers, consumers, do)
	return s
}

// peersOf are the peers that carry messages of type T.
func peersOf[T any](capacity, producers, consumers int, do work) []bench.Peer {
	opens := carriers[T]()
	return peersWith(capacity, producers, consumers, func(p *peer) run {
		open := opens[p.name]
		if open == nil {
			return nil
		}
		return func(c crew, n int) ([]float64, error) { return do(c, open, capacity, n) }
	})
}

// slots is how many different messages there are: few, so that they stay in the cache, and
// filling them costs nothing while the time runs.
const slots = 8

// parcels are the messages of a scenario. They go round and round, and what arrives is summed by
// the first word of each: for a pointer that is where it points to. A function that takes the sum
// of a message as an argument would be a call for each of them.
type parcels[T any] struct {
	link // none: the operations that no payload scenario uses
	ring *[slots]T
}

func pack[T any]() parcels[T] {
	ring := new([slots]T)
	switch ring := any(ring).(type) {
	case *[slots][4]uint64:
		for i := range ring {
			ring[i][0] = uint64(i + 1)
		}
	case *[slots][64]uint64:
		for i := range ring {
			ring[i][0] = uint64(i + 1)
		}
	case *[slots]*uint64:
		for i := range ring {
			ring[i] = new(uint64)
		}
	}
	return parcels[T]{ring: ring}
}

func first[T any](v *T) uint64 { return uint64(*(*uintptr)(unsafe.Pointer(v))) }

// want is the sum of what has to arrive when numbers 1 to n are sent.
func (p *parcels[T]) want(n uint64) (sum uint64) {
	for i := range p.ring {
		times := n / slots
		if k := uint64(i); k > 0 && k <= n%slots {
			times++
		}
		sum += times * first(&p.ring[i])
	}
	return sum
}

func (p *parcels[T]) at(v uint64) T { return p.ring[v%slots] }

// wanted is the sum of what arrives through a link when 1 to n are sent.
func wanted(l link, n uint64) uint64 {
	if p, ok := l.(interface{ want(n uint64) uint64 }); ok {
		return p.want(n)
	}
	return sumTo(n)
}

// payloadScenarios are few: what a larger message costs shows between two goroutines at most.
func payloadScenarios() (all []bench.Scenario) {
	for i := range payloads {
		p := &payloads[i]
		for _, c := range []int{unbounded, 128} {
			all = append(all,
				p.carry(seq(c), c, 1, 1, runSeq),
				p.carry(cross("spsc", c, 1, 1), c, 1, 1, runCross(1, 1)),
				p.carry(cross("mpsc", c, 4, 1), c, 4, 1, runCross(4, 1)))
		}
	}
	return all
}
