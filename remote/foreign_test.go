package remote

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A client that may publish can put anything into the stream. Such messages go to the dead
// letters and stop no receiver, even if they look like a status of the server, or have the maximum size.
func TestWhatOthersPublishStopsNoReceiver(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "public")
	require.NoError(t, err)
	for _, h := range []nats.Header{
		{"Status": {"404"}}, {"Status": {"408"}}, {"Status": {"503"}}, {"Status": {"100"}},
		{"Status": {"409"}, "Description": {"Consumer Deleted"}, "Nats-Pending-Messages": {"7"}},
		{typeHeader: {"gob\x01 \xff"}, nats.MsgIdHdr: {strings.Repeat("x", 5000)}},
	} {
		_, err := c.js.PublishMsg(ctx, &nats.Msg{Subject: tx.l.subject, Header: h})
		require.NoError(t, err)
	}
	huge := bytes.Repeat([]byte{'9'}, int(c.nc.MaxPayload()))
	_, err = c.js.Publish(ctx, tx.l.subject, huge)
	require.NoError(t, err)
	require.NoError(t, tx.Send(7).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	assert.Equal(t, 7, d.Value)
	require.NoError(t, d.Ack())
	dead, err := DeadLetters(ctx, c, "public")
	require.NoError(t, err)
	for i := range 7 {
		l, err := dead.Recv().Await(ctx)
		require.NoError(t, err, i)
		assert.EqualValues(t, i+1, l.Value.Sequence)
		if i == 6 {
			assert.Greater(t, len(l.Value.Data), len(huge)/2)
			assert.Contains(t, l.Value.Reason, "cut")
			assert.True(t, bytes.HasPrefix(huge, l.Value.Data))
		}
		require.NoError(t, l.Ack())
	}
	tx.Drop()
	_, err = rx.Recv().Await(ctx)
	require.ErrorIs(t, err, ErrClosed)
	assert.EqualValues(t, 7, rx.l.dead.Load(), "each is counted once")
}

// The client takes what arrives at a response inbox for the answer to a request.
func TestNoInboxIsOneForResponses(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, rx, err := Unbounded[int](ctx, c, "inboxes")
	require.NoError(t, err)
	_, err = tx.SendMany([]int{1, 2}).Await(ctx)
	require.NoError(t, err)
	_, err = rx.Recv().Await(ctx)
	require.NoError(t, err)
	responses := c.nc.NewRespInbox()
	responses = responses[:strings.LastIndex(responses, ".")+1]
	for _, inbox := range []string{rx.l.pull.inbox, tx.l.out.batches.inbox, c.acks.inbox} {
		require.NotEmpty(t, inbox)
		assert.False(t, strings.HasPrefix(inbox+".", responses), inbox)
	}
}

func TestAnIDThatIsStoredNeedsNoRoom(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, _, err := Bounded[int](ctx, c, "room", 2)
	require.NoError(t, err)
	require.NoError(t, tx.SendID("a", 1).Await(ctx))
	require.NoError(t, tx.SendID("b", 2).Await(ctx))
	require.NoError(t, tx.SendID("a", 1).Await(ctx))
	require.ErrorIs(t, tx.TrySend(ctx, 3), ErrFull)
}
