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
)

// loop handles one event at a time, from sources of different types, in one place, so
// nothing it touches needs a lock.
type loop struct {
	cases   []async.Case[event]
	drops   []func()
	running sync.WaitGroup // sources that end when the loop does
}

// listen adds a source to l and returns the sender for it.
func listen[E event](l *loop, capacity int) *async.Sender[E] {
	tx, rx := async.Bounded[E](capacity)
	l.drops = append(l.drops, rx.Drop)
	l.cases = append(l.cases, async.On(rx, func(e E, err error) event {
		if err != nil {
			return ended{rx.Cause()} // which ends the source and not the loop
		}
		return e
	}))
	return tx
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
	// Fair: of several events that are there chance takes one, so a busy source does not
	// keep the others from being heard.
	events := async.Select(l.cases...)
	for {
		e, err := events.Next().Await(ctx)
		if errors.Is(err, async.ErrClosed) {
			return nil // every source has ended
		}
		if err != nil {
			return err
		}
		if end, ok := e.(ended); ok {
			if end.failed() {
				return end.cause
			}
			continue
		}
		if goOn, err := handle(e); !goOn || err != nil {
			return err
		}
	}
}

// options of a run.
type options struct {
	dirs  []string
	every time.Duration // between two looks at the directory
	tick  time.Duration
}

func (o *options) addDir(dir string) error {
	if dir == "" {
		return errors.New("empty name")
	}
	o.dirs = append(o.dirs, dir)
	return nil
}

// serve is the whole program: it prints each event, and ends with the line "quit", with
// an interrupt, or with ctx.
func serve(ctx context.Context, o options, stdin io.Reader, sigs <-chan os.Signal, w io.Writer) error {
	for _, dir := range o.dirs {
		if _, err := os.Stat(dir); err != nil {
			return err
		}
	}
	var l loop
	lines, signals := listen[line](&l, 16), listen[sig](&l, 1)
	ticks, changes := listen[tick](&l, 1), listen[change](&l, 16)
	go readLines(stdin, lines)
	l.running.Go(func() { sendSignals(sigs, signals) })
	l.running.Go(func() { sendTicks(o.tick, ticks) })
	for _, dir := range o.dirs {
		tx := changes.Clone() // several sources may share a channel
		l.running.Go(func() { watch(dir, o.every, tx) })
	}
	changes.Drop()

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
