package observe_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/observe"
)

func TestAFilterSelectsEvents(t *testing.T) {
	r := observe.Recording{
		Events: []observe.Event{
			{Seq: 1, Kind: observe.Made, Channel: 10, Actor: 1, Text: "gone"},
			{Seq: 2, Kind: observe.Made, Channel: 11, Actor: 1, Text: "orders"},
			{Seq: 3, Kind: observe.Spawned, Task: 2, Actor: 1, Text: "worker"},
			{Seq: 4, Kind: observe.Sent, Channel: 11, Actor: 1, Message: 1, Count: 1},
			{Seq: 5, Kind: observe.Received, Channel: 11, Actor: 2, Message: 1, Count: 1},
			{Seq: 6, Kind: observe.Sent, Channel: 10, Message: 1, Count: 1},
			{Seq: 7, Kind: observe.Finished, Task: 2},
		},
		Actors:   []observe.Actor{{ID: 1, Name: "main", Goroutine: 1}, {ID: 3, Name: ""}},
		Channels: []observe.Channel{{ID: 11, Name: "orders"}},
	}
	for _, c := range []struct {
		name   string
		filter observe.Filter
		want   []uint64
	}{
		{"everything", observe.Filter{}, []uint64{1, 2, 3, 4, 5, 6, 7}},
		{"after one and up to another", observe.Filter{Since: 2, Until: 4}, []uint64{3, 4}},
		{"the last", observe.Filter{Last: 2}, []uint64{6, 7}},
		{"more than there are", observe.Filter{Last: 99}, []uint64{1, 2, 3, 4, 5, 6, 7}},
		{"a channel by name", observe.Filter{Channels: []string{"orders"}}, []uint64{2, 4, 5}},
		{"a channel by number", observe.Filter{Channels: []string{"11"}}, []uint64{2, 4, 5}},
		{"an ended channel by name", observe.Filter{Channels: []string{"gone"}}, []uint64{1, 6}},
		{"a channel that is not there", observe.Filter{Channels: []string{"none"}}, nil},
		{"no name is no name to look for", observe.Filter{Actors: []string{""}}, nil},
		{"a task, and what is done to it", observe.Filter{Actors: []string{"worker"}}, []uint64{3, 5, 7}},
		{"a goroutine", observe.Filter{Actors: []string{"main"}}, []uint64{1, 2, 3, 4}},
		{"kinds", observe.Filter{Kinds: []observe.Kind{observe.Sent, observe.Made}}, []uint64{1, 2, 4, 6}},
		{"the last of what fits all", observe.Filter{Channels: []string{"orders", "10"}, Kinds: []observe.Kind{observe.Sent}, Last: 1}, []uint64{6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []uint64
			for _, e := range r.Select(c.filter) {
				got = append(got, e.Seq)
			}
			assert.Equal(t, c.want, got)
		})
	}
}
