package observe_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// link is a channel whose two ends have these users, and these wait on it.
func link(id uint64, senders, receivers []uint64, waiting ...observe.Waiting) observe.Channel {
	c := observe.Channel{ID: id, Senders: len(senders), Receivers: len(receivers), Waiting: waiting}
	for _, u := range senders {
		c.Handles = append(c.Handles, observe.Handle{Side: "sender", User: u, Used: true})
	}
	for _, u := range receivers {
		c.Handles = append(c.Handles, observe.Handle{Side: "receiver", User: u, Used: true})
	}
	for i := range c.Waiting {
		c.Waiting[i].Channel = id
	}
	return c
}

func waits(actor uint64, op string) observe.Waiting { return observe.Waiting{Actor: actor, Op: op} }

type ids = []uint64

func knots(s observe.State) [][]uint64 {
	var all [][]uint64
	for _, c := range s.Cycles() {
		all = append(all, c.Actors)
	}
	return all
}

func TestEverySideWaitsForTheUsersOfTheOther(t *testing.T) {
	s := observe.State{
		Channels: []observe.Channel{
			link(100, ids{1, 2, 2}, ids{3}, waits(3, "recv")),
			link(101, ids{4}, ids{5, 6}, waits(4, "send")),
			link(102, ids{7}, ids{8}, waits(9, "close")),
		},
		Tasks: []observe.Task{
			{ID: 10, State: "waiting", Awaits: &observe.Waiting{Op: "join", Task: 11}},
			{ID: 11, State: "waiting", Awaits: &observe.Waiting{Op: "sleep"}},
			{ID: 12, State: "running", Waiting: []observe.Waiting{{Actor: 13, Op: "join", Task: 12}}},
		},
	}
	assert.Equal(t, []observe.Edge{
		{From: 3, To: 1, Op: "recv", Channel: 100},
		{From: 3, To: 2, Op: "recv", Channel: 100},
		{From: 4, To: 5, Op: "send", Channel: 101},
		{From: 4, To: 6, Op: "send", Channel: 101},
		{From: 9, To: 7, Op: "close", Channel: 102},
		{From: 9, To: 8, Op: "close", Channel: 102},
		{From: 10, To: 11, Op: "join", Task: 11},
		{From: 13, To: 12, Op: "join", Task: 12},
	}, s.WaitsFor())
	assert.Empty(t, s.Cycles())
}

func TestTwoActorsThatWaitForEachOtherAreADeadlock(t *testing.T) {
	s := observe.State{Channels: []observe.Channel{
		link(100, ids{1}, ids{2}, waits(2, "recv")),
		link(101, ids{2}, ids{1}, waits(1, "recv")),
	}}
	require.Len(t, s.Cycles(), 1)
	assert.Equal(t, observe.Cycle{
		Actors: ids{1, 2},
		Edges: []observe.Edge{
			{From: 1, To: 2, Op: "recv", Channel: 101},
			{From: 2, To: 1, Op: "recv", Channel: 100},
		},
	}, s.Cycles()[0])
}

// The sender that main forgot to drop before its loop over the receiver.
func TestAReceiverThatHoldsTheLastSenderItselfIsADeadlock(t *testing.T) {
	s := observe.State{Channels: []observe.Channel{link(100, ids{1}, ids{1}, waits(1, "recv"))}}
	assert.Equal(t, [][]uint64{{1}}, knots(s))
}

func TestADeadlockMayPassThroughAJoin(t *testing.T) {
	s := observe.State{
		Channels: []observe.Channel{link(100, ids{1}, ids{2}, waits(2, "recv"))},
		Tasks: []observe.Task{{
			ID: 2, State: "waiting",
			Awaits:  &observe.Waiting{Op: "recv", Channel: 100},
			Waiting: []observe.Waiting{{Actor: 1, Op: "join", Task: 2}},
		}},
	}
	assert.Equal(t, [][]uint64{{1, 2}}, knots(s))
	s.Tasks[0].State = "done"
	assert.Empty(t, s.Cycles(), "the task that is joined has ended")
}

func TestOneOfSeveralPossibleWakersIsEnough(t *testing.T) {
	both := []observe.Channel{
		link(100, ids{1, 3}, ids{2}, waits(2, "recv")),
		link(101, ids{2}, ids{1}, waits(1, "recv")),
	}
	assert.Empty(t, knots(observe.State{Channels: both}), "3 does not wait")
	third := link(102, ids{1, 2}, ids{3}, waits(3, "recv"))
	assert.Equal(t, [][]uint64{{1, 2, 3}}, knots(observe.State{Channels: append(both, third)}))
}

func TestAWaitForADeadlockIsNotPartOfIt(t *testing.T) {
	s := observe.State{Channels: []observe.Channel{
		link(100, ids{1}, ids{2}, waits(2, "recv")),
		link(101, ids{2}, ids{1}, waits(1, "recv")),
		link(102, ids{1}, ids{3}, waits(3, "recv")),
	}}
	assert.Equal(t, [][]uint64{{1, 2}}, knots(s))
}

func TestTwoDeadlocksAreTwo(t *testing.T) {
	s := observe.State{Channels: []observe.Channel{
		link(100, ids{1}, ids{1}, waits(1, "recv")),
		link(101, ids{2}, ids{2}, waits(2, "send")),
	}}
	assert.Equal(t, [][]uint64{{1}, {2}}, knots(s))
}

func TestWithoutKnowledgeThereIsNoVerdict(t *testing.T) {
	deadlock := func() observe.State {
		return observe.State{
			Channels: []observe.Channel{
				link(100, ids{1}, ids{2}, waits(2, "recv")),
				link(101, ids{2}, ids{1}, waits(1, "recv")),
			},
			Tasks: []observe.Task{{ID: 1, State: "waiting", Kind: "polled"}},
		}
	}
	require.Len(t, knots(deadlock()), 1)
	for name, change := range map[string]func(s *observe.State){
		"a handle without an owner":   func(s *observe.State) { s.Channels[0].Handles[0] = observe.Handle{Side: "sender"} },
		"a handle that was not used":  func(s *observe.State) { s.Channels[0].Handles[0].Used = false },
		"a wait of the meantime":      func(s *observe.State) { s.Channels[0].Waiting[0].Since = s.Taken.Add(1) },
		"a task of the meantime":      func(s *observe.State) { s.Tasks[0].Since = s.Taken.Add(1) },
		"a handle without a record":   func(s *observe.State) { s.Channels[0].Senders++ },
		"a weak handle":               func(s *observe.State) { s.Channels[0].Weak = 1 },
		"a permit":                    func(s *observe.State) { s.Channels[0].Reserved = 1 },
		"a task that was woken":       func(s *observe.State) { s.Tasks[0].State = "ready" },
		"a task that polls":           func(s *observe.State) { s.Tasks[0].State = "running" },
		"a time that is waited for":   func(s *observe.State) { s.Tasks[0].Awaits = &observe.Waiting{Op: "sleep"} },
		"another future":              func(s *observe.State) { s.Tasks[0].Awaits = &observe.Waiting{Op: "other", What: "x.Y"} },
		"an actor in two waits":       func(s *observe.State) { s.Channels = append(s.Channels, link(102, ids{7}, ids{1}, waits(1, "recv"))) },
		"a task that is not observed": func(s *observe.State) { s.Tasks[0].Awaits = &observe.Waiting{Op: "join", Task: 99} },
	} {
		s := deadlock()
		change(&s)
		assert.Empty(t, s.Cycles(), name)
	}
}

// A parked call of mpsc in a function task holds its worker, and the task counts as
// running.
func TestAFunctionThatIsParkedInACallCanBePartOfADeadlock(t *testing.T) {
	s := observe.State{
		Channels: []observe.Channel{link(100, ids{1}, ids{1}, waits(1, "recv"))},
		Tasks:    []observe.Task{{ID: 1, State: "running", Kind: "function"}},
	}
	assert.Len(t, s.Cycles(), 1)
}

func TestLongChainsAreNoTrouble(t *testing.T) {
	const n = 20_000
	var s observe.State
	for i := uint64(1); i <= n; i++ {
		s.Channels = append(s.Channels, link(n+i, ids{i%n + 1}, ids{i}, waits(i, "recv")))
	}
	require.Len(t, s.Cycles(), 1)
	assert.Len(t, s.Cycles()[0].Actors, n)
	s.Channels[n/2].Waiting = nil
	assert.Empty(t, s.Cycles())
}
