package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// request asks for the lines in which a word occurs. It carries its reply promise: the
// holder of the request must resolve it, or drop it.
type request struct {
	word  string
	reply *future.Promise[[]string]
}

// Discarded implements async.Discarder: the channel calls it when the last server was dropped
// before the request was received.
func (r request) Discarded() { r.reply.Drop() }

// What a client can meet instead of an answer.
var (
	errGivenUp  = errors.New("the server gave the request up")
	errNoServer = errors.New("no server is left, the request came back")
	errNoAnswer = errors.New("no answer in time")
	errNotTaken = errors.New("no server took it in time")
)

// ask sends a request and waits for its reply, for the time d in all: to be taken and to
// be answered is one future, so one Timeout holds for both.
func ask(ctx context.Context, tx *async.Sender[request], word string, d time.Duration) ([]string, error) {
	promise, answer := future.NewPromise[[]string]()
	send := tx.Send(request{word, promise})
	lines, err := future.Await(ctx, future.Timeout(d, future.Then(send,
		func(context.Context, struct{}) future.Future[[]string] { return answer })))
	if failed, ok := errors.AsType[*async.SendError[request]](err); ok {
		// The request came back, so it could be sent elsewhere as it is. Here there is
		// no other server.
		failed.Value.reply.Drop()
		return nil, fmt.Errorf("%w: %w", errNoServer, failed.Err)
	}
	switch {
	case errors.Is(err, future.ErrDropped):
		return nil, errGivenUp // reported when it happened, and not when the time was up
	case errors.Is(err, future.ErrTimeout):
		// The client stops waiting: the server sees it by the promise's Done.
		if _, back := send.Unsent(); back {
			return nil, errNotTaken
		}
		return nil, errNoAnswer
	}
	return lines, err
}
