package observe_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func at(d time.Duration, channels []observe.Channel, tasks ...observe.Task) *observe.State {
	return &observe.State{Taken: noon.Add(d), Channels: channels, Tasks: tasks}
}

func TestWhatOneStateWarnsOf(t *testing.T) {
	channel := func(c observe.Channel) *observe.State { return at(time.Hour, []observe.Channel{c}) }
	task := func(k observe.Task) *observe.State { return at(time.Hour, nil, k) }
	before := func(d time.Duration) time.Time { return noon.Add(time.Hour - d) }
	full := observe.Waiting{Op: "send", For: 1500 * time.Millisecond}
	for name, test := range map[string]struct {
		state *observe.State
		want  []observe.Warning
	}{
		"nothing": {at(0, nil), nil},
		"a send that waits": {
			channel(observe.Channel{ID: 7, Name: "orders", Received: 1, Waiting: []observe.Waiting{full}}),
			[]observe.Warning{{Kind: observe.SenderBlocked, Channel: 7, Text: `channel "orders" #7: a send waits for 1.5s`}},
		},
		"a reservation and a send that wait": {
			channel(observe.Channel{ID: 7, Received: 1, Waiting: []observe.Waiting{full, {Op: "reserve", For: time.Second}}}),
			[]observe.Warning{{Kind: observe.SenderBlocked, Channel: 7, Text: `channel #7: 2 sends wait, one of them for 1.5s`}},
		},
		"a send that waits for a moment": {channel(observe.Channel{Waiting: []observe.Waiting{{Op: "send", For: time.Second}}, Received: 1}), nil},
		"a receive that waits":           {channel(observe.Channel{Waiting: []observe.Waiting{{Op: "recv", For: time.Hour}}}), nil},
		"a receiver that never received": {
			channel(observe.Channel{ID: 7, Len: 3, Sent: 3, Filled: before(time.Minute)}),
			[]observe.Warning{{Kind: observe.NeverReceived, Channel: 7, Text: "channel #7: nothing was received in 1m0s, and 3 messages wait"}},
		},
		"a receiver that never received from a send": {
			channel(observe.Channel{ID: 7, Made: before(time.Hour), Waiting: []observe.Waiting{{Op: "send", For: 6 * time.Second}}}),
			[]observe.Warning{
				{Kind: observe.SenderBlocked, Channel: 7, Text: "channel #7: a send waits for 6s"},
				{Kind: observe.NeverReceived, Channel: 7, Text: "channel #7: nothing was received in 6s, and a message waits"},
			},
		},
		"a first message":    {channel(observe.Channel{ID: 7, Len: 3, Sent: 3, Made: before(time.Hour), Filled: before(time.Second)}), nil},
		"one that received":  {channel(observe.Channel{ID: 7, Len: 3, Sent: 4, Received: 1, Filled: before(time.Minute)}), nil},
		"nothing to receive": {channel(observe.Channel{ID: 7, Made: before(time.Minute)}), nil},
		"lost handles": {
			channel(observe.Channel{ID: 7, Collected: 1, Site: "/src/main.go:12"}),
			[]observe.Warning{{Kind: observe.LostHandle, Channel: 7, Text: "channel #7: a handle was collected and had not been dropped, made at main.go:12"}},
		},
		"a task without a worker": {
			task(observe.Task{ID: 8, Name: "reader", State: "ready", Since: before(2 * time.Second)}),
			[]observe.Warning{{Kind: observe.Starved, Task: 8, Text: `task "reader" #8: ready for 2s, and no worker is free`}},
		},
		"blocking work in its queue": {
			task(observe.Task{ID: 8, State: "queued", Kind: "blocking", Since: before(2 * time.Second)}),
			[]observe.Warning{{Kind: observe.Starved, Task: 8, Text: `task #8: queued for 2s behind other blocking work`}},
		},
		"a task that waits for long": {task(observe.Task{State: "waiting", Since: before(time.Hour)}), nil},
		"a poll that goes on": {
			task(observe.Task{ID: 8, Kind: "polled", State: "running", Since: before(150 * time.Millisecond)}),
			[]observe.Warning{{Kind: observe.LongPoll, Task: 8, Text: `task #8: in a poll for 150ms, which holds its worker`}},
		},
		"a poll that was long": {
			task(observe.Task{ID: 8, Kind: "polled", State: "waiting", LongestPoll: 101 * time.Millisecond}),
			[]observe.Warning{{Kind: observe.LongPoll, Task: 8, Text: `task #8: a poll took 101ms, which held its worker`}},
		},
		"a function that computes": {task(observe.Task{Kind: "function", State: "running", LongestPoll: time.Hour, Since: before(time.Minute)}), nil},
	} {
		assert.Equal(t, test.want, test.state.Warnings(), name)
	}
}

func TestADeadlockIsAWarningThatNamesItsActors(t *testing.T) {
	s := observe.State{
		Channels: []observe.Channel{
			link(100, ids{1}, ids{2}, waits(2, "recv")),
			link(101, ids{2}, ids{1}, waits(1, "recv")),
		},
		Actors: []observe.Actor{{ID: 1, Name: "main", Goroutine: 17}, {ID: 2, Name: "reader", Task: true}},
	}
	s.Channels[0].Name = "orders"
	assert.Equal(t, []observe.Warning{{
		Kind: observe.Deadlock, Actors: ids{1, 2},
		Text: `nothing outside can wake "main" (goroutine 17) (recv on #101), task "reader" #2 (recv on "orders" #100)`,
	}}, s.Warnings())
}

func TestAQueueThatOnlyGrowsIsWarnedOfAfterTenSeconds(t *testing.T) {
	grows := func(lens ...int) (warned []int) {
		var w observe.Watch
		for i, n := range lens {
			c := observe.Channel{ID: 7, Len: n, Received: 1}
			if len(w.Look(at(time.Duration(i)*time.Second, []observe.Channel{c}))) > 0 {
				warned = append(warned, i)
			}
		}
		return warned
	}
	assert.Equal(t, []int{10, 11}, grows(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
	assert.Empty(t, grows(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 30), "it got shorter")
	assert.Empty(t, grows(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5), "not by much")
	assert.Empty(t, grows(50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50), "a queue that stands still")
	assert.Empty(t, grows(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50, 0), "a burst")
	var w observe.Watch
	for i := range 4 {
		assert.Empty(t, w.Look(at(time.Duration(i)*10*time.Second, []observe.Channel{{ID: 7, Len: 100 * i, Received: 1}})), "too few looks")
	}
}

func TestAWatchForgetsChannelsThatAreGone(t *testing.T) {
	var w observe.Watch
	for i := range 12 {
		var cs []observe.Channel
		if i != 5 {
			cs = []observe.Channel{{ID: 7, Len: 10 * i, Received: 1}}
		}
		assert.Empty(t, w.Look(at(time.Duration(i)*time.Second, cs)))
	}
}

func TestADurationHasThreeDigits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		999:                        "999ns",
		1234:                       "1.23µs",
		45_678 * time.Microsecond:  "45.7ms",
		1234 * time.Millisecond:    "1.23s",
		12_345 * time.Millisecond:  "12.3s",
		123_456 * time.Millisecond: "2m3s",
	} {
		s := at(time.Hour, []observe.Channel{{ID: 7, Received: 1, Waiting: []observe.Waiting{{Op: "send", For: d}}}})
		s.Tasks = []observe.Task{{ID: 8, State: "waiting", Since: s.Taken.Add(-d)}}
		var b strings.Builder
		require.NoError(t, s.WriteTable(&b))
		assert.Contains(t, b.String(), "  "+want+" ")
	}
}
