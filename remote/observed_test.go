package remote

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/observe"
)

// rowOf returns the row of a channel in a snapshot of now, or nil.
func rowOf(name string) *observe.Remote {
	for _, r := range observe.Snapshot().Remote {
		if r.Name == name {
			return &r
		}
	}
	return nil
}

// becomes waits until the row of a channel is as it should be.
func becomes(t *testing.T, name, what string, is func(*observe.Remote) bool) *observe.Remote {
	t.Helper()
	var last *observe.Remote
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if last = rowOf(name); last != nil && is(last) {
			return last
		}
	}
	require.Fail(t, what, "%+v", last)
	return nil
}

// numbers are those of the server.
type numbers struct{ stored, lag, pending, redelivered, dead uint64 }

func tells(t *testing.T, name string, want numbers) *observe.Remote {
	t.Helper()
	return becomes(t, name, "the numbers are not right", func(r *observe.Remote) bool {
		return !r.Known.IsZero() && numbers{r.Len, r.Lag, r.Pending, r.Redelivered, r.Dead} == want
	})
}

func TestObservingShowsLagPendingRedeliveredAndDead(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Bounded[int](ctx, c, "jobs", 10, Prefetch(0))
	require.NoError(t, err)
	row := tells(t, "jobs", numbers{})
	assert.Equal(t, "int", row.Message)
	assert.Equal(t, "remote bounded", row.Flavour)
	assert.Equal(t, "in this process", row.Where)
	assert.Equal(t, 10, row.Capacity)
	assert.Contains(t, row.Site, "observed_test.go:")
	assert.WithinDuration(t, time.Now(), row.Opened, time.Minute)
	assert.Empty(t, row.Err)

	_, err = tx.SendMany([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).Await(ctx)
	require.NoError(t, err)
	row = tells(t, "jobs", numbers{stored: 10, lag: 10})
	assert.EqualValues(t, 10, row.Sent)

	var held []*Delivery[int]
	for range 3 {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		held = append(held, d)
	}
	row = tells(t, "jobs", numbers{stored: 10, lag: 7, pending: 3})
	assert.EqualValues(t, 3, row.Received)
	assert.Zero(t, row.Repeated)

	require.NoError(t, held[0].Nak(0))
	// The server handles an acknowledgement beside a request for messages, so new messages
	// may come before the one that was given back.
	var again *Delivery[int]
	fresh := uint64(0)
	for {
		again, err = rx.Recv().Await(ctx)
		require.NoError(t, err)
		if again.Deliveries() == 2 {
			break
		}
		held = append(held, again)
		fresh++
	}
	row = tells(t, "jobs", numbers{stored: 10, lag: 7 - fresh, pending: 3 + fresh, redelivered: 1})
	assert.Equal(t, 4+fresh, row.Received)
	assert.EqualValues(t, 1, row.Repeated)

	require.NoError(t, held[1].Term("no good"))
	row = tells(t, "jobs", numbers{stored: 9, lag: 7 - fresh, pending: 2 + fresh, redelivered: 1, dead: 1})
	assert.EqualValues(t, 1, row.GivenUp)

	require.NoError(t, again.Ack())
	for _, d := range held[2:] {
		require.NoError(t, d.Ack())
	}
	tells(t, "jobs", numbers{stored: 7 - fresh, lag: 7 - fresh, dead: 1})

	// The dead letters have a row of their own while they have a reader.
	dead, err := DeadLetters(ctx, c, "jobs")
	require.NoError(t, err)
	letter, err := dead.Recv().Await(ctx)
	require.NoError(t, err)
	tells(t, "jobs=dead", numbers{stored: 1, pending: 1})
	require.NoError(t, letter.Ack())
	tells(t, "jobs", numbers{stored: 7 - fresh, lag: 7 - fresh})
	dead.Drop()
	assert.Nil(t, rowOf("jobs=dead"))
}

func TestObservingShowsWaitsHandlesAndTheClose(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	ctx := within(t)
	c := embeddedConn(t, Listen("127.0.0.1:0"))
	other, err := Open(ctx, strings.Replace(c.URL(), "nats://", "nats://someone:secret@", 1), Name("the other"))
	require.NoError(t, err)
	defer other.Close()
	tx, unused, err := Bounded[string](ctx, other, "room", 1)
	require.NoError(t, err)
	unused.Drop()
	require.NoError(t, tx.Send("the launch code").Await(ctx))
	waits := make(chan error)
	go func() {
		_, err := future.Await(ctx, tx.Send("another one"))
		waits <- err
	}()
	row := becomes(t, "room", "it does not wait", func(r *observe.Remote) bool { return r.WaitingSenders == 1 && r.Senders == 1 })
	assert.Equal(t, 0, row.Receivers)
	assert.EqualValues(t, 1, row.Sent)
	assert.Empty(t, row.Err, "to wait for room is no trouble")
	assert.NotContains(t, row.Where, "secret")
	assert.Contains(t, row.Where, "127.0.0.1")
	assert.NotContains(t, observe.Var().String(), "launch code")

	require.NoError(t, tx.CloseCause(ctx, errors.New("enough")))
	require.ErrorIs(t, <-waits, ErrClosed)
	row = becomes(t, "room", "it is not closed", func(r *observe.Remote) bool { return r.Closed })
	assert.Equal(t, "enough", row.Cause)
	assert.Zero(t, row.WaitingSenders)
	tx.Drop()
	assert.Nil(t, rowOf("room"), "there is no handle")
}

func TestObservingAsksNoServerWithoutASnapshot(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, _, err := Unbounded[int](ctx, c, "quiet")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	rounds := func() looks {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.looks
	}
	assert.Empty(t, observe.Snapshot().Remote, "recording is off")
	assert.Zero(t, rounds())
	defer observe.Enable(observe.Options{})()
	time.Sleep(10 * time.Millisecond)
	assert.Zero(t, rounds(), "no snapshot was taken")
	tells(t, "quiet", numbers{stored: 1, lag: 1})
	next := rounds().next
	assert.NotZero(t, next)
	for range 10 {
		assert.NotNil(t, rowOf("quiet"))
	}
	if time.Now().Before(next) { // the machine was quick enough
		assert.Equal(t, next, rounds().next, "looking often asks no more often")
	}
}

func TestASnapshotDoesNotWaitForAChannelThatIsStuck(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	ctx := within(t)
	c := embeddedConn(t)
	tx, _, err := Unbounded[int](ctx, c, "stuck")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	tells(t, "stuck", numbers{stored: 1, lag: 1})
	// A write to a connection that takes nothing holds this lock.
	tx.l.pull.mu.Lock()
	row := rowOf("stuck")
	tx.l.pull.mu.Unlock()
	require.NotNil(t, row)
	assert.EqualValues(t, 1, row.Lag)
}

func TestObservingSaysThatTheServerIsGone(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	ctx := within(t)
	server, err := Open(ctx, "embedded:"+t.TempDir(), Listen("127.0.0.1:0"))
	require.NoError(t, err)
	defer server.Close()
	c, err := Open(ctx, server.URL(), NATS(nats.ReconnectWait(10*time.Millisecond)))
	require.NoError(t, err)
	tx, _, err := Unbounded[int](ctx, c, "lost")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	tells(t, "lost", numbers{stored: 1, lag: 1})
	require.NoError(t, server.Close())
	row := becomes(t, "lost", "it is not noticed", func(r *observe.Remote) bool { return r.Err != "" })
	assert.Contains(t, row.Err, "not connected")
	assert.EqualValues(t, 1, row.Lag, "what was known last")
	assert.False(t, row.Known.IsZero())
	assert.Contains(t, row.Where, "127.0.0.1", "where it was")
	warnings := observe.Snapshot().Warnings()
	require.NotEmpty(t, warnings)
	assert.Equal(t, observe.RemoteError, warnings[0].Kind)
	_ = c.Close()
	assert.Nil(t, rowOf("lost"))
}

func TestObservingSaysThatAChannelWasDeleted(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	ctx := within(t)
	c := embeddedConn(t)
	tx, _, err := Unbounded[int](ctx, c, "swept")
	require.NoError(t, err)
	defer tx.Drop()
	tells(t, "swept", numbers{})
	require.NoError(t, Delete(ctx, c, "swept"))
	becomes(t, "swept", "it is not deleted", func(r *observe.Remote) bool { return strings.Contains(r.Err, "deleted") })
}

func TestAClosedConnectionIsNeitherShownNorAsked(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	ctx := within(t)
	c, err := Open(ctx, "embedded:"+t.TempDir())
	require.NoError(t, err)
	for _, name := range []string{"a", "b", "c"} {
		_, _, err := Unbounded[int](ctx, c, name)
		require.NoError(t, err)
	}
	var kept []*link
	kept = append(kept, c.snapshot()...)
	assert.Len(t, observe.Snapshot().Remote, 3) // and a round begins
	require.NoError(t, c.Close())
	assert.Empty(t, observe.Snapshot().Remote)
	var late observe.Remote
	kept[0].tell(&late) // as a snapshot does that has begun before
	assert.False(t, c.looks.busy)
	assert.Contains(t, late.Err, "closed")
	_, _, err = Unbounded[int](context.WithoutCancel(ctx), c, "d")
	require.Error(t, err)
	assert.Empty(t, observe.Snapshot().Remote, "what fails to open leaves nothing")
}
