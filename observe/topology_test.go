package observe_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

func TestTopologyShowsWhoSendsToWhom(t *testing.T) {
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
			a1["main"]
			c10("channel orders")
			a3["goroutine 34"]
			a2["worker (2)"]
			a4["worker (4)"]
			c11("channel 11")
			a5["task 5"]
			a1 -->|"103, 10/s"| c10
			a3 -.-> c10
			c10 -->|"70, 7.0/s"| a2
			c10 -->|"7, 0.7/s"| a4
			a2 -->|"1, 0.1/s"| c11
			c11 -.-> a5`},
		{"some of them together", observe.Filter{Participants: 1, Channels: []string{"orders"}}, `
			a1["main"]
			c10("channel orders")
			o0["3 others"]
			a1 -->|"103, 10/s"| c10
			o0 -.-> c10
			c10 -->|"77, 7.7/s"| o0`},
		{"one event, which has no rate", observe.Filter{Last: 1, Actors: []string{"main"}}, `
			a1["main"]
			c10("channel orders")
			a1 -->|"3"| c10`},
		{"nothing", observe.Filter{Actors: []string{"nobody"}}, `
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
