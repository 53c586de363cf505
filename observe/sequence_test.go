package observe_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// start is when the recordings of the tests begin.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// recording returns one of these events. Those without a number or a time have followed
// the one before, a millisecond later.
func recording(events ...observe.Event) observe.Recording {
	last := observe.Event{Time: start}
	for i := range events {
		if events[i].Seq == 0 {
			events[i].Seq = last.Seq + 1
		}
		if events[i].Time.IsZero() {
			events[i].Time = last.Time.Add(time.Millisecond)
		}
		last = events[i]
	}
	return observe.Recording{
		Events: events,
		Actors: []observe.Actor{
			{ID: 1, Name: "main", Goroutine: 1}, {ID: 2, Name: "worker", Task: true},
			{ID: 3, Goroutine: 34}, {ID: 4, Name: "worker", Task: true}, {ID: 5, Task: true},
		},
		Channels: []observe.Channel{{ID: 10, Name: "orders"}, {ID: 11}},
	}
}

func TestSequenceDraws(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []observe.Event
		want   string
	}{
		{"nothing", nil, `
			participant none as nothing was recorded`},
		{"a message from its sender to its receiver, when it is received", []observe.Event{
			{Kind: observe.Made, Actor: 1, Channel: 10},
			{Kind: observe.Sent, Actor: 1, Channel: 10, Message: 1, Count: 1, Text: "hello"},
			{Kind: observe.Dropped, Actor: 1, Channel: 10, Side: "sender"},
			{Kind: observe.Received, Actor: 2, Channel: 10, Message: 1, Count: 1},
		}, `
			participant a1 as main
			participant a2 as worker
			Note over a1: creates channel orders
			Note over a1: drops a sender of orders
			a1->>a2: orders #35;1#58; hello`},
		{"a message whose receiver was faster to say so", []observe.Event{
			{Kind: observe.Received, Actor: 2, Channel: 10, Message: 1, Count: 1},
			{Kind: observe.Sent, Actor: 3, Channel: 10, Message: 1, Count: 1},
		}, `
			participant a3 as goroutine 34
			participant a2 as worker
			a3->>a2: orders #35;1`},
		{"batches by who received what", []observe.Event{
			{Kind: observe.Sent, Actor: 1, Channel: 10, Message: 1, Count: 3, Text: "of the first"},
			{Kind: observe.Sent, Actor: 3, Channel: 10, Message: 4, Count: 3},
			{Kind: observe.Received, Actor: 2, Channel: 10, Message: 1, Count: 2},
			{Kind: observe.Received, Actor: 5, Channel: 10, Message: 3, Count: 3},
		}, `
			participant a3 as goroutine 34
			participant c10 as channel orders
			participant a1 as main
			participant a2 as worker
			participant a5 as task 5
			a3-)c10: orders #35;6
			a1->>a2: orders #35;1-2#58; of the first
			a1->>a5: orders #35;3
			a3->>a5: orders #35;4-5`},
		{"messages without an end or a beginning", []observe.Event{
			{Kind: observe.Sent, Actor: 1, Channel: 11, Message: 5, Count: 1},
			{Kind: observe.Received, Actor: 1, Channel: 11, Message: 3, Count: 1},
			{Kind: observe.Evicted, Actor: 3, Channel: 11, Message: 4, Count: 1},
			{Kind: observe.Received, Channel: 11, Message: 6, Count: 1},
			{Kind: observe.Sent, Actor: 1, Channel: 11, Message: 7, Count: 2},
			{Kind: observe.Discarded, Actor: 3, Channel: 11, Message: 7, Count: 2},
		}, `
			participant a1 as main
			participant c11 as channel 11
			participant a0 as unknown
			a1-)c11: channel 11 #35;5
			c11->>a1: channel 11 #35;3
			c11-xc11: channel 11 #35;4 evicted
			c11->>a0: channel 11 #35;6
			a1-xc11: channel 11 #35;7-8 discarded`},
		{"the life of a channel", []observe.Event{
			{Kind: observe.Cloned, Actor: 1, Channel: 10, Side: "sender"},
			{Kind: observe.Collected, Channel: 10, Side: "receiver"},
			{Kind: observe.Closed, Actor: 2, Channel: 10, Text: "disk full"},
			{Kind: observe.Closed, Actor: 2, Channel: 11},
		}, `
			participant a1 as main
			participant c10 as channel orders
			participant a2 as worker
			Note over a1: clones a sender of orders
			Note over c10: a receiver of orders was collected, not dropped
			Note over a2: closes orders#58; disk full
			Note over a2: closes channel 11`},
		{"the life of a task", []observe.Event{
			{Kind: observe.Spawned, Actor: 1, Task: 2},
			{Kind: observe.Spawned, Task: 4},
			{Kind: observe.Started, Task: 2},
			{Kind: observe.Cancelled, Actor: 1, Task: 2},
			{Kind: observe.Cancelled, Task: 4},
			{Kind: observe.Finished, Task: 2},
			{Kind: observe.Finished, Task: 2, Text: "it did not work"},
			{Kind: observe.Panicked, Task: 4, Text: "nil"},
		}, `
			participant a1 as main
			participant a2 as worker (2)
			participant a4 as worker (4)
			a1-->>a2: spawns
			Note over a4: is spawned
			a1--xa2: cancels
			Note over a4: is cancelled
			Note over a2: returns
			Note over a2: returns#58; it did not work
			Note over a4: panics#58; nil`},
		{"waits", []observe.Event{
			{Kind: observe.Blocked, Actor: 1, Channel: 10, Op: "send"},
			{Kind: observe.Resumed, Actor: 1, Channel: 10, Op: "send", Text: "timeout"},
			{Kind: observe.Blocked, Actor: 1, Channel: 10, Op: "recv"},
			{Kind: observe.Blocked, Actor: 1, Channel: 10, Op: "reserve"},
			{Kind: observe.Blocked, Actor: 1, Channel: 10, Op: "close"},
			{Kind: observe.Blocked, Actor: 1, Task: 5, Op: "join"},
			{Kind: observe.Blocked, Actor: 1, Op: "sleep"},
			{Kind: observe.Blocked, Actor: 1, Op: "other", Text: "T[int]"},
			{Kind: observe.Resumed, Actor: 1, Channel: 10, Op: "recv", Time: start.Add(1234567 * time.Microsecond)},
			{Kind: observe.Resumed, Actor: 1, Channel: 11, Op: "recv"},
		}, `
			participant a1 as main
			Note over a1: waits to send to orders
			Note over a1: goes on after 1ms#58; timeout
			Note over a1: waits for orders
			Note over a1: waits for slots of orders
			Note over a1: waits for the end of orders
			Note over a1: waits for the end of task 5
			Note over a1: sleeps
			Note over a1: waits#58; T#91;int#93;
			Note over a1: goes on after 1.23s
			Note over a1: goes on`},
		{"what is missing", []observe.Event{
			{Seq: 5, Kind: observe.Dropped, Actor: 1, Channel: 10, Side: "receiver"},
			{Seq: 7, Kind: observe.Dropped, Actor: 2, Channel: 10, Side: "receiver"},
			{Seq: 8, Kind: observe.Started, Task: 5},
			{Seq: 10, Kind: observe.Started, Task: 5},
		}, `
			participant a1 as main
			participant a2 as worker
			Note over a1,a2: 3 events missing here
			Note over a1: drops a receiver of orders
			Note over a1,a2: 1 event missing here
			Note over a2: drops a receiver of orders`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := recording(c.events...)
			r.Lost = 3
			assert.Equal(t, diagram("sequenceDiagram", c.want), sequence(t, r, observe.Filter{}))
		})
	}
}

func TestSequenceDrawsWhatTheFilterSelects(t *testing.T) {
	r := recording(
		observe.Event{Kind: observe.Spawned, Actor: 1, Task: 2},
		observe.Event{Kind: observe.Sent, Actor: 1, Channel: 10, Message: 1, Count: 1},
		observe.Event{Kind: observe.Received, Actor: 2, Channel: 10, Message: 1, Count: 1},
		observe.Event{Kind: observe.Sent, Actor: 3, Channel: 11, Message: 1, Count: 1},
		observe.Event{Kind: observe.Received, Actor: 1, Channel: 11, Message: 1, Count: 1},
		observe.Event{Kind: observe.Sent, Actor: 5, Channel: 10, Message: 2, Count: 1},
		observe.Event{Kind: observe.Received, Actor: 3, Channel: 10, Message: 2, Count: 1},
	)
	for _, c := range []struct {
		name   string
		filter observe.Filter
		want   string
	}{
		{"the sender of a message is known from before", observe.Filter{Since: 2, Until: 4}, `
			participant a1 as main
			participant a2 as worker
			participant a3 as goroutine 34
			participant c11 as channel 11
			a1->>a2: orders #35;1
			a3-)c11: channel 11 #35;1`},
		{"one channel", observe.Filter{Channels: []string{"orders"}}, `
			participant a1 as main
			participant a2 as worker
			participant a5 as task 5
			participant a3 as goroutine 34
			a1->>a2: orders #35;1
			a5->>a3: orders #35;2`},
		{"what one sends and receives", observe.Filter{Actors: []string{"3"}}, `
			participant a3 as goroutine 34
			participant a1 as main
			participant a5 as task 5
			a3->>a1: channel 11 #35;1
			a5->>a3: orders #35;2`},
		{"kinds", observe.Filter{Kinds: []observe.Kind{observe.Spawned}}, `
			participant a1 as main
			participant a2 as worker
			a1-->>a2: spawns`},
		{"the last", observe.Filter{Last: 1}, `
			participant a5 as task 5
			participant a3 as goroutine 34
			a5->>a3: orders #35;2`},
		{"few participants", observe.Filter{Participants: 1}, `
			participant a1 as main
			participant o0 as 3 others
			a1-->>o0: spawns
			a1->>o0: orders #35;1
			o0->>a1: channel 11 #35;1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, diagram("sequenceDiagram", c.want), sequence(t, r, c.filter))
		})
	}
}

func TestADiagramReportsThatItCannotBeWritten(t *testing.T) {
	r := recording(observe.Event{Kind: observe.Made, Actor: 1, Channel: 10})
	require.ErrorIs(t, r.Sequence(brokenPipe{}, observe.Filter{}), errBroken)
}

var errBroken = errors.New("broken")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

// diagram is the text of a diagram from its lines, however these are indented in a test.
func diagram(kind, text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = "    " + strings.TrimSpace(lines[i])
	}
	return kind + "\n" + strings.Join(lines[1:], "\n") + "\n"
}

func sequence(t *testing.T, r observe.Recording, f observe.Filter) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, r.Sequence(&b, f))
	return b.String()
}
