package main

import (
	"io"

	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// step is a message of the program below, which says what the other side does now.
type step string

// The steps of the diagram in the chapter after which its listings are ported. There the
// channel is created by an arrow, too; here it is a note, because a creation has no receiver.
const (
	send    step = "Send Message"
	receive step = "Receive Message"
	process step = "Process Message"
)

// diagram draws the chapter's diagram, but from a run: two goroutines do what its arrows
// say, and what was seen of them is drawn.
func diagram(w io.Writer) error {
	stop := observe.Enable(observe.Options{
		Events: 100,
		// Contents of messages are shown only if the program says how.
		Label: func(message any) string {
			s, _ := message.(step)
			return string(s)
		},
	})
	defer stop()
	converse()
	return observe.Sequence(w, observe.Filter{
		Channels: []string{"messages", "replies"},
		// The order of waits and drops differs from run to run.
		Kinds: []observe.Kind{observe.Made, observe.Sent, observe.Received},
	})
}

// converse is the program. Errors are left to the receivers, which end with the senders.
func converse() {
	observe.Name("Main Thread")
	messages, work := mpsc.Channel[step](mpsc.Named("messages"))
	replies, answers := mpsc.Channel[step](mpsc.Named("replies"))
	defer messages.Drop()
	defer answers.Drop()

	done := make(chan struct{})
	go func() {
		defer close(done)
		defer work.Drop()
		defer replies.Drop()
		observe.Name("Worker Thread")
		for s := range work.All() {
			if s == process {
				return // that is all there is to do here
			}
			_ = replies.Send(receive)
		}
	}()
	_ = messages.Send(send)
	for range answers.All() {
		_ = messages.Send(process)
	}
	<-done
}
