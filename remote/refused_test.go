package remote

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrongCredentialsAreRefusedInWords(t *testing.T) {
	ctx := within(t)
	a := embeddedConn(t, Listen("127.0.0.1:0"), NATS(nats.UserInfo("ann", "right")), Server(func(o *server.Options) {
		o.Username, o.Password = "ann", "right"
	}))
	_, err := Open(ctx, a.URL(), NATS(nats.UserInfo("ann", "wrong")))
	require.ErrorIs(t, err, ErrAuth)
	_, err = Open(ctx, a.URL())
	require.ErrorIs(t, err, ErrAuth)
	b, err := Open(ctx, a.URL(), NATS(nats.UserInfo("ann", "right")))
	require.NoError(t, err)
	require.NoError(t, b.Close())
	require.NoError(t, b.Close())
}

func TestAUserWithoutTheRightToSendGetsAnError(t *testing.T) {
	ctx := within(t)
	guest := &server.User{Username: "guest", Password: "g", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{"$JS.API.>", "$KV.>", "_INBOX.>"}},
	}}
	a := embeddedConn(t, Listen("127.0.0.1:0"), NATS(nats.UserInfo("ann", "a")), Server(func(o *server.Options) {
		o.Users = []*server.User{{Username: "ann", Password: "a"}, guest}
	}))
	_, _, err := Unbounded[int](ctx, a, "secret")
	require.NoError(t, err)
	b, err := Open(ctx, a.URL(), NATS(nats.UserInfo("guest", "g"), nats.PermissionErrOnSubscribe(true)))
	require.NoError(t, err)
	defer b.Close()
	tx, _, err := Unbounded[int](ctx, b, "secret")
	require.NoError(t, err)
	err = tx.Send(1).Await(ctx)
	require.ErrorIs(t, err, ErrAuth)
	n, err := tx.SendMany([]int{1, 2, 3}).Await(ctx)
	require.ErrorIs(t, err, ErrAuth)
	assert.Zero(t, n)
}

func TestAPlaintextClientOfATLSServerGetsAnError(t *testing.T) {
	ctx := within(t)
	cert := selfSigned(t)
	pool := x509.NewCertPool()
	pool.AddCert(cert.Leaf)
	a := embeddedConn(t, Listen("127.0.0.1:0"), NATS(nats.Secure(&tls.Config{RootCAs: pool, ServerName: "localhost"})), Server(func(o *server.Options) {
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		o.TLS = true
		o.TLSTimeout = 5
	}))
	_, port, err := net.SplitHostPort(a.srv.srv.Addr().String())
	require.NoError(t, err)
	_, err = Open(ctx, "nats://127.0.0.1:"+port, NATS(nats.Secure(&tls.Config{ServerName: "localhost"})))
	require.Error(t, err, "no trusted authority signed the certificate")
	_, err = Open(ctx, "nats://127.0.0.1:"+port)
	require.Error(t, err)
	b, err := Open(ctx, "nats://127.0.0.1:"+port, NATS(nats.Secure(&tls.Config{RootCAs: pool, ServerName: "localhost"})))
	require.NoError(t, err)
	require.NoError(t, b.Close())

	plain := embeddedConn(t, Listen("127.0.0.1:0"))
	_, err = Open(ctx, plain.URL(), NATS(nats.Secure()))
	require.ErrorIs(t, err, nats.ErrSecureConnWanted)
	assert.ErrorContains(t, err, "does not offer")
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestNoServerIsAnError(t *testing.T) {
	ctx := within(t)
	_, err := Open(ctx, "nats://127.0.0.1:1")
	require.ErrorIs(t, err, nats.ErrNoServers)
	_, err = Open(ctx, "", Listen("nonsense"))
	require.ErrorIs(t, err, ErrOption)
	a := embeddedConn(t, Listen("127.0.0.1:0"), Server(func(o *server.Options) { o.MaxPayload = 1 << 16 }))
	assert.NotEmpty(t, a.URL())
	_, err = Open(ctx, "embedded:"+a.srv.dir)
	require.ErrorContains(t, err, "used by another server")
}

func TestAServerWithoutSpaceSaysSo(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t, Server(func(o *server.Options) { o.JetStreamMaxStore = 1 << 20 }))
	tx, _, err := Unbounded[[]byte](ctx, c, "tight", WithCodec(Raw))
	require.NoError(t, err)
	for {
		if err = tx.Send(make([]byte, 1<<17)).Await(ctx); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, ErrStorage)
	n, err := tx.SendMany([][]byte{make([]byte, 1<<17), make([]byte, 1<<17)}).Await(ctx)
	require.ErrorIs(t, err, ErrStorage)
	assert.Zero(t, n)
}

// As on a disk that others have filled up: the server answers nothing at all.
func TestAnEmbeddedServerThatCannotWriteSaysSo(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, _, err := Unbounded[[]byte](ctx, c, "disk", WithCodec(Raw))
	require.NoError(t, err)
	big := make([]byte, 1<<20-1<<12)
	require.NoError(t, tx.Send(big).Await(ctx))
	require.NoError(t, os.RemoveAll(filepath.Join(c.srv.dir, "jetstream", "$G", "streams", tx.l.stream, "msgs")))
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for err == nil { // until it needs a new file
		err = tx.Send(big).Await(short)
	}
	require.ErrorIs(t, err, ErrStorage)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, ErrUncertain)
}

func TestWhatIsStoredSurvivesTheServer(t *testing.T) {
	ctx := within(t)
	dir := "embedded:" + filepath.Join(t.TempDir(), "data")
	a, err := Open(ctx, dir)
	require.NoError(t, err)
	tx, _, err := Unbounded[string](ctx, a, "kept")
	require.NoError(t, err)
	require.NoError(t, tx.Send("here").Await(ctx))
	require.NoError(t, a.Close())
	require.ErrorIs(t, tx.Send("late").Await(ctx), ErrDropped)
	_, _, err = Unbounded[string](ctx, a, "kept")
	require.ErrorIs(t, err, ErrConn)
	b, err := Open(ctx, dir)
	require.NoError(t, err)
	_, rx, err := Unbounded[string](ctx, b, "kept")
	require.NoError(t, err)
	d, err := rx.Recv().Await(ctx)
	require.NoError(t, err)
	assert.Equal(t, "here", d.Value)
	require.NoError(t, d.Ack())
	require.NoError(t, b.Close())
}
