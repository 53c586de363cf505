package differential

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Slots of each kind. Few, so that operations meet.
const (
	handleSlots = 6
	futureSlots = 8
	threadSlots = 4
)

// Generate returns the program of a seed.
func Generate(pair string, seed uint64) Program {
	g := &generator{
		rng: rand.New(rand.NewPCG(seed, 0x68616e646f6666)), pair: Pairs[pair],
		made: map[byte]map[int]bool{'s': {}, 'r': {}, 'w': {}, 'f': {}, 'p': {}},
	}
	p := Program{Pair: pair, Prompt: g.rng.IntN(4) > 0, Caps: []int{g.capacity()}}
	if g.pair.Two && g.rng.IntN(3) == 0 {
		p.Caps = append(p.Caps, g.capacity())
	}
	for i := range p.Caps {
		g.made['s'][i], g.made['r'][i] = true, true
	}
	g.weigh()
	for range 5 + g.rng.IntN(36) {
		p.Ops = append(p.Ops, g.op())
	}
	p.Ops = append(p.Ops, g.end()...)
	return p
}

// generator makes one program. It knows which slots operations have filled, and not whether
// these succeeded: an operation on an empty slot is harmless.
type generator struct {
	rng     *rand.Rand
	pair    Pair
	weights map[string]int
	names   []string
	total   int
	made    map[byte]map[int]bool
	next    int
}

func (g *generator) capacity() int { return g.pair.Caps[g.rng.IntN(len(g.pair.Caps))] }

// weigh draws a character for the program: some operations more often, some never. So
// programs differ more than draws from one urn would.
func (g *generator) weigh() {
	g.weights = map[string]int{}
	for name := range g.pair.Weights {
		g.names = append(g.names, name)
	}
	slices.Sort(g.names)
	for _, name := range g.names {
		w := g.pair.Weights[name] * 4
		switch g.rng.IntN(6) {
		case 0:
			w *= 3
		case 1:
			w /= 4
		}
		g.weights[name] = w
		g.total += w
	}
}

func (g *generator) draw() string {
	n := g.rng.IntN(g.total)
	for _, name := range g.names {
		if n -= g.weights[name]; n < 0 {
			return name
		}
	}
	panic("unreachable")
}

// old returns a slot that was filled, mostly.
func (g *generator) old(kind byte) int {
	var all []int
	for i := range g.made[kind] {
		all = append(all, i)
	}
	if len(all) == 0 || g.rng.IntN(24) == 0 {
		return g.rng.IntN(handleSlots)
	}
	slices.Sort(all)
	return all[g.rng.IntN(len(all))]
}

// fresh returns a slot that was not filled, mostly, and notes that it is now.
func (g *generator) fresh(kind byte) int {
	n := handleSlots
	if kind == 'f' || kind == 'p' {
		n = futureSlots
	}
	i := g.rng.IntN(n)
	for range n {
		if !g.made[kind][i] {
			break
		}
		i = (i + 1) % n
	}
	g.made[kind][i] = true
	return i
}

func (g *generator) value() int {
	g.next++
	return g.next
}

func (g *generator) op() string {
	name := g.draw()
	verb, kind, _ := strings.Cut(name, " ")
	switch verb {
	case "clone":
		return fmt.Sprintf("clone %s%d %[1]s%[3]d", kind, g.old(kind[0]), g.fresh(kind[0]))
	case "drop":
		i := g.old(kind[0])
		delete(g.made[kind[0]], i)
		return fmt.Sprintf("drop %s%d", kind, i)
	case "forget":
		i := g.old('f')
		delete(g.made['f'], i)
		return fmt.Sprintf("forget f%d", i)
	case "down":
		return fmt.Sprintf("down %s%d w%d", kind, g.old(kind[0]), g.fresh('w'))
	case "up":
		side := byte('s')
		if g.pair.Weights["down r"] > 0 && g.rng.IntN(2) == 0 {
			side = 'r'
		}
		return fmt.Sprintf("up w%d %c%d", g.old('w'), side, g.fresh(side))
	case "same":
		return fmt.Sprintf("same s%d s%d", g.old('s'), g.old('s'))
	case "close":
		if kind == "" {
			kind = string("sr"[g.rng.IntN(2)])
		}
		return fmt.Sprintf("close %s%d", kind, g.old(kind[0]))
	case "trysend", "force", "sendnow":
		return fmt.Sprintf("%s s%d %d", verb, g.old('s'), g.value())
	case "tryrecv", "recvnow", "drain":
		return fmt.Sprintf("%s r%d", verb, g.old('r'))
	case "tsend", "tsendfar":
		return fmt.Sprintf("%s s%d t%d %d", verb, g.old('s'), g.rng.IntN(threadSlots), g.value())
	case "trecv", "trecvfar":
		return fmt.Sprintf("%s r%d t%d", verb, g.old('r'), g.rng.IntN(threadSlots))
	case "send":
		return fmt.Sprintf("send s%d f%d %d", g.old('s'), g.fresh('f'), g.value())
	case "sendfor":
		return fmt.Sprintf("sendfor s%d f%d %d %d", g.old('s'), g.fresh('f'), g.value(), g.rng.IntN(6))
	case "recvfor":
		return fmt.Sprintf("recvfor r%d f%d %d", g.old('r'), g.fresh('f'), g.rng.IntN(6))
	case "advance":
		return fmt.Sprintf("advance t%d", g.rng.IntN(5))
	case "recv":
		return fmt.Sprintf("recv r%d f%d", g.old('r'), g.fresh('f'))
	case "recvmany":
		return fmt.Sprintf("recvmany r%d f%d %d", g.old('r'), g.fresh('f'), g.rng.IntN(5))
	case "select":
		return fmt.Sprintf("select r%d r%d f%d", g.old('r'), g.old('r'), g.fresh('f'))
	case "tselect":
		return fmt.Sprintf("tselect r%d r%d t%d", g.old('r'), g.old('r'), g.rng.IntN(threadSlots))
	case "selectsend":
		return fmt.Sprintf("selectsend s%d r%d f%d %d", g.old('s'), g.old('r'), g.fresh('f'), g.value())
	case "tselectsend":
		return fmt.Sprintf("tselectsend s%d r%d t%d %d", g.old('s'), g.old('r'), g.rng.IntN(threadSlots), g.value())
	case "tclosed":
		return fmt.Sprintf("tclosed s%d t%d", g.old('s'), g.rng.IntN(threadSlots))
	case "closed", "reserve", "reserveowned":
		return fmt.Sprintf("%s s%d f%d", verb, g.old('s'), g.fresh('f'))
	case "reservemany":
		return fmt.Sprintf("reservemany s%d f%d %d", g.old('s'), g.fresh('f'), g.rng.IntN(4))
	case "tryreserve", "tryreserveowned":
		return fmt.Sprintf("%s s%d p%d", verb, g.old('s'), g.fresh('p'))
	case "tryreservemany":
		return fmt.Sprintf("tryreservemany s%d p%d %d", g.old('s'), g.fresh('p'), g.rng.IntN(4))
	case "permit":
		return fmt.Sprintf("permit p%d %d", g.permit(), g.value())
	case "poll":
		return fmt.Sprintf("poll f%d w%d", g.old('f'), g.rng.IntN(3))
	}
	panic("differential: no such operation: " + name)
}

// permit returns a slot that may hold a permit: those of reservations are in the slots of
// their futures.
func (g *generator) permit() int {
	if g.rng.IntN(2) == 0 {
		return g.old('f')
	}
	return g.old('p')
}

// end drops all that a program may have made. Handles that a blocked call uses are free
// once the other side is dropped, so it goes around twice.
func (g *generator) end() []string {
	var ops []string
	each := func(kind byte, n int) {
		for i := range n {
			if kind == 'f' || kind == 'p' || g.made[kind][i] || i < 2 {
				ops = append(ops, fmt.Sprintf("drop %c%d", kind, i))
			}
		}
	}
	used := func(kind byte) int { // futures and permits are in slots that the program names
		n := 0
		for i := range futureSlots {
			if g.made['f'][i] || g.made[kind][i] {
				n = i + 1
			}
		}
		return n
	}
	each('f', used('f'))
	each('p', used('p'))
	first, second := byte('s'), byte('r')
	if g.rng.IntN(2) == 0 {
		first, second = second, first
	}
	each(first, handleSlots)
	each(second, handleSlots)
	each(first, handleSlots)
	each(second, handleSlots)
	each(first, handleSlots)
	return ops
}
