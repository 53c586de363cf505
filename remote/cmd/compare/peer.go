package main

import "context"

// Event is the message of all scenarios.
type Event struct {
	Number int
	Name   string
	Body   string
}

const (
	// capacity is how many messages either stream takes before it refuses more. No scenario
	// comes near it: what a full channel does is no matter of speed.
	capacity = 10_000_000
	// window is how many published messages may wait for their answer, for both sides.
	window = 4096
)

// peer does the work of the scenarios, on a stream of its own.
type peer interface {
	// publish returns when the stream has stored the message.
	publish(ctx context.Context, v Event) error
	// publishMany does when it has stored all of them.
	publishMany(ctx context.Context, vs []Event) error
	// consume receives n messages and acknowledges each after each has returned.
	consume(ctx context.Context, n int, each func(Event)) error
	// left is how many messages are stored.
	left(ctx context.Context) (int, error)
	// close removes the stream.
	close(ctx context.Context) error
}

// opener makes a peer with a stream of that name.
type opener func(ctx context.Context, url, name string, replicas int) (peer, error)

// sides are what is compared: the first is the measure for the second.
var sides = []struct {
	name string
	open opener
}{{"nats.go", openPlain}, {"handoff", openHandoff}}
