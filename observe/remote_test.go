package observe_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// jobs is a remote channel with something in every field.
func jobs() observe.Remote {
	return observe.Remote{
		ID: 9, Name: "jobs", Site: "/src/shop/main.go:30", Where: "nats://queue:4222", Message: "main.Job", Flavour: "remote bounded", Capacity: 100, Opened: noon.Add(-time.Hour),
		WaitingSenders: 1, WaitingReceivers: 2, Sent: 30, Received: 20, Repeated: 3, GivenUp: 1, Senders: 4, Receivers: 5, Closed: true, Cause: "enough",
		Len: 12, Lag: 7, Pending: 5, Redelivered: 2, Dead: 6, Known: noon.Add(-1500 * time.Millisecond), Err: "no answer",
	}
}

func withRemote(all ...observe.Remote) *observe.State {
	return &observe.State{Taken: noon, Level: "counts", Remote: all}
}

func TestTheTableShowsRemoteChannels(t *testing.T) {
	fine := observe.Remote{ID: 10, Name: "results", Capacity: -1}
	closed := observe.Remote{ID: 11, Name: "old", Capacity: -1, Closed: true, Cause: "enough", Known: noon}
	text := tableOf(t, withRemote(jobs(), fine, closed))
	assert.Equal(t, `level counts: 0 channels, 0 tasks, 0 events, 0 of them lost

REMOTE  NAME     AT                 MESSAGE   LEN     LAG  PENDING  REDELIVERED  DEAD  SENDERS  RECEIVERS  SENT  RECEIVED  WAITING         STATE           KNOWN     OPENED AT
9       jobs     nats://queue:4222  main.Job  12/100  7    5        2            6     4        5          30    20        1 send, 2 recv  no answer       1.5s ago  main.go:30
10      results  -                  -         0       0    0        0            0     0        0          0     0         -               open            not yet   -
11      old      -                  -         0       0    0        0            0     0        0          0     0         -               closed: enough  0s ago    -

WARNINGS
remote error: remote channel "jobs" #9: no answer (known: 1.5s ago)
`, text)
}

func TestNamesOfRemoteChannelsCannotMoveTheTerminalOrBreakALine(t *testing.T) {
	hostile := "\x1b[2J\nevil\tname\u202e\x00\xff\"" + strings.Repeat("x", 100)
	r := jobs()
	lines := strings.Count(tableOf(t, withRemote(r)), "\n")
	r.Name, r.Site, r.Where, r.Message, r.Flavour, r.Cause, r.Err = hostile, hostile, hostile, hostile, hostile, hostile, hostile
	text := tableOf(t, withRemote(r))
	assert.Equal(t, lines, strings.Count(text, "\n"))
	for _, bad := range []string{"\x1b", "\u202e", "\t", "\x00", strings.Repeat("x", 61)} {
		assert.NotContains(t, text, bad)
	}
	assert.Contains(t, text, `\x1b[2J\nevil\tname\u202e\x00`)
}

func TestTheJSONFormOfARemoteChannel(t *testing.T) {
	text, err := json.Marshal(jobs())
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"id": 9, "name": "jobs", "site": "/src/shop/main.go:30", "where": "nats://queue:4222", "message": "main.Job", "flavour": "remote bounded", "capacity": 100, "opened": "2026-01-02T11:00:00Z",
		"waitingSenders": 1, "waitingReceivers": 2, "sent": 30, "received": 20, "repeated": 3, "givenUp": 1, "senders": 4, "receivers": 5, "closed": true, "cause": "enough",
		"len": 12, "lag": 7, "pending": 5, "redelivered": 2, "dead": 6, "known": "2026-01-02T11:59:58.5Z", "err": "no answer"
	}`, string(text))
	var back observe.Remote
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, jobs(), back)
}

// looks is what a Watch says of a remote channel that changes once a second.
func looks(n int, change func(second int, r *observe.Remote)) (warned map[int]string) {
	var w observe.Watch
	warned = make(map[int]string)
	for i := range n {
		r := observe.Remote{ID: 9, Name: "jobs", Known: noon}
		change(i, &r)
		s := withRemote(r)
		s.Taken = noon.Add(time.Duration(i) * time.Second)
		for _, got := range w.Look(s) {
			warned[i] += string(got.Kind) + ": " + got.Text
		}
	}
	return warned
}

func TestDeadLettersAreWarnedOfForAMinute(t *testing.T) {
	warned := looks(200, func(i int, r *observe.Remote) {
		r.Dead = 4
		switch {
		case i >= 13:
			r.Dead = 7
		case i >= 10:
			r.Dead = 5
		}
	})
	assert.Equal(t, `dead letters: remote channel "jobs" #9: a message was given up in the last 1s, and 5 are there`, warned[10])
	assert.Equal(t, `dead letters: remote channel "jobs" #9: 3 messages were given up in the last 5s, and 7 are there`, warned[15])
	assert.Contains(t, warned, 73)
	assert.Len(t, warned, 64, "from the first to a minute after the last")

	assert.Empty(t, looks(20, func(i int, r *observe.Remote) { r.Dead = uint64(100 - i) }), "they are being processed")
	assert.Empty(t, looks(20, func(i int, r *observe.Remote) {
		if r.Dead = 100; i < 3 {
			r.Dead, r.Known = 0, time.Time{}
		}
	}), "they were there before the first snapshot")
}

func TestALagThatOnlyGrowsIsWarnedOf(t *testing.T) {
	warned := looks(12, func(i int, r *observe.Remote) { r.Lag = uint64(1 + i) })
	assert.Equal(t, map[int]string{
		10: `growing: remote channel "jobs" #9: its lag only grew for 10s, from 1 to 11 messages`,
		11: `growing: remote channel "jobs" #9: its lag only grew for 11s, from 1 to 12 messages`,
	}, warned)
	assert.Empty(t, looks(30, func(i int, r *observe.Remote) { r.Lag = uint64(i % 8 * 10) }), "it goes up and down")
	assert.Empty(t, looks(30, func(_ int, r *observe.Remote) { r.Lag = 1000 }), "it stands still")
}

func TestASendThatFindsNoRoomIsWarnedOf(t *testing.T) {
	waits := func(i int, r *observe.Remote) { r.WaitingSenders, r.Sent = 2, 40 }
	warned := looks(4, waits)
	assert.Equal(t, map[int]string{
		2: `sender blocked: remote channel "jobs" #9: 2 messages wait to be sent, and nothing was stored for 2s`,
		3: `sender blocked: remote channel "jobs" #9: 2 messages wait to be sent, and nothing was stored for 3s`,
	}, warned)
	assert.Empty(t, looks(10, func(i int, r *observe.Remote) {
		waits(i, r)
		r.Sent += uint64(i)
	}), "others are sent in that time")
}

func TestAWatchForgetsRemoteChannelsThatAreGone(t *testing.T) {
	var w observe.Watch
	for i := range 30 {
		s := withRemote(observe.Remote{ID: uint64(i), Known: noon, Dead: uint64(i), Lag: uint64(10 * i), WaitingSenders: 1})
		s.Taken = noon.Add(time.Duration(i) * time.Second)
		assert.Empty(t, w.Look(s))
	}
}
