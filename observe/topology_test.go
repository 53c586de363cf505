package observe_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

func TestTopologyShowsSendersAndReceivers(t *testing.T) {
	r := recording(
		observe.Event{Kind: observe.Sent, Actor: 1, Channel: 10, Message: 1, Count: 100},
		observe.Event{Kind: observe.Received, Actor: 2, Channel: 10, Message: 1, Count: 70},
		observe.Event{Kind: observe.Sent, Actor: 2, Channel: 11, Message: 1, Count: 1},
		observe.Event{Kind: observe.Received, Actor: 4, Channel: 10, Message: 71, Count: 7},
		observe.Event{Kind: observe.Sent, Actor: 1, Channel: 10, Message: 101, Count: 3, Time: start.Add(10*time.Second + time.Millisecond)},
	)
	r.Channels[0].Handles = []observe.Handle{{Side: "sender", User: 1}, {Side: "sender", User: 3}, {Side: "receiver", User: 2}, {Side: "receiver", User: 0}}
	r.Channels[1].Handles = []observe.Handle{{Side: "receiver", User: 5}}
	for _, c := range []struct {
		name   string
		filter observe.Filter
		want   string
	}{
		{"everybody", observe.Filter{}, `
			p1["main"]
			p2("channel orders")
			p3["goroutine 34"]
			p4["worker (2)"]
			p5["worker (4)"]
			p6("channel 11")
			p7["task 5"]
			p1 -->|"103, 10/s"| p2
			p3 -.-> p2
			p2 -->|"70, 7.0/s"| p4
			p2 -->|"7, 0.7/s"| p5
			p4 -->|"1, 0.1/s"| p6
			p6 -.-> p7`},
		{"some of them together", observe.Filter{Participants: 1, Channels: []string{"orders"}}, `
			p1["main"]
			p2("channel orders")
			p3["3 others"]
			p1 -->|"103, 10/s"| p2
			p3 -.-> p2
			p2 -->|"77, 7.7/s"| p3`},
		{"one event, which has no rate", observe.Filter{Last: 1, Actors: []string{"main"}}, `
			p1["main"]
			p2("channel orders")
			p1 -->|"3"| p2`},
		{"nothing", observe.Filter{Actors: []string{"none"}}, `
			none["nothing was recorded"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			require.NoError(t, r.Topology(&b, c.filter))
			assert.Equal(t, diagram("flowchart LR", c.want), b.String())
		})
	}
	require.ErrorIs(t, r.Topology(brokenPipe{}, observe.Filter{}), errBroken)
}
