package channel_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/internal/probe"
)

var kinds = map[probe.Kind]string{
	probe.Made: "made", probe.Cloned: "cloned", probe.Dropped: "dropped", probe.Closed: "closed", probe.Sent: "sent",
	probe.Received: "received", probe.Evicted: "evicted", probe.Discarded: "discarded", probe.Blocked: "blocked", probe.Resumed: "resumed",
}

// mark is a place in the ring, from which on a test reads what happened to its channels.
type mark struct{ seq, id uint64 }

// read returns the events behind m of channels that were made after the first read. Those
// of earlier tests may be collected during this one, which is an event too.
func (m *mark) read() (out []probe.Event) {
	if m.id == 0 {
		m.id = probe.NextID()
	}
	for _, e := range probe.Read(m.seq) {
		if e.Channel > m.id {
			out = append(out, e)
		}
	}
	return out
}

// recent returns the events since the last call, in short.
func recent(since *mark) (out []string) {
	for _, e := range since.read() {
		since.seq = e.Seq
		text := kinds[e.Kind]
		if e.Count > 0 {
			text += fmt.Sprintf(" %d*%d", e.Message, e.Count)
		}
		if e.Text != "" {
			text += " " + e.Text
		}
		out = append(out, text)
	}
	return out
}

type nobody struct{}

func (nobody) Wake() {}

func TestEventsTellWhatHappenedInItsOrder(t *testing.T) {
	set(t, probe.Events)
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		var since mark
		recent(&since)
		tx, rx := async.Bounded[int](2, async.Named("box"))
		assert.Equal(t, []string{"made box"}, recent(&since))

		require.NoError(t, tx.TrySend(1))
		_, _ = rx.TryRecv()
		assert.Equal(t, []string{"sent 1*1", "received 1*1"}, recent(&since))

		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _ = rx.Recv().Await(ctx)
		}()
		synctest.Wait()
		require.NoError(t, tx.Send(2).Await(ctx))
		<-ended
		assert.Equal(t, []string{"blocked", "sent 2*1", "received 2*1", "resumed"}, recent(&since), "handed over directly")

		_, _ = tx.SendMany([]int{3, 4}).Await(ctx)
		late := tx.Send(5)
		_, ready, _ := late.Poll(future.NewContext(ctx, nobody{}))
		require.False(t, ready)
		_, _ = rx.RecvMany(make([]int, 2)).Await(ctx)
		_, ready, _ = late.Poll(future.NewContext(ctx, nobody{}))
		require.True(t, ready)
		assert.Equal(t, []string{"sent 3*2", "blocked", "received 3*2", "sent 5*1", "resumed"}, recent(&since))

		short, cancel := context.WithCancel(ctx)
		p, err := tx.TryReserve()
		require.NoError(t, err)
		go func() { _ = tx.Send(6).Await(short) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		require.NoError(t, p.Send(6))
		_, replaced, err := tx.ForceSend(7)
		require.NoError(t, err)
		require.True(t, replaced)
		assert.Equal(t, []string{"blocked", "resumed context canceled", "sent 6*1", "evicted 5*1", "sent 7*1"}, recent(&since))

		clone := tx.Clone()
		clone.Drop()
		tx.CloseCause(errors.New("that is all"))
		rx.Drop()
		tx.Drop()
		tx.Drop()
		assert.Equal(t, []string{"cloned", "dropped", "closed that is all", "dropped", "discarded 6*2", "dropped"}, recent(&since))
	})
}

func TestAChannelThatWasClosedWithoutAReasonSaysWhoDidIt(t *testing.T) {
	set(t, probe.Events)
	var since mark
	recent(&since)
	tx, rx := async.Unbounded[int](async.Named("quiet"))
	defer rx.Drop()
	defer tx.Drop()
	tx.Close()
	assert.Equal(t, []string{"made quiet", "closed by Close"}, recent(&since))
	c, found := find("quiet")
	require.True(t, found)
	assert.Equal(t, "by Close", c.Cause)
}

func TestAnOfferIsSentAndReceivedAtOnce(t *testing.T) {
	set(t, probe.Events)
	synctest.Test(t, func(t *testing.T) {
		var since mark
		recent(&since)
		tx, rx := async.Bounded[int](0)
		go func() { _ = tx.SendBlocking(1) }()
		synctest.Wait()
		_, err := rx.RecvBlocking()
		require.NoError(t, err)
		synctest.Wait()
		es := since.read()
		assert.Equal(t, []string{"made", "blocked", "sent 1*1", "received 1*1", "resumed"}, recent(&since))
		n := len(es)
		assert.NotEqual(t, es[n-3].Actor, es[n-2].Actor, "each with who has done it")
		assert.Equal(t, es[n-4].Actor, es[n-3].Actor)
	})
}

func TestALabelIsAskedForUnderNoLock(t *testing.T) {
	set(t, probe.Events)
	var since mark
	recent(&since)
	tx, rx := async.Bounded[int](4)
	defer tx.Drop()
	defer rx.Drop()
	probe.SetLabel(func(v any) string {
		if v == 13 {
			panic("unlucky")
		}
		return fmt.Sprint("number ", v, " after ", tx.Len(), " and ", tx.Available())
	})
	t.Cleanup(func() { probe.SetLabel(nil) })
	recent(&since)
	require.NoError(t, tx.TrySend(1))
	require.NoError(t, tx.SendBlocking(2))
	require.NoError(t, tx.SendBlocking(13))
	p, err := tx.TryReserve()
	require.NoError(t, err)
	require.NoError(t, p.Send(4))
	assert.Equal(t, []string{
		"sent 1*1 number 1 after 0 and 4", "sent 2*1 number 2 after 1 and 3", "sent 3*1 (panic: string)", "sent 4*1 number 4 after 3 and 0",
	}, recent(&since))
}

func TestALabelThatEndsTheGoroutineKeepsNoSlot(t *testing.T) {
	set(t, probe.Events)
	tx, rx := async.Bounded[int](1)
	defer tx.Drop()
	defer rx.Drop()
	p, err := tx.TryReserve()
	require.NoError(t, err)
	probe.SetLabel(func(any) string { runtime.Goexit(); return "" })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.Send(1)
	}()
	<-ended
	probe.SetLabel(nil)
	assert.Zero(t, tx.Len())
	assert.NoError(t, tx.TrySend(2))
}

func TestWhatIsTakenFromAWaitingSenderIsItsOwnSend(t *testing.T) {
	set(t, probe.Events)
	synctest.Test(t, func(t *testing.T) {
		var since mark
		recent(&since)
		tx, rx := async.Bounded[int](1)
		require.NoError(t, tx.SendBlocking(1))
		who := make(chan uint64, 1)
		go func() {
			who <- probe.Self()
			_ = tx.SendBlocking(2)
		}()
		synctest.Wait()
		_, err := rx.RecvBlocking()
		require.NoError(t, err)
		synctest.Wait()
		self, other := probe.Self(), <-who
		var actors []uint64
		for _, e := range since.read() {
			actors = append(actors, e.Actor)
		}
		assert.Equal(t, []string{"made", "sent 1*1", "blocked", "received 1*1", "sent 2*1", "resumed"}, recent(&since))
		assert.Equal(t, []uint64{self, self, other, self, other, other}, actors)
	})
}
