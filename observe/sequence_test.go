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
			participant p1 as main
			participant p2 as worker
			Note over p1: creates channel orders
			Note over p1: drops a sender of orders
			p1->>p2: orders #35;1: hello`},
		{"a message whose receiver was faster to say so", []observe.Event{
			{Kind: observe.Received, Actor: 2, Channel: 10, Message: 1, Count: 1},
			{Kind: observe.Sent, Actor: 3, Channel: 10, Message: 1, Count: 1},
		}, `
			participant p1 as goroutine 34
			participant p2 as worker
			p1->>p2: orders #35;1`},
		{"batches by who received what", []observe.Event{
			{Kind: observe.Sent, Actor: 1, Channel: 10, Message: 1, Count: 3, Text: "of the first"},
			{Kind: observe.Sent, Actor: 3, Channel: 10, Message: 4, Count: 3},
			{Kind: observe.Received, Actor: 2, Channel: 10, Message: 1, Count: 2},
			{Kind: observe.Received, Actor: 5, Channel: 10, Message: 3, Count: 3},
		}, `
			participant p1 as goroutine 34
			participant p2 as channel orders
			participant p3 as main
			participant p4 as worker
			participant p5 as task 5
			p1-)p2: orders #35;6
			p3->>p4: orders #35;1-2: of the first
			p3->>p5: orders #35;3
			p1->>p5: orders #35;4-5`},
		{"messages without an end or a beginning", []observe.Event{
			{Kind: observe.Sent, Actor: 1, Channel: 11, Message: 5, Count: 1},
			{Kind: observe.Received, Actor: 1, Channel: 11, Message: 3, Count: 1},
			{Kind: observe.Evicted, Actor: 3, Channel: 11, Message: 4, Count: 1},
			{Kind: observe.Received, Channel: 11, Message: 6, Count: 1},
			{Kind: observe.Sent, Actor: 1, Channel: 11, Message: 7, Count: 2},
			{Kind: observe.Discarded, Actor: 3, Channel: 11, Message: 7, Count: 2},
		}, `
			participant p1 as main
			participant p2 as channel 11
			participant p3 as unknown
			p1-)p2: channel 11 #35;5
			p2->>p1: channel 11 #35;3
			p2-xp2: channel 11 #35;4 evicted
			p2->>p3: channel 11 #35;6
			p1-xp2: channel 11 #35;7-8 discarded`},
		{"the life of a channel", []observe.Event{
			{Kind: observe.Cloned, Actor: 1, Channel: 10, Side: "sender"},
			{Kind: observe.Collected, Channel: 10, Side: "receiver"},
			{Kind: observe.Closed, Actor: 2, Channel: 10, Text: "disk full"},
			{Kind: observe.Closed, Actor: 2, Channel: 11},
		}, `
			participant p1 as main
			participant p2 as channel orders
			participant p3 as worker
			Note over p1: clones a sender of orders
			Note over p2: a receiver of orders was collected, not dropped
			Note over p3: closes orders: disk full
			Note over p3: closes channel 11`},
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
			participant p1 as main
			participant p2 as worker (2)
			participant p3 as worker (4)
			p1-->>p2: spawns
			Note over p3: is spawned
			p1--xp2: cancels
			Note over p3: is cancelled
			Note over p2: returns
			Note over p2: returns: it did not work
			Note over p3: panics: nil`},
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
			participant p1 as main
			Note over p1: waits to send to orders
			Note over p1: goes on after 1ms: timeout
			Note over p1: waits for orders
			Note over p1: waits for slots of orders
			Note over p1: waits for the end of orders
			Note over p1: waits for the end of task 5
			Note over p1: sleeps
			Note over p1: waits: T#91;int#93;
			Note over p1: goes on after 1.23s
			Note over p1: goes on`},
		{"what is missing", []observe.Event{
			{Seq: 5, Kind: observe.Dropped, Actor: 1, Channel: 10, Side: "receiver"},
			{Seq: 7, Kind: observe.Dropped, Actor: 2, Channel: 10, Side: "receiver"},
			{Seq: 8, Kind: observe.Started, Task: 5},
			{Seq: 10, Kind: observe.Started, Task: 5},
		}, `
			participant p1 as main
			participant p2 as worker
			Note over p1,p2: 3 events missing here
			Note over p1: drops a receiver of orders
			Note over p1,p2: 1 event missing here
			Note over p2: drops a receiver of orders`},
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
			participant p1 as main
			participant p2 as worker
			participant p3 as goroutine 34
			participant p4 as channel 11
			p1->>p2: orders #35;1
			p3-)p4: channel 11 #35;1`},
		{"one channel", observe.Filter{Channels: []string{"orders"}}, `
			participant p1 as main
			participant p2 as worker
			participant p3 as task 5
			participant p4 as goroutine 34
			p1->>p2: orders #35;1
			p3->>p4: orders #35;2`},
		{"what one sends and receives", observe.Filter{Actors: []string{"3"}}, `
			participant p1 as goroutine 34
			participant p2 as main
			participant p3 as task 5
			p1->>p2: channel 11 #35;1
			p3->>p1: orders #35;2`},
		{"kinds", observe.Filter{Kinds: []observe.Kind{observe.Spawned}}, `
			participant p1 as main
			participant p2 as worker
			p1-->>p2: spawns`},
		{"the last", observe.Filter{Last: 1}, `
			participant p1 as task 5
			participant p2 as goroutine 34
			p1->>p2: orders #35;2`},
		{"few participants", observe.Filter{Participants: 1}, `
			participant p1 as main
			participant p2 as 3 others
			p1-->>p2: spawns
			p1->>p2: orders #35;1
			p2->>p1: channel 11 #35;1`},
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
