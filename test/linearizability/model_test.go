package linearizability

import (
	"os"
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Histories made by hand, which say what the model means.

func number(h *History) *History {
	for i, c := range h.Calls {
		c.ID = i
		if (c.Kind == Send || c.Kind == TrySend) && c.Out == OK {
			c.N = 1
		}
	}
	return h
}

func history(capacity int, calls ...*Call) *History {
	return number(&History{Capacity: capacity, Tx: 1, Rx: 1, Calls: calls})
}

func TestARendezvousNeedsTwoCallsThatOverlap(t *testing.T) {
	apart := history(0,
		&Call{Kind: Send, Vals: []uint8{1}, From: 1, To: 2},
		&Call{Kind: Recv, Got: []uint8{1}, From: 3, To: 4})
	assert.Equal(t, porcupine.Illegal, Check(apart))
	together := history(0,
		&Call{Kind: Send, Vals: []uint8{1}, From: 1, To: 3},
		&Call{Kind: Recv, Got: []uint8{1}, From: 2, To: 4})
	assert.Equal(t, porcupine.Ok, Check(together))
}

func TestARendezvousTakesSendersInTheOrderOfTheirLine(t *testing.T) {
	in := func(first, second uint8) *History {
		return history(0,
			&Call{Kind: Send, Vals: []uint8{1}, From: 1, Pinned: 2, To: 9},
			&Call{Kind: Send, Vals: []uint8{2}, From: 3, Pinned: 4, To: 10},
			&Call{Kind: Recv, Got: []uint8{first}, From: 5, To: 6},
			&Call{Kind: Recv, Got: []uint8{second}, From: 7, To: 8})
	}
	assert.Equal(t, porcupine.Ok, Check(in(1, 2)))
	assert.Equal(t, porcupine.Illegal, Check(in(2, 1)))
}

func TestAnOfferThatIsKnownToStandMustBeFound(t *testing.T) {
	missed := history(0,
		&Call{Kind: Send, Vals: []uint8{1}, From: 1, Pinned: 2, Ending: 5, To: 6, Out: GaveUp},
		&Call{Kind: TryRecv, From: 3, To: 4, Out: Empty})
	assert.Equal(t, porcupine.Illegal, Check(missed))
}

func TestTheLineIsNotOvertaken(t *testing.T) {
	overtaken := history(1,
		&Call{Kind: Send, Vals: []uint8{1}, From: 1, To: 2},
		&Call{Kind: Send, Vals: []uint8{2}, From: 3, Pinned: 4, To: 20},
		&Call{Kind: Recv, Got: []uint8{1}, From: 5, To: 6},
		&Call{Kind: TrySend, Vals: []uint8{3}, From: 7, To: 8},
		&Call{Kind: Recv, Got: []uint8{3}, From: 9, To: 10},
		&Call{Kind: Recv, Got: []uint8{2}, From: 11, To: 12})
	assert.Equal(t, porcupine.Illegal, Check(overtaken))
}

func TestAParkedReceiveNeedsNoSlot(t *testing.T) {
	in := func(received int64) *History {
		return history(1,
			&Call{Kind: TryReserve, Room: 1, From: 1, To: 2},
			&Call{Kind: Send, Vals: []uint8{1}, From: 4, To: 5},
			&Call{Kind: Recv, Got: []uint8{1}, From: received, To: 7})
	}
	assert.Equal(t, porcupine.Ok, Check(in(3)))
	assert.Equal(t, porcupine.Illegal, Check(in(6)), "it was removed before it could be received")
}

func TestAnUseOfADroppedHandleFails(t *testing.T) {
	used := &History{Capacity: 1, Tx: 3, Rx: 1, Calls: []*Call{
		{Kind: DropTx, Handle: 1, From: 1, To: 2},
		{Kind: TrySend, Handle: 1, Vals: []uint8{1}, From: 3, To: 4},
	}}
	assert.Equal(t, porcupine.Illegal, Check(number(used)))
	used.Calls[1].Out = Dropped
	assert.Equal(t, porcupine.Ok, Check(used))
}

func TestAReportShowsThePictureAndTheSeed(t *testing.T) {
	t.Setenv("PROOF_ARTIFACTS", t.TempDir())
	bad := history(0, &Call{Kind: Send, Vals: []uint8{1}, From: 1, To: 2})
	path := picture(bad, "some/name")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Positive(t, info.Size())
	tally := Tally{Illegal: bad, Program: &program{}, Seed: 17}
	assert.Contains(t, tally.Report(t, MPSC(0)), "HANDOFF_SEED=17")
}

func TestAProgramFollowsFromItsSeed(t *testing.T) {
	f := Async(2).Features
	assert.Equal(t, generate(5, f).String(), generate(5, f).String())
	assert.NotEqual(t, generate(5, f).String(), generate(6, f).String())
}
