package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// question is a word for some client to ask about. The result goes back by a promise as
// well, so that the clients may finish in any order and the results are printed in that
// of the questions.
type question struct {
	word   string
	result *future.Promise[result]
}

// result is what a client learnt.
type result struct {
	word  string
	lines []string
	err   error
}

// answerAll asks about every line of in and calls each with the results, in that order.
// It returns when everything has stopped, with the first error that is not about one
// word.
func answerAll(ctx context.Context, opt options, ix *index, open opener, in io.Reader, each func(result) error) (err error) {
	rt, err := task.New(task.WithName("request_reply"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(rt.Context(ctx))
	// With a context of its own: the runtime has to stop after Ctrl-C too.
	defer func() { err = errors.Join(err, rt.Shutdown(context.Background())) }()
	defer cancel()

	tx, servers := startServers(ctx, opt.servers, ix, open)
	questions, asked := async.Bounded[question](opt.clients)
	results, inOrder := async.Bounded[future.Future[result]](opt.clients)
	defer inOrder.Drop()
	for range opt.clients {
		startClient(ctx, opt, tx.Clone(), asked.Clone())
	}
	tx.Drop() // the clients have handles of their own: when all of them leave, the servers do
	asked.Drop()
	go readWords(ctx, in, questions, results)

	for f := range inOrder.All(ctx) {
		r, err := future.Await(ctx, f)
		if err != nil {
			return err
		}
		if err := each(r); err != nil {
			return err
		}
	}
	if err := inOrder.Cause(); !errors.Is(err, async.ErrClosed) {
		return err // standard input could not be read
	}
	_, err = servers.Await(ctx)
	return err
}

// startClient starts a client, which asks about one word at a time.
func startClient(ctx context.Context, opt options, tx *async.Sender[request], asked *async.Receiver[question]) {
	task.Go(ctx, func(ctx context.Context) error {
		defer tx.Drop()
		defer asked.Drop()
		for q := range asked.All(ctx) {
			lines, err := ask(ctx, tx, q.word, opt.timeout)
			q.result.Resolve(result{q.word, lines, err})
		}
		return ctx.Err()
	}, task.Named("client")).Drop()
}

// readWords sends a question for each line, and the future of its result. Nothing can end
// a Read that blocks, so this goroutine may stay in one until the program ends.
//
// The sends end with ctx. That the clients drop their receivers would not do: a client
// that is cancelled before it has started does not run, and so drops nothing.
func readWords(ctx context.Context, in io.Reader, questions *async.Sender[question], results *async.Sender[future.Future[result]]) {
	defer questions.Drop()
	defer results.Drop()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		word := strings.TrimSpace(lines.Text())
		if word == "" {
			continue
		}
		promise, f := future.NewPromise[result]()
		if results.Send(f).Await(ctx) != nil || questions.Send(question{word, promise}).Await(ctx) != nil {
			return // the program is over
		}
	}
	if err := lines.Err(); err != nil {
		results.CloseCause(err)
	}
}
