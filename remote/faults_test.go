package remote

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestATrySendFailsWhenFullAndASendWaitsForRoom(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Bounded[int](ctx, c, "bounded", 3)
	require.NoError(t, err)
	for i := range 3 {
		require.NoError(t, tx.TrySend(ctx, i))
	}
	err = tx.TrySend(ctx, 3)
	require.ErrorIs(t, err, ErrFull)
	var failed *SendError[int]
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, 3, failed.Value)
	require.NotErrorIs(t, err, ErrUncertain)

	sent := make(chan error, 1)
	go func() { sent <- tx.Send(4).Await(ctx) }()
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	select {
	case err := <-sent:
		require.Fail(t, "a send found room before the ack", "%v", err)
	case <-time.After(100 * time.Millisecond):
	}
	require.NoError(t, d.Ack())
	require.NoError(t, <-sent)
}

func TestSendManyThroughASmallChannelArrivesOnceAndInOrder(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Bounded[int](ctx, c, "small", 7)
	require.NoError(t, err)
	const all = 500
	vs := make([]int, all)
	for i := range vs {
		vs[i] = i
	}
	sent := make(chan error, 1)
	go func() {
		n, err := tx.SendMany(vs).Await(ctx)
		if err == nil && n != all {
			err = fmt.Errorf("%d of %d", n, all)
		}
		tx.Drop()
		sent <- err
	}()
	for i := range all {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		require.Equal(t, i, d.Value)
		require.NoError(t, d.Ack())
	}
	require.NoError(t, <-sent)
	_, err = rx.Recv().Await(ctx)
	require.ErrorIs(t, err, ErrClosed)
}

func TestAnIDIsStoredOnce(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[string](ctx, c, "once")
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, tx.SendID("a", "first").Await(ctx))
	}
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	assert.Equal(t, "a", d.ID())
	require.NoError(t, d.Confirm(ctx))
	require.ErrorIs(t, d.Ack(), ErrSettled)
	_, err = rx.TryRecv(ctx)
	require.ErrorIs(t, err, ErrEmpty)
}

func TestAMessageThatIsNotAcknowledgedComesBackAndThenGoesToTheDeadLetters(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[string](ctx, c, "jobs", AckWait(200*time.Millisecond), MaxDeliveries(2))
	require.NoError(t, err)
	require.NoError(t, tx.Send("bad").Await(ctx))
	for i := range 2 {
		d, err := rx.Recv().Await(ctx)
		require.NoError(t, err)
		assert.Equal(t, i+1, d.Deliveries())
	}
	require.NoError(t, tx.Send("hopeless").Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	assert.Equal(t, "hopeless", d.Value)
	require.NoError(t, d.Term("no hope"))

	dead, err := DeadLetters(ctx, c, "jobs")
	require.NoError(t, err)
	defer dead.Drop()
	var reasons []string
	go func() { // so that a receiver meets the bad message
		_, _ = rx.Recv().Await(ctx)
	}()
	for range 2 {
		l, err := dead.Recv().Await(ctx)
		require.NoError(t, err)
		reasons = append(reasons, fmt.Sprintf("%s %s %d", l.Value.Data, l.Value.Reason, l.Value.Deliveries))
		require.NoError(t, l.Ack())
	}
	assert.ElementsMatch(t, []string{`"hopeless" no hope 1`, `"bad" delivered 2 times and not acknowledged 2`}, reasons)
	tx.Drop()
	rx.Drop()
}

func TestAMessageThatDoesNotDecodeStopsNoReceiver(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "codec")
	require.NoError(t, err)
	h := nats.Header{}
	_, err = c.js.PublishMsg(ctx, &nats.Msg{Subject: subjectName("codec"), Header: h, Data: []byte("1")})
	require.NoError(t, err)
	h.Set(typeHeader, tx.l.kind)
	_, err = c.js.PublishMsg(ctx, &nats.Msg{Subject: subjectName("codec"), Header: h, Data: []byte("{")})
	require.NoError(t, err)
	require.NoError(t, tx.Send(7).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	assert.Equal(t, 7, d.Value)
	require.NoError(t, d.Ack())

	dead, err := DeadLetters(ctx, c, "codec")
	require.NoError(t, err)
	for _, want := range []string{`the message is ""`, "decode int"} {
		l, err := dead.Recv().Await(ctx)
		require.NoError(t, err)
		assert.Contains(t, l.Value.Reason, want)
		require.NoError(t, l.Ack())
	}
	s := c.Channels(ctx)
	require.Len(t, s, 2)
	for _, s := range s {
		require.NoError(t, s.Err)
		if s.Name == "codec" {
			assert.EqualValues(t, 2, s.Undecoded)
			assert.EqualValues(t, 2, s.Dead)
		}
	}
}

func TestADeletedStreamIsAnErrorThatSaysSo(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "gone")
	require.NoError(t, err)
	got := make(chan error, 1)
	go func() {
		_, err := rx.Recv().Await(ctx)
		got <- err
	}()
	require.NoError(t, tx.Send(1).Await(ctx))
	require.NoError(t, <-got)
	go func() {
		_, err := rx.Recv().Await(ctx)
		got <- err
	}()
	require.Eventually(t, func() bool {
		rx.l.pull.mu.Lock()
		defer rx.l.pull.mu.Unlock()
		return len(rx.l.pull.waiters) == 1
	}, time.Minute, time.Millisecond)
	require.NoError(t, Delete(ctx, c, "gone"))
	require.ErrorIs(t, <-got, ErrDeleted)
	err = tx.Send(2).Await(ctx)
	require.ErrorIs(t, err, ErrDeleted)
	require.NotErrorIs(t, err, ErrUncertain)
}

func TestJoinOnlyOpensWhatExistsAndCreatesNothing(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	_, _, err := Unbounded[int](ctx, c, "known", JoinOnly())
	require.ErrorIs(t, err, ErrDeleted)
	_, _, err = Unbounded[int](ctx, c, "known", JoinOnly())
	require.ErrorIs(t, err, ErrDeleted, "the first try has created the channel")

	tx, rx, err := Unbounded[int](ctx, c, "known")
	require.NoError(t, err)
	joined, other, err := Unbounded[int](ctx, c, "known", JoinOnly())
	require.NoError(t, err)
	require.NoError(t, joined.Send(1).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Ack())
	for _, h := range []interface{ Drop() }{tx, rx, joined, other} {
		h.Drop()
	}
	require.NoError(t, Delete(ctx, c, "known"))
	_, _, err = Unbounded[int](ctx, c, "known", JoinOnly())
	require.ErrorIs(t, err, ErrDeleted)
}

func TestALargeMessageIsRefusedBeforeItIsSent(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, _, err := Unbounded[[]byte](ctx, c, "large", WithCodec(Raw))
	require.NoError(t, err)
	err = tx.Send(make([]byte, 9<<20)).Await(ctx)
	require.ErrorIs(t, err, ErrTooLarge)
	assert.ErrorContains(t, err, "1048576")
	n, err := tx.SendMany([][]byte{{1}, make([]byte, 9<<20), {2}}).Await(ctx)
	require.ErrorIs(t, err, ErrTooLarge)
	assert.Equal(t, 1, n)
}

func TestNamesAndOptionsAreChecked(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	for _, name := range []string{"", "a b", "a.b", "a*", ">", "ä", "a/b", strings.Repeat("x", 200)} {
		_, _, err := Unbounded[int](ctx, c, name)
		require.ErrorIs(t, err, ErrName, name)
	}
	for _, capacity := range []int{0, -1} {
		_, _, err := Bounded[int](ctx, c, "a", capacity)
		require.ErrorIs(t, err, ErrOption)
	}
	for _, opt := range []Option{
		Replicas(2), AckWait(0), MaxDeliveries(0), DedupWindow(-1), LeaseTTL(0), Prefetch(-1), WithCodec(nil),
	} {
		_, _, err := Unbounded[int](ctx, c, "a", opt)
		require.ErrorIs(t, err, ErrOption)
	}
}

func TestProcessesThatDisagreeGetAnError(t *testing.T) {
	ctx := within(t)
	a := embeddedConn(t, Listen("127.0.0.1:0"), Name("coordinator"))
	b, err := Open(ctx, a.URL(), Name("worker"))
	require.NoError(t, err)
	defer b.Close()
	_, _, err = Bounded[int](ctx, a, "jobs", 10)
	require.NoError(t, err)
	for _, open := range []func() error{
		func() error { _, _, err := Bounded[int](ctx, b, "jobs", 11); return err },
		func() error { _, _, err := Unbounded[int](ctx, b, "jobs"); return err },
		func() error { _, _, err := Bounded[string](ctx, b, "jobs", 10); return err },
		func() error { _, _, err := Bounded[int](ctx, b, "jobs", 10, WithCodec(Gob)); return err },
		func() error { _, _, err := Bounded[int](ctx, b, "jobs", 10, AckWait(time.Second)); return err },
	} {
		err := open()
		require.ErrorIs(t, err, ErrMismatch)
		assert.ErrorContains(t, err, "coordinator")
		assert.ErrorContains(t, err, "worker")
	}
	_, _, err = Bounded[int](ctx, b, "jobs", 10)
	require.NoError(t, err)
}

func TestACloseReachesEverybodyWithItsCause(t *testing.T) {
	ctx := within(t)
	a := embeddedConn(t, Listen("127.0.0.1:0"), Name("a"))
	b, err := Open(ctx, a.URL(), Name("b"))
	require.NoError(t, err)
	defer b.Close()
	atx, arx, err := Unbounded[int](ctx, a, "news")
	require.NoError(t, err)
	btx, brx, err := Unbounded[int](ctx, b, "news")
	require.NoError(t, err)
	require.NoError(t, atx.Send(1).Await(ctx))
	cause := errors.New("storm")
	require.NoError(t, brx.CloseCause(ctx, cause))
	require.ErrorIs(t, btx.Send(2).Await(ctx), cause)
	err = atx.Send(3).Await(ctx)
	require.ErrorIs(t, err, ErrClosed)
	require.NotErrorIs(t, err, ErrUncertain)
	<-atx.Done()
	assert.ErrorContains(t, atx.Cause(), "storm")
	d, err := arx.Recv().Await(ctx)
	require.NoError(t, err, "what is stored comes first")
	require.NoError(t, d.Ack())
	_, err = arx.Recv().Await(ctx)
	require.ErrorIs(t, err, ErrClosed)
	assert.ErrorContains(t, err, "storm")
	assert.ErrorContains(t, err, "by b")
	_, err = brx.Recv().Await(ctx)
	require.ErrorIs(t, err, cause)
	late, _, err := Unbounded[int](ctx, a, "news")
	require.NoError(t, err)
	require.ErrorIs(t, late.Send(1).Await(ctx), ErrClosed)
}
