package remote

import (
	"context"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A receive makes no request that would fail, so it has to be notified.
func TestACredentialThatIsTakenBackEndsReceiversAndSenders(t *testing.T) {
	ctx := within(t)
	ann := &server.User{Username: "ann", Password: "a"}
	ben := &server.User{Username: "ben", Password: "b"}
	var opts server.Options
	a := embeddedConn(t, Listen("127.0.0.1:0"), NATS(nats.UserInfo("ann", "a")), Server(func(o *server.Options) {
		o.Users = []*server.User{ann, ben}
		opts = *o
	}))
	b, err := Open(ctx, a.URL(), NATS(nats.UserInfo("ben", "b")))
	require.NoError(t, err)
	defer b.Close()
	tx, rx, err := Unbounded[int](ctx, b, "revoked")
	require.NoError(t, err)
	got := make(chan error, 1)
	go func() {
		_, err := rx.Recv().Await(ctx)
		got <- err
	}()
	changed := opts
	changed.Users = []*server.User{ann}
	require.NoError(t, a.srv.srv.ReloadOptions(&changed))
	err = <-got
	require.ErrorIs(t, err, ErrAuth)
	assert.NotErrorIs(t, err, context.DeadlineExceeded)
	<-tx.Done()
	require.ErrorIs(t, tx.Send(1).Await(ctx), ErrAuth)
}

// The server said nothing about those before the one that it refused: they may be stored.
func TestABatchThatIsRefusedInItsMiddleIsUncertain(t *testing.T) {
	c := embeddedConn(t)
	tx, _, err := Unbounded[int](within(t), c, "middle")
	require.NoError(t, err)
	b := &tx.l.out.batches
	for place, sure := range map[string]bool{"1": true, "2": false} {
		for _, answer := range []*nats.Msg{
			{Header: nats.Header{"Status": {"503"}}},
			{Data: []byte(`{"error":{"code":400,"err_code":10208,"description":"unknown batch"}}`)},
		} {
			require.NoError(t, b.open())
			answer.Subject = b.inbox + "." + b.begin() + ".128.fail." + place + ".1.$FI"
			b.answer(answer)
			_, over, err := b.progress()
			require.True(t, over)
			require.Error(t, err)
			assert.Equal(t, sure, b.o.sure, "%s: %v", place, err)
		}
	}
	require.NoError(t, b.sub.Unsubscribe())
}
