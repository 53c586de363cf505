package console

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// ring is two tasks that wait for each other, each for what the other should send.
func ring() *fake {
	now := time.Now()
	wait := func(actor, channel uint64) observe.Waiting {
		return observe.Waiting{Actor: actor, Op: "recv", Channel: channel, Since: now}
	}
	handles := func(sender, receiver uint64) []observe.Handle {
		return []observe.Handle{{Side: "sender", User: sender, Used: true}, {Side: "receiver", User: receiver, Used: true}, {Side: "sender", User: sender, Used: true}}
	}
	first, second := wait(1, 11), wait(2, 12)
	return &fake{
		state: observe.State{
			Channels: []observe.Channel{
				{ID: 11, Name: "questions", Senders: 2, Receivers: 1, Waiting: []observe.Waiting{first}, Handles: handles(2, 1)},
				{ID: 12, Name: "answers", Senders: 2, Receivers: 1, Waiting: []observe.Waiting{second}, Handles: handles(1, 2)},
				{ID: 13, Name: "other"},
			},
			Tasks:  []observe.Task{{ID: 1, Name: "asks", State: "waiting", Awaits: &first}, {ID: 2, Name: "answers", State: "waiting", Parent: 3, Awaits: &second}},
			Actors: []observe.Actor{{ID: 3, Name: "main", Goroutine: 1}},
		},
		events: []observe.Event{
			{Seq: 1, Kind: observe.Spawned, Actor: 3, Task: 9, Text: "gone"},
			{Seq: 2, Kind: observe.Sent, Actor: 9, Channel: 13, Message: 1, Count: 1},
			{Seq: 3, Kind: observe.Blocked, Actor: 1, Channel: 11, Op: "recv"},
			{Seq: 4, Kind: observe.Blocked, Actor: 2, Channel: 12, Op: "recv"},
		},
	}
}

func read(t *testing.T, h http.Handler, path string) (v struct {
	Channel *observe.Channel
	Task    *observe.Task
	Events  []observe.Event
	Waits   []observe.Waiting
	Total   int
	Users   map[uint64][]observe.Handle
	Cycles  []observe.Cycle
	Names   map[uint64]naming
},
) {
	t.Helper()
	w := get(h, path)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
	return v
}

func TestDetailsCarryTheEventsThatNameIt(t *testing.T) {
	console := Handler(from(ring()))
	channel := read(t, console, "/detail?id=11")
	require.NotNil(t, channel.Channel)
	assert.Equal(t, "questions", channel.Channel.Name)
	require.Len(t, channel.Events, 1)
	assert.EqualValues(t, 3, channel.Events[0].Seq)
	assert.Equal(t, "asks", channel.Names[1].Name)
	task := read(t, console, "/detail?id=2")
	require.NotNil(t, task.Task)
	assert.Equal(t, naming{Name: "main", Kind: "goroutine", Goroutine: 1}, task.Names[3])
	assert.Equal(t, "answers", task.Names[12].Name)
	gone := read(t, console, "/detail?id=9")
	assert.Nil(t, gone.Task)
	assert.Len(t, gone.Events, 2)
	assert.Equal(t, "gone", gone.Names[9].Name, "from the event of its beginning")
	assert.Equal(t, http.StatusNotFound, get(console, "/detail?id=99").Code)
	assert.Equal(t, http.StatusBadRequest, get(console, "/detail?id=x").Code)
}

func TestTheGraphShowsEachWaitOnceWithItsWakers(t *testing.T) {
	g := read(t, Handler(from(ring())), "/graph")
	assert.Len(t, g.Waits, 2, "a wait stands at the channel and at the task")
	assert.Equal(t, 2, g.Total)
	assert.Equal(t, []observe.Handle{{Side: "receiver", User: 1}, {Side: "sender", User: 2}}, g.Users[11])
	assert.NotContains(t, g.Users, uint64(13))
	assert.Len(t, g.Cycles, 1)
}

// In a program where very many wait, a deadlock would otherwise be the part that is cut.
func TestADeadlockIsInTheGraphHoweverManyWaitForLonger(t *testing.T) {
	f := ring()
	long := observe.Channel{ID: 20}
	for i := range 2 * maxWaiters {
		long.Waiting = append(long.Waiting, observe.Waiting{Actor: uint64(1000 + i), Op: "recv", Since: time.Now().Add(-time.Hour)})
	}
	f.state.Channels = append(f.state.Channels, long)
	g := read(t, Handler(from(f)), "/graph")
	require.Len(t, g.Waits, maxWaiters)
	assert.Equal(t, 2*maxWaiters+2, g.Total)
	assert.EqualValues(t, 1, g.Waits[0].Actor)
	assert.EqualValues(t, 2, g.Waits[1].Actor)
}

func TestTheLatestEventsAreTheLastOnes(t *testing.T) {
	console := Handler(from(ring()))
	last := read(t, console, "/recent?n=2")
	require.Len(t, last.Events, 2)
	assert.EqualValues(t, 3, last.Events[0].Seq)
	assert.Len(t, read(t, console, "/recent").Events, 4)
	assert.Len(t, read(t, console, "/recent?n=-5").Events, 4)
	assert.Len(t, read(t, console, "/recent?id=9").Events, 2)
	assert.Contains(t, get(console, "/sequence?n=3").Body.String(), "sequenceDiagram")
	f := ring()
	for range 2 * maxEvents {
		f.events = append(f.events, f.events[0])
	}
	assert.Len(t, read(t, Handler(from(f)), "/recent?n=100000").Events, maxEvents)
}

func TestADiagramOfOneTakesNothingForMissing(t *testing.T) {
	f := ring()
	f.events = append(f.events, observe.Event{Seq: 5, Kind: observe.Received, Actor: 1, Channel: 13, Message: 1, Count: 1})
	console := Handler(from(f))
	for query, want := range map[string]string{
		"id=13": "channel 13 #35;1",
		"id=2":  "waits for",
		"n=1":   "p1->>p2: channel 13 #35;1", // it was sent before
	} {
		text := get(console, "/sequence?"+query).Body.String()
		assert.Contains(t, text, want, query)
		assert.NotContains(t, text, "missing", query)
		assert.NotContains(t, text, "spawns", query)
	}
	assert.Contains(t, get(console, "/sequence?id=99").Body.String(), "nothing was recorded")
}
