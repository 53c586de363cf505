package remote

import (
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A token that expires while connected ends the connection, and every handle reports it.
func TestACredentialThatExpiresSaysSo(t *testing.T) {
	ctx := within(t)
	pair := func(create func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
		k, err := create()
		require.NoError(t, err)
		name, err := k.PublicKey()
		require.NoError(t, err)
		return k, name
	}
	operator, operatorName := pair(nkeys.CreateOperator)
	account, accountName := pair(nkeys.CreateAccount)
	trusted := jwt.NewOperatorClaims(operatorName)
	claims := jwt.NewAccountClaims(accountName)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	token, err := claims.Encode(operator)
	require.NoError(t, err)
	resolver := &server.MemAccResolver{}
	require.NoError(t, resolver.Store(accountName, token))
	_, systemName := pair(nkeys.CreateAccount)
	systemToken, err := jwt.NewAccountClaims(systemName).Encode(operator)
	require.NoError(t, err)
	require.NoError(t, resolver.Store(systemName, systemToken))

	user := func(life time.Duration) nats.Option {
		key, name := pair(nkeys.CreateUser)
		c := jwt.NewUserClaims(name)
		if life != 0 { // 0: for ever
			c.Expires = time.Now().Add(life).Unix()
		}
		token, err := c.Encode(account)
		require.NoError(t, err)
		return nats.UserJWT(func() (string, error) { return token, nil }, func(nonce []byte) ([]byte, error) { return key.Sign(nonce) })
	}
	a := embeddedConn(t, Listen("127.0.0.1:0"), NATS(user(0)), Server(func(o *server.Options) {
		o.TrustedOperators = []*jwt.OperatorClaims{trusted}
		o.AccountResolver = resolver
		o.SystemAccount = systemName
	}))
	b, err := Open(ctx, a.URL(), NATS(user(3*time.Second)))
	require.NoError(t, err)
	defer b.Close()
	tx, rx, err := Unbounded[int](ctx, b, "expires")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	require.NoError(t, d.Confirm(ctx))
	_, err = rx.Recv().Await(ctx)
	require.ErrorIs(t, err, ErrAuth)
	<-tx.Done()
	err = tx.Send(2).Await(ctx)
	require.ErrorIs(t, err, ErrAuth)
	assert.NotErrorIs(t, err, ErrUncertain)
	_, err = Open(ctx, a.URL(), NATS(user(-time.Second)))
	require.ErrorIs(t, err, ErrAuth, "and it is no good for a new connection")
}
