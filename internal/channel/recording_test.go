package channel

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/errs"
	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/internal/queue"
	"github.com/handoff-go/handoff/internal/waitq"
)

type nobody struct{}

func (nobody) Wake() {}

func TestAWaitThatIsOverIsForgotten(t *testing.T) {
	var tx, rx Handle[int]
	c := New(Options{Limit: 2, Level: probe.Counts}, &tx, &rx)
	r := c.recording()
	limit := waitq.For(1, errs.ErrTimeout)
	defer limit.Stop()
	require.False(t, c.Pop(new(int)))
	_, err := c.Recv(&rx, &limit)
	assert.Equal(t, errs.ErrTimeout, err)
	assert.Empty(t, r.waits)

	var p Polled[int]
	p.Init()
	_, ready, _ := c.PollRecv(&rx, &p, nobody{})
	assert.False(t, ready)
	assert.Len(t, r.waits, 1)
	c.EndRecv(&p)
	assert.Empty(t, r.waits)
}

// A future that was woken and is neither polled nor dropped then ends its wait never.
func TestWaitsThatWereForgottenDoNotPileUp(t *testing.T) {
	var tx, rx Handle[int]
	c := New(Options{Limit: queue.Unlimited, Level: probe.Counts}, &tx, &rx)
	for range 3 * minTrim {
		p := new(Polled[int])
		p.Init()
		var none int
		_, _, _ = c.PollRecv(&rx, p, nobody{})
		assert.False(t, c.Push(1))
		assert.NoError(t, c.TrySend(&tx, 1))
		if !c.Pop(&none) {
			_, err := c.TryRecv(&rx)
			assert.NoError(t, err)
		}
	}
	assert.LessOrEqual(t, len(c.recording().waits), minTrim+1)
}

type said struct{ times *int }

func (s said) Error() string { *s.times++; return strings.Repeat("ä", 1<<20) }

// A ring may be full of them, and may never be read.
func TestTheTextOfAnErrorIsBoundedAndOnlyAskedForWhereItIsKept(t *testing.T) {
	times := 0
	wait := func() {
		var tx, rx Handle[int]
		c := New(Options{Limit: 2, Level: probe.Events}, &tx, &rx)
		limit := waitq.For(1, said{&times})
		defer limit.Stop()
		require.False(t, c.Pop(new(int)))
		_, err := c.Recv(&rx, &limit)
		assert.Equal(t, said{&times}, err)
		c.DropReceiver(&rx)
		c.DropSender(&tx)
	}
	wait()
	assert.Zero(t, times, "no events are recorded")

	probe.Set(probe.Events, 16)
	defer probe.Set(probe.Off, 0)
	wait()
	assert.Equal(t, 1, times)
	all := probe.Read(0)
	i := slices.IndexFunc(all, func(e probe.Event) bool { return e.Kind == probe.Resumed })
	require.NotEqual(t, -1, i)
	text := all[i].Text
	assert.NotEmpty(t, text)
	assert.LessOrEqual(t, len(text), probe.MaxText+len("…"))
	assert.True(t, utf8.ValidString(text))
}
