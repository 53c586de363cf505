package main

import (
	"context"
	"fmt"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/task"
)

// server answers requests. The index belongs to all servers and is never written; what
// changes belongs to one server alone, so nothing here is locked.
type server struct {
	index *index
	open  opener
	texts map[int32][]string // the lines of files that were asked for before
}

// startServers starts n servers on one receiver: each request goes to a free server.
// The handle is that of a task that ends when all of them have, with the first error.
func startServers(ctx context.Context, n int, ix *index, open opener) (*async.Sender[request], *task.JoinHandle[struct{}]) {
	tx, rx := async.Bounded[request](n)
	var servers task.JoinSet[struct{}]
	for range n {
		rx := rx.Clone()
		s := &server{index: ix, open: open, texts: make(map[int32][]string)}
		servers.Spawn(ctx, func(ctx context.Context) (struct{}, error) {
			defer rx.Drop()
			for r := range rx.All(ctx) {
				s.handle(r)
			}
			return struct{}{}, ctx.Err()
		}, task.Named("server"))
	}
	return tx, task.Go(ctx, func(ctx context.Context) error { return closeAfter(ctx, &servers, rx) }, task.Named("last out"))
}

// closeAfter waits for the servers and then says why they ended. It has one more
// receiver for that, the last one, so that its Drop discards the requests that no server
// received, and each Discarded wakes its client.
func closeAfter(ctx context.Context, servers *task.JoinSet[struct{}], rx *async.Receiver[request]) error {
	defer rx.Drop()
	var first error
	for {
		// Under a context that does not end: the servers end with ctx by themselves.
		_, ok, err := servers.Next(context.WithoutCancel(ctx))
		if !ok {
			break
		}
		if first == nil {
			first = err
		}
	}
	rx.CloseCause(first)
	return first
}

// handle answers one request. After a panic too, the client gets a result or an error.
func (s *server) handle(r request) {
	defer r.reply.Drop() // after a Resolve or Reject it does nothing
	var lines []string
	for _, at := range s.index.places[r.word] {
		select {
		case <-r.reply.Done():
			return // the client does not wait any more
		default:
		}
		line, err := s.line(at)
		if err != nil {
			r.reply.Reject(err)
			return
		}
		lines = append(lines, line)
	}
	r.reply.Resolve(lines)
}

// line returns a line as grep -n prints it.
func (s *server) line(at place) (string, error) {
	path := s.index.files[at.file]
	text, ok := s.texts[at.file]
	if !ok {
		var err error
		if text, err = readLines(path, s.open); err != nil {
			return "", err
		}
		s.texts[at.file] = text
	}
	if int(at.line) > len(text) {
		return "", fmt.Errorf("%s has become shorter since it was read", path)
	}
	return fmt.Sprintf("%s:%d:%s\n", path, at.line, text[at.line-1]), nil
}
