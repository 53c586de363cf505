package remote

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

func TestAUserWithoutRightsToTheDeadLettersSeesTheRest(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	ctx := within(t)
	guest := &server.User{Username: "guest", Password: "g", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{">"}, Deny: []string{"$JS.API.STREAM.INFO." + deadStreamName("shared")}},
	}}
	a := embeddedConn(t, Listen("127.0.0.1:0"), NATS(nats.UserInfo("ann", "a")), Server(func(o *server.Options) {
		o.Users = []*server.User{{Username: "ann", Password: "a"}, guest}
	}))
	b, err := Open(ctx, a.URL(), NATS(nats.UserInfo("guest", "g")))
	require.NoError(t, err)
	defer b.Close()
	tx, _, err := Unbounded[int](ctx, b, "shared")
	require.NoError(t, err)
	require.NoError(t, tx.Send(1).Await(ctx))
	row := becomes(t, "shared", "the numbers are not right", func(r *observe.Remote) bool { return r.Lag == 1 && r.Err != "" })
	assert.Contains(t, row.Err, "dead letters")
}
