package harness_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/remote/internal/harness"
)

func TestMain(m *testing.M) {
	harness.Main(roles())
	goleak.VerifyTestMain(m)
}

func TestAStreamOutlivesTheServerThatLeadsIt(t *testing.T) {
	c := harness.NewCluster(t)
	nc, err := nats.Connect(c.URL())
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}, Replicas: 3})
	require.NoError(t, err)
	_, err = js.Publish(ctx, "s", []byte("before"))
	require.NoError(t, err)

	old := c.Leader("S")
	c.Stop(old)
	next := c.Leader("S")
	require.NotEqual(t, old, next)
	for err = ctx.Err(); err == nil; err = ctx.Err() { // until the client has found the new one
		if _, err := js.Publish(ctx, "s", []byte("after"), jetstream.WithMsgID("after")); err == nil {
			break
		}
	}
	require.NoError(t, err)
	c.Restart(old)
	info, err := s.Info(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, info.State.Msgs)
}
