package future_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

type kind string

const (
	kindProbe   kind = "probe"
	kindPromise kind = "promise"
	kindReady   kind = "Ready"
	kindFail    kind = "Fail"
	kindAfter   kind = "After"
	kindMap     kind = "Map"
	kindThen    kind = "Then"
	kindJoin2   kind = "Join2"
	kindJoin3   kind = "Join3"
	kindJoinAll kind = "JoinAll"
	kindTry     kind = "TryJoinAll"
	kindRace    kind = "Race"
	kindBiased  kind = "RaceBiased"
	kindTimeout kind = "Timeout"
	kindBorrow  kind = "Borrow"
)

// node is a future of a tree, the spy before it, and the model of it.
type node struct {
	g    *grove
	kind kind
	raw  future.Future[int]
	kids []*node

	// What the spy has seen.
	done   bool
	value  int
	err    error
	drops  int
	polled bool

	// Leaves.
	probe     *probe
	promise   *future.Promise[int]
	completed bool
	at        time.Time // when an alarm rings
	result    int
	failure   error
}

// grove is what a tree grows in.
type grove struct {
	t      *testing.T
	bytes  []byte
	leaves []*node // that can be completed
	next   int
	nudged bool
}

func (g *grove) byte() (b byte) {
	if len(g.bytes) > 0 {
		b, g.bytes = g.bytes[0], g.bytes[1:]
	}
	return b
}

func (n *node) over() bool { return n.done || n.drops > 0 }

// f is the node behind its spy.
func (n *node) f() future.Future[int] { return (*spy)(n) }

// spy sees how a future is used, and checks its result.
type spy node

func (s *spy) Poll(cx *future.Context) (int, bool, error) {
	n := (*node)(s)
	require.False(n.g.t, n.over(), "%s is polled after its end", n.kind)
	n.polled = true
	v, ready, err := n.raw.Poll(cx)
	if ready {
		n.done, n.value, n.err = true, v, err
	}
	n.verify()
	return v, ready, err
}

func (s *spy) Drop() {
	n := (*node)(s)
	n.drops++
	if !n.done {
		require.Equal(n.g.t, 1, n.drops, "%s is dropped again", n.kind)
	}
	n.raw.Drop()
}

// grow makes a node from the next bytes.
func (g *grove) grow(depth int) *node {
	n := &node{g: g}
	b := int(g.byte())
	if depth >= 4 || len(g.bytes) < 4 {
		b %= 6
	}
	g.next++
	n.result = g.next
	kids := func(k int) {
		for range k {
			n.kids = append(n.kids, g.grow(depth+1))
		}
	}
	fs := func() (fs []future.Future[int]) {
		for _, k := range n.kids {
			fs = append(fs, k.f())
		}
		return fs
	}
	d := time.Duration(b/18) * time.Second
	switch b % 18 {
	case 0, 1:
		n.kind, n.probe = kindProbe, new(probe)
		n.raw = n.probe
		g.leaves = append(g.leaves, n)
	case 2:
		n.kind = kindPromise
		n.promise, n.raw = future.NewPromise[int]()
		g.leaves = append(g.leaves, n)
	case 3:
		n.kind, n.completed = kindReady, true
		n.raw = future.Ready(n.result)
	case 4:
		n.kind, n.completed, n.failure = kindFail, true, errBoom
		n.raw = future.Fail[int](errBoom)
	case 5:
		n.kind, n.at = kindAfter, time.Now().Add(d)
		n.raw = future.Map(future.After(d), func(time.Time) int { return n.result })
	case 6:
		n.kind = kindMap
		kids(1)
		n.raw = future.Map(fs()[0], func(v int) int { return v + 1 })
	case 7, 8:
		n.kind = kindThen
		kids(2)
		second := n.kids[1]
		n.raw = future.Then(n.kids[0].f(), func(context.Context, int) future.Future[int] { return second.f() })
	case 9, 10:
		n.kind = kindJoin2
		kids(2)
		n.raw = future.Map(future.Join2(n.kids[0].f(), n.kids[1].f()), func(p future.Pair[int, int]) int { return sum(p.A, p.B) })
	case 11:
		n.kind = kindJoin3
		kids(3)
		n.raw = future.Map(future.Join3(n.kids[0].f(), n.kids[1].f(), n.kids[2].f()),
			func(p future.Triple[int, int, int]) int { return sum(p.A, p.B, p.C) })
	case 12:
		n.kind = kindJoinAll
		kids(b / 18 % 4)
		n.raw = future.Map(future.JoinAll(fs()...), func(rs []future.Result[int]) int {
			var vs []int
			for _, r := range rs {
				vs = append(vs, outcome(r.Value, r.Err))
			}
			return sum(vs...)
		})
	case 13:
		n.kind = kindTry
		kids(b / 18 % 4)
		n.raw = future.Map(future.TryJoinAll(fs()...), func(vs []int) int { return sum(vs...) })
	case 14, 15:
		n.kind = kindRace
		kids(1 + b/18%3)
		race := future.Race[int]
		if b%18 == 15 {
			n.kind, race = kindBiased, future.RaceBiased[int]
		}
		n.raw = future.Map(race(fs()...), func(i future.Indexed[int]) int { return 1000*i.Index + i.Value })
	case 16:
		n.kind, n.at = kindTimeout, time.Now().Add(d)
		kids(1)
		n.raw = future.Timeout(d, n.kids[0].f())
	case 17:
		n.kind = kindBorrow
		kids(1)
		n.raw = future.Borrow(n.kids[0].f())
	}
	return n
}

// sum depends on the order.
func sum(vs ...int) (s int) {
	for _, v := range vs {
		s = 31*s + v
	}
	return s
}

// outcome is a number for a result.
func outcome(v int, err error) int {
	if err != nil {
		return -1
	}
	return v
}

// complete gives a leaf its result.
func (n *node) complete(fail bool) {
	n.completed = true
	if fail {
		n.result = 0 // an error comes with nothing
		n.failure = errBoom
	}
	switch {
	case n.probe != nil:
		n.probe.complete(n.result, n.failure)
	case fail:
		require.Equal(n.g.t, !n.over(), n.promise.Reject(errBoom))
	default:
		require.Equal(n.g.t, !n.over(), n.promise.Resolve(n.result))
	}
	if n.promise != nil {
		<-n.promise.Done()
		require.False(n.g.t, n.promise.Resolve(0), "completed once")
	}
}

// uncompleted are the leaves that can be completed yet.
func (g *grove) uncompleted() (leaves []*node) {
	for _, n := range g.leaves {
		if !n.completed {
			leaves = append(leaves, n)
		}
	}
	return leaves
}

// stirred reports whether something has happened to a leaf that was polled and is still
// wanted.
func (g *grove) stirred(n *node) bool {
	if n.over() || !n.polled {
		return false
	}
	if n.completed || !n.at.IsZero() && !time.Now().Before(n.at) {
		return true
	}
	return slices.ContainsFunc(n.kids, g.stirred)
}
