package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// loop handles one event at a time, from sources of different types, in one place, so
// nothing it touches needs a lock.
type loop struct {
	sources []source
	drops   []func()
	running sync.WaitGroup // sources that end when the loop does
}

// source returns a future of its next event. It is nil once it has come to its end.
type source func() future.Future[event]

// listen adds a source to l and returns the sender for it.
func listen[E event](l *loop, capacity int) *async.Sender[E] {
	tx, rx := async.Bounded[E](capacity)
	id := len(l.sources)
	l.drops = append(l.drops, rx.Drop)
	l.sources = append(l.sources, func() future.Future[event] {
		// A race is between futures of one type, so each receive becomes one of an
		// event. The receives that lose are dropped, and lose nothing by it.
		next := future.Map(rx.Recv(), func(e E) event { return e })
		return &endAsEvent{next, rx.Cause, id}
	})
	return tx
}

// endAsEvent turns the end of a source into an event, so that it ends the source and not
// the race.
type endAsEvent struct {
	future.Future[event]
	cause func() error
	id    int
}

func (f *endAsEvent) Poll(cx *future.Context) (event, bool, error) {
	e, ready, err := f.Future.Poll(cx)
	if ready && errors.Is(err, async.ErrClosed) {
		if cause := f.cause(); !errors.Is(cause, async.ErrClosed) {
			return nil, true, cause // a source that failed
		}
		return closed{f.id}, true, nil
	}
	return e, ready, err
}

// run hands events to handle until it says stop, a source fails, every source has come
// to its end, or ctx ends. Then the receivers are dropped, which ends the sources.
func (l *loop) run(ctx context.Context, handle func(event) (goOn bool, err error)) error {
	defer func() {
		for _, drop := range l.drops {
			drop()
		}
		l.running.Wait()
	}()
	for open := len(l.sources); open > 0; {
		var nexts []future.Future[event]
		for _, next := range l.sources {
			if next != nil {
				nexts = append(nexts, next())
			}
		}
		// Fair: of several events that are there chance takes one, so a busy source does
		// not keep the others from being heard.
		won, err := future.Await(ctx, future.Race(nexts...))
		if err != nil {
			return err
		}
		if end, ok := won.Value.(closed); ok {
			l.sources[end.source] = nil
			open--
			continue
		}
		if goOn, err := handle(won.Value); !goOn || err != nil {
			return err
		}
	}
	return nil
}

// options of a run.
type options struct {
	dir   string
	every time.Duration // between two looks at the directory
	tick  time.Duration
}

// serve is the whole program: it prints each event, and ends with the line "quit", with
// an interrupt, or with ctx.
func serve(ctx context.Context, o options, stdin io.Reader, sigs <-chan os.Signal, w io.Writer) error {
	if _, err := os.Stat(o.dir); err != nil {
		return err
	}
	var l loop
	lines, signals := listen[line](&l, 16), listen[sig](&l, 1)
	ticks, changes := listen[tick](&l, 1), listen[change](&l, 16)
	go readLines(stdin, lines)
	l.running.Go(func() { sendSignals(sigs, signals) })
	l.running.Go(func() { sendTicks(o.tick, ticks) })
	l.running.Go(func() { watch(o.dir, o.every, changes) })

	n := 0
	err := l.run(ctx, func(e event) (goOn bool, err error) {
		n++
		if _, err := fmt.Fprintln(w, e); err != nil {
			return false, err
		}
		return e != line("quit") && e != event(sig{os.Interrupt}), nil
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	_, err = fmt.Fprintf(w, "%d events\n", n)
	return err
}
