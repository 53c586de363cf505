package future_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// FuzzCombinators builds a tree of combinators from the first bytes of its input and
// then plays with it: leaves are completed in any order, wake for nothing, time passes, the
// root is polled by one waker or another, and in the end dropped or done.
//
// Between every two futures of the tree stands a spy, which sees that each is polled and
// dropped as the contract says and remembers what it came to. So the model is local and
// plain: what each node must be when its members are what they are. That also completes
// what chance decides, for a spy knows who has won.
func FuzzCombinators(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range byte(40) {
		f.Add(append([]byte{i}, randomProgram(rng, 60)...))
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		synctest.Test(t, func(t *testing.T) { playTree(t, program) })
	})
}

// TestRandomTreesBehaveLikeTheModel is the same with fresh programs.
func TestRandomTreesBehaveLikeTheModel(t *testing.T) {
	n := 1000
	if !testsize.Long() || testsize.Race {
		n /= 10
	}
	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	var program []byte
	defer func() { // a failure ends the goroutine
		if t.Failed() {
			t.Logf("add to the corpus of FuzzCombinators: %q", program)
		}
	}()
	for range n {
		program = randomProgram(rng, 10+rng.IntN(100))
		synctest.Test(t, func(t *testing.T) { playTree(t, program) })
		if t.Failed() {
			return
		}
	}
}

func randomProgram(rng *rand.Rand, n int) []byte {
	program := make([]byte, n)
	for i := range program {
		program[i] = byte(rng.Uint32())
	}
	return program
}

func playTree(t *testing.T, program []byte) {
	g := &grove{t: t, bytes: program}
	root := g.grow(0)
	oldCx, oldWoken := newCx()
	cx, woken := newCx()
	polled := false
	for len(g.bytes) > 0 && !root.over() {
		arg := int(g.byte())
		switch arg % 8 {
		case 0, 1, 2: // complete a leaf
			if leaves := g.uncompleted(); len(leaves) > 0 {
				leaves[arg/8%len(leaves)].complete(arg >= 192)
			}
		case 3:
			if leaves := g.leaves; len(leaves) > 0 {
				if p := leaves[arg/8%len(leaves)].probe; p != nil && p.waker != nil {
					w := p.waker
					p.waker = nil // a future wakes once until it is polled
					w.Wake()
					g.nudged = true
				}
			}
		case 4:
			time.Sleep(time.Duration(arg/8) * time.Second)
			synctest.Wait()
		case 5: // another owner polls from now on
			oldCx, oldWoken, cx, woken = cx, woken, oldCx, oldWoken
			fallthrough
		case 6, 7:
			if arg == 255 {
				root.f().Drop()
				g.checkDropped(root)
				return
			}
			woken.n.Store(0)
			oldWoken.n.Store(0)
			g.nudged = false
			polled = true
			_, ready, _ := root.f().Poll(cx)
			require.Equal(t, ready, root.over())
		}
		g.check(root, polled, woken)
		require.Zero(t, oldWoken.count(), "only the newest waker is woken")
	}
	if root.over() {
		root.f().Drop() // which is harmless
		g.again(root, future.ErrConsumed)
		return
	}
	root.f().Drop()
	g.checkDropped(root)
}

// check compares the tree with the model, after each step.
func (g *grove) check(root *node, polled bool, woken *counter) {
	g.t.Helper()
	if root.over() {
		g.allEnded(root)
		return
	}
	if !polled {
		require.Zero(g.t, woken.count())
		return
	}
	stirred := g.stirred(root)
	switch n := woken.count(); {
	case n > 1:
		require.Fail(g.t, "woken more than once")
	case stirred && n == 0:
		require.Fail(g.t, "something has happened and no waker was called")
	case !stirred && !g.nudged && n > 0:
		require.Fail(g.t, "woken for nothing")
	}
}

// checkDropped says that after a Drop of the root everybody is over, and polls say so.
func (g *grove) checkDropped(root *node) {
	g.again(root, future.ErrDropped)
}

// again polls the root, which is over.
func (g *grove) again(root *node, want error) {
	g.t.Helper()
	g.allEnded(root)
	if root.kind == kindProbe {
		return // our own, which does not say it like that
	}
	root.raw.Drop()
	cx, _ := newCx()
	_, ready, err := root.raw.Poll(cx)
	require.True(g.t, ready)
	require.ErrorIs(g.t, err, want)
}

// allEnded says that each future under n gave its result or was dropped.
func (g *grove) allEnded(n *node) {
	g.t.Helper()
	for _, k := range n.kids {
		if n.owns(k) {
			require.True(g.t, k.done || k.drops == 1, "%s of %s: done %v, dropped %d times", k.kind, n.kind, k.done, k.drops)
			g.allEnded(k)
		}
	}
}
