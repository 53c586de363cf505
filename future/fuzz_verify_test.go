package future_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
)

// verify is the model: what a node is after a poll follows from what its members are.
func (n *node) verify() {
	t := n.g.t
	t.Helper()
	ready, v, err := n.expected()
	require.Equal(t, ready, n.done, "%s with %d members", n.kind, len(n.kids))
	if n.done {
		require.Equal(t, err, n.err, "%s", n.kind)
		if err != nil {
			v = 0
		}
		if n.kind != kindRace && n.kind != kindBiased || err == nil {
			require.Equal(t, v, n.value, "%s", n.kind)
		}
		for _, k := range n.kids {
			if n.owns(k) {
				require.True(t, k.over(), "%s is over and its %s is not", n.kind, k.kind)
			}
		}
		return
	}
	// Each future that could be ready was polled and is.
	for i, k := range n.kids {
		if n.kind == kindThen && i == 1 && !n.kids[0].done {
			require.False(t, k.polled, "the second future comes after the first")
		} else if !k.done {
			require.True(t, k.polled, "%s has not polled its %s", n.kind, k.kind)
			require.Zero(t, k.drops, "%s goes on without its %s", n.kind, k.kind)
		}
	}
	require.False(t, n.g.stirred(n), "%s was polled, and something under it could go on", n.kind)
}

// owns reports whether k has to be over with n: not what is borrowed, and not the second
// future of a Then that never came to it.
func (n *node) owns(k *node) bool {
	return n.kind != kindBorrow && (n.kind != kindThen || k == n.kids[0] || k.polled)
}

// expected is what the node must have come to.
func (n *node) expected() (ready bool, v int, err error) {
	rung := !n.at.IsZero() && !time.Now().Before(n.at)
	failed, complete := (*node)(nil), true
	var winner *node
	index := 0
	var values []int
	for i, k := range n.kids {
		if k.done {
			values = append(values, outcome(k.value, k.err))
			if winner == nil {
				winner, index = k, i
			} else if n.kind == kindRace || n.kind == kindBiased {
				require.Fail(n.g.t, "two have won a race")
			}
			if k.err != nil && failed == nil {
				failed = k
			}
		} else {
			complete = false
		}
	}
	switch n.kind {
	case kindProbe, kindPromise, kindReady, kindFail:
		return n.completed, n.result, n.failure
	case kindAfter:
		return rung, n.result, nil
	case kindMap:
		if complete {
			return true, n.kids[0].value + 1, n.kids[0].err
		}
	case kindBorrow:
		if complete {
			return true, n.kids[0].value, n.kids[0].err
		}
	case kindTimeout:
		switch {
		case complete:
			return true, n.kids[0].value, n.kids[0].err
		case rung:
			return true, 0, future.ErrTimeout
		}
	case kindThen:
		first, second := n.kids[0], n.kids[1]
		switch {
		case first.done && first.err != nil:
			return true, 0, first.err
		case second.done:
			return true, second.value, second.err
		}
	case kindJoin2, kindJoin3, kindTry:
		switch {
		case failed != nil:
			return true, 0, failed.err
		case complete:
			return true, sum(values...), nil
		}
	case kindJoinAll:
		return complete, sum(values...), nil
	case kindRace, kindBiased:
		if winner != nil {
			if n.kind == kindBiased {
				n.firstOfReady(index)
			}
			return true, 1000*index + winner.value, winner.err
		}
	}
	return false, 0, nil
}

// firstOfReady checks that no future before the winner was ready, of the leaves, which show it.
func (n *node) firstOfReady(index int) {
	for _, k := range n.kids[:index] {
		if len(k.kids) == 0 && k.at.IsZero() {
			require.False(n.g.t, k.completed, "%s lost to a later one", k.kind)
		}
	}
}
