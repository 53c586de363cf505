package main

import (
	"context"

	"github.com/handoff-go/handoff/async"
)

// quarrel starts two tasks that greet each other, and of which each then waits for the
// other to speak first.
func quarrel(ctx context.Context) {
	toAnna, anna := async.Bounded[string](1, async.Named("to Anna"))
	toBert, bert := async.Bounded[string](1, async.Named("to Bert"))
	start(ctx, "Anna", talk(toBert, anna))
	start(ctx, "Bert", talk(toAnna, bert))
}

func talk(tx *async.Sender[string], rx *async.Receiver[string]) func(context.Context) error {
	return func(ctx context.Context) error {
		defer tx.Drop()
		defer rx.Drop()
		if err := tx.Send("hello").Await(ctx); err != nil {
			return err
		}
		for range rx.All(ctx) { // the greeting, and then what the other has to say
		}
		return nil
	}
}

// idle makes channels that nothing happens on, to see what very many look like.
func idle(n int) (drop func()) {
	handles := make([]interface{ Drop() }, 0, 2*n)
	for range n {
		tx, rx := async.Bounded[int](8)
		handles = append(handles, tx, rx)
	}
	return func() {
		for _, h := range handles {
			h.Drop()
		}
	}
}
