package console

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// remoteFrame is the part of a frame that is about remote channels, and what belongs to it.
type remoteFrame struct {
	Columns  map[string][]string
	Warnings []observe.Warning
	Remote   struct {
		Made, Now [][]any
		Gone      []uint64
	}
}

func decodeRemote(t *testing.T, data []byte) (f remoteFrame) {
	t.Helper()
	require.NoError(t, json.Unmarshal(data, &f))
	return f
}

// named is a row with the names of its columns.
func named(t *testing.T, columns []string, values []any) map[string]any {
	t.Helper()
	require.Len(t, values, len(columns))
	row := make(map[string]any)
	for i, c := range columns {
		row[c] = values[i]
	}
	return row
}

func TestAFrameCarriesRemoteChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened := time.Now()
		f := &fake{state: observe.State{Remote: []observe.Remote{{
			ID: 9, Name: "jobs", Site: "/src/main.go:30", Where: "nats://queue", Message: "main.Job", Flavour: "remote bounded", Capacity: 100, Opened: opened,
			WaitingSenders: 1, WaitingReceivers: 2, Sent: 30, Received: 20, Senders: 4, Receivers: 5,
			Len: 12, Lag: 7, Pending: 5, Redelivered: 2, Dead: 6, Known: opened, Err: "no answer",
		}}}}
		hub := newHub(f.source(), time.Second, 1)
		require.True(t, hub.join())
		data, seq := hub.frame(0)
		got := decodeRemote(t, data)
		require.Len(t, got.Remote.Made, 1)
		assert.Equal(t, map[string]any{
			"id": 9., "name": "jobs", "site": "/src/main.go:30", "message": "main.Job", "flavour": "remote bounded", "capacity": 100.,
			"opened": float64(opened.UnixMilli()),
		}, named(t, got.Columns["remoteMade"], got.Remote.Made[0]))
		assert.Equal(t, map[string]any{
			"id": 9., "where": "nats://queue", "len": 12., "lag": 7., "pending": 5., "redelivered": 2., "dead": 6.,
			"senders": 4., "receivers": 5., "sent": 30., "received": 20., "waitingSenders": 1., "waitingReceivers": 2.,
			"closed": 0., "cause": "", "err": "no answer", "known": 1., "staleSince": 0.,
		}, named(t, got.Columns["remoteNow"], got.Remote.Now[0]))
		require.Len(t, got.Warnings, 1)
		assert.Equal(t, observe.RemoteError, got.Warnings[0].Kind)

		// A growing age is no change until it has grown enough to be sent.
		time.Sleep(time.Second)
		data, seq = hub.frame(seq)
		assert.Empty(t, decodeRemote(t, data).Remote.Now)
		time.Sleep(5 * time.Second)
		data, seq = hub.frame(seq)
		got = decodeRemote(t, data)
		assert.Empty(t, got.Remote.Made)
		require.Len(t, got.Remote.Now, 1)
		assert.InDelta(t, float64(opened.UnixMilli()), got.Remote.Now[0][len(columns["remoteNow"])-1], 0)

		f.change(func(s *observe.State) { s.Remote = nil })
		time.Sleep(time.Second)
		data, _ = hub.frame(seq)
		got = decodeRemote(t, data)
		assert.Equal(t, []uint64{9}, got.Remote.Gone)
		assert.JSONEq(t, `{"made":[],"now":[],"gone":[]}`, string(table{}.since(table{})))
		hub.leave()
	})
}

func TestDetailsOfARemoteChannelAndItsHostileName(t *testing.T) {
	hostile := "</script><img src=x onerror=alert(1)>\u2028\"\n\ndata: {}\n\xff"
	f := &fake{state: observe.State{Remote: []observe.Remote{{ID: 9, Name: hostile, Where: hostile, Err: hostile, Cause: hostile, Lag: 7}}}}
	console := Handler(from(f))
	for _, path := range []string{"/state", "/detail?id=9", "/graph"} {
		w := get(console, path)
		require.Equal(t, http.StatusOK, w.Code, path)
		assert.NotContains(t, w.Body.String(), "<img", path)
	}
	var detail struct {
		Remote *observe.Remote
		Names  map[uint64]naming
	}
	require.NoError(t, json.Unmarshal(get(console, "/detail?id=9").Body.Bytes(), &detail))
	require.NotNil(t, detail.Remote)
	assert.EqualValues(t, 7, detail.Remote.Lag)
	assert.Equal(t, "remote channel", detail.Names[9].Kind)
	frame := string(encodeFrame(&look{state: &f.state, rows: rowsOf(&f.state)}, time.Second, nil))
	assert.NotContains(t, frame, "\n", "a newline would end the event")
	assert.NotContains(t, frame, "<img")
}
