package observe_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// shop is a state with something in every field.
func shop() *observe.State {
	since := noon.Add(-1500 * time.Millisecond)
	return &observe.State{
		Taken: noon, Level: "events", Events: 12, Lost: 2,
		Channels: []observe.Channel{{
			ID: 3, Name: "orders", Site: "/src/shop/main.go:12", Message: "main.Order", Flavour: "async bounded", Capacity: 2, Made: noon.Add(-time.Minute),
			Len: 2, HighWater: 2, Senders: 1, Receivers: 1, Weak: 1, Reserved: 1,
			Sent: 9, Received: 7, Discarded: 1, Evicted: 2, Collected: 1, TimesFull: 4, LastSent: since, LastReceived: since,
			Closed: true, Cause: "enough",
			Waiting: []observe.Waiting{{Actor: 1, Op: "send", Channel: 3, Since: since, For: 1500 * time.Millisecond}},
			Handles: []observe.Handle{{Side: "sender", User: 1, Used: true}, {Side: "receiver", User: 2}},
		}},
		Tasks: []observe.Task{{
			ID: 2, Runtime: "shop", Number: 5, Name: "reader", Parent: 4, Site: "/src/shop/main.go:20", Kind: "polled", State: "waiting", Spawned: noon.Add(-time.Minute), Since: since,
			QueueWait: 3 * time.Microsecond, RunTime: 40 * time.Microsecond, Polls: 7, LongestPoll: 12 * time.Microsecond,
			Awaits:  &observe.Waiting{Actor: 2, Op: "sleep", Since: since, For: 1500 * time.Millisecond},
			Waiting: []observe.Waiting{{Actor: 1, Op: "join", Task: 2, Since: since, For: 1500 * time.Millisecond}},
			Err:     "no", Panic: "boom",
		}},
		Actors: []observe.Actor{{ID: 1, Name: "main", Goroutine: 17}, {ID: 2, Name: "reader", Task: true}},
	}
}

func tableOf(t *testing.T, s *observe.State) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, s.WriteTable(&out))
	return out.String()
}

func TestTheTableShowsChannelsTasksWaitsAndWarnings(t *testing.T) {
	assert.Equal(t, `level events: 1 channels, 1 tasks, 12 events, 2 of them lost

CHANNEL  NAME    FLAVOUR        MESSAGE     LEN  MOST  SENDERS  RECEIVERS  SENT  RECEIVED  FULL  WAITING  STATE           MADE AT
3        orders  async bounded  main.Order  2/2  2     1        1          9     7         4     1 send   closed: enough  main.go:12

TASK  NAME    PARENT  KIND    STATE    FOR   QUEUED  RUN   POLLS  LONGEST  END          SPAWNED AT
2     reader  4       polled  waiting  1.5s  3µs     40µs  7      12µs     panic: boom  main.go:20

WHO                    WAITS IN                  FOR   THAT IS FOR
"main" (goroutine 17)  send on "orders" #3       1.5s  task "reader" #2
"main" (goroutine 17)  join of task "reader" #2  1.5s  task "reader" #2
task "reader" #2       sleep                     1.5s  -

WARNINGS
sender blocked: channel "orders" #3: a send waits for 1.5s
lost handle: channel "orders" #3: a handle was collected and had not been dropped, made at main.go:12
`, tableOf(t, shop()))
}

func TestAnEmptyTableIsALine(t *testing.T) {
	assert.Equal(t, "level off: 0 channels, 0 tasks, 0 events, 0 of them lost\n", tableOf(t, &observe.State{Level: "off"}))
}

func TestNamesCannotMoveTheTerminalOrBreakALine(t *testing.T) {
	hostile := "\x1b[2J\nevil\tname\u202e\x00\xff\"" + strings.Repeat("x", 100)
	s := shop()
	s.Level = "counts"
	c, k := &s.Channels[0], &s.Tasks[0]
	lines := strings.Count(tableOf(t, s), "\n")
	c.Name, c.Site, c.Message, c.Cause, c.Flavour = hostile, hostile, hostile, hostile, hostile
	k.Name, k.Site, k.Panic, k.Err = hostile, hostile, hostile, hostile
	k.Awaits.What = hostile
	s.Actors[0].Name, s.Actors[1].Name = hostile, hostile
	text := tableOf(t, s)
	assert.Equal(t, lines, strings.Count(text, "\n"))
	assert.NotContains(t, text, "\x1b")
	assert.NotContains(t, text, "\u202e")
	assert.NotContains(t, text, "\t")
	assert.NotContains(t, text, "\x00")
	assert.NotContains(t, text, strings.Repeat("x", 61))
	assert.Contains(t, text, `\x1b[2J\nevil\tname\u202e\x00`)
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestTheErrorOfTheTableIsTheWriters(t *testing.T) {
	assert.ErrorIs(t, shop().WriteTable(full{}), errFull)
}

func TestTheJSONFormOfAState(t *testing.T) {
	text, err := json.Marshal(shop())
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"taken": "2026-01-02T12:00:00Z", "level": "events", "events": 12, "lost": 2,
		"channels": [{
			"id": 3, "name": "orders", "site": "/src/shop/main.go:12", "message": "main.Order", "flavour": "async bounded", "capacity": 2, "made": "2026-01-02T11:59:00Z",
			"len": 2, "highWater": 2, "senders": 1, "receivers": 1, "weak": 1, "reserved": 1,
			"sent": 9, "received": 7, "discarded": 1, "evicted": 2, "collected": 1, "timesFull": 4, "lastSent": "2026-01-02T11:59:58.5Z", "lastReceived": "2026-01-02T11:59:58.5Z",
			"closed": true, "cause": "enough",
			"waiting": [{"actor": 1, "op": "send", "channel": 3, "since": "2026-01-02T11:59:58.5Z", "for": 1500000000}],
			"handles": [{"side": "sender", "user": 1, "used": true}, {"side": "receiver", "user": 2, "used": false}]
		}],
		"tasks": [{
			"id": 2, "runtime": "shop", "number": 5, "name": "reader", "parent": 4, "site": "/src/shop/main.go:20", "kind": "polled", "state": "waiting", "spawned": "2026-01-02T11:59:00Z", "since": "2026-01-02T11:59:58.5Z",
			"queueWait": 3000, "runTime": 40000, "polls": 7, "longestPoll": 12000,
			"awaits": {"actor": 2, "op": "sleep", "since": "2026-01-02T11:59:58.5Z", "for": 1500000000},
			"waiting": [{"actor": 1, "op": "join", "task": 2, "since": "2026-01-02T11:59:58.5Z", "for": 1500000000}],
			"err": "no", "panic": "boom"
		}],
		"actors": [{"id": 1, "name": "main", "goroutine": 17}, {"id": 2, "name": "reader", "task": true}],
		"remote": null
	}`, string(text))
	var back observe.State
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, *shop(), back)
}
