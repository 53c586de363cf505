package main

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// collect reads the files on opt.readers goroutines and calls each with the
// result of every file, from the calling goroutine and in no particular order.
// It returns when all its goroutines have ended, and reports whether everything
// was read: false means that ctx ended first.
func collect(ctx context.Context, opt options, open opener, each func(fileStats)) (complete bool) {
	// Both kinds of channel end in the same receiver. The senders have different
	// types, because only one of them can wait for a free slot.
	if opt.bound < 0 {
		tx, rx := mpsc.Channel[fileStats]()
		return pipeline(ctx, opt, open, tx, rx, each)
	}
	tx, rx := mpsc.SyncChannel[fileStats](opt.bound)
	return pipeline(ctx, opt, open, tx, rx, each)
}

// sender is what a producer needs of *mpsc.Sender and *mpsc.SyncSender. S is
// the sender's own type, which Clone returns.
type sender[S any] interface {
	Send(fileStats) error
	Clone() S
	Drop()
}

// pipeline is collect for one kind of channel:
//
//	walker --paths--> reader 1..N --results--> the calling goroutine
//
// Results go through an mpsc channel: many producers, one consumer. Paths go
// the other way round, from one walker to many readers. An mpsc channel has a
// single consumer, so a native channel carries the paths.
//
// ctx stops the producers. The consumer needs no ctx: it goes on until the last
// producer has dropped its handle, so every result that was sent is counted,
// and a bounded channel cannot leave a producer stuck on a full buffer.
func pipeline[S sender[S]](
	ctx context.Context, opt options, open opener,
	tx S, rx *mpsc.Receiver[fileStats], each func(fileStats),
) (complete bool) {
	var gaveUp atomic.Bool // a producer left work undone
	var producers sync.WaitGroup
	// Deferred calls run in reverse order. If each panics, ctx stops the walker,
	// dropping rx fails every Send, and only then is it safe to wait.
	defer producers.Wait()
	defer rx.Drop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	paths := make(chan string)
	// The walker is a producer too: it sends what it could not read.
	walker := tx.Clone()
	producers.Go(func() {
		defer walker.Drop()
		defer close(paths)
		if !feed(ctx, opt, paths, walker) {
			gaveUp.Store(true)
		}
	})
	for range opt.readers {
		reader := tx.Clone()
		producers.Go(func() {
			// Each reader has a handle of its own and drops it when it is done. None
			// has to know which is last: the last Drop ends the channel.
			defer reader.Drop()
			if !read(ctx, open, paths, reader) {
				gaveUp.Store(true)
			}
		})
	}
	// The first handle was only there to be cloned. As long as it lives, the
	// loop below does not end.
	tx.Drop()

	for s := range rx.All() {
		each(s)
	}
	// Every producer stores gaveUp before it drops its handle, and the loop ends
	// after the last Drop, so this sees all of them.
	return !gaveUp.Load()
}

// feed hands every file of the command line to the readers. It returns false if
// it had to stop before the end.
func feed[S sender[S]](ctx context.Context, opt options, paths chan<- string, tx S) bool {
	return walk(opt, func(path string, err error) bool {
		if err != nil {
			return ctx.Err() == nil && tx.Send(fileStats{err: err}) == nil
		}
		select {
		case paths <- path:
			return true
		case <-ctx.Done():
			return false
		}
	})
}

// read scans files until there are no more. It returns false if it had to stop
// before the end.
func read[S sender[S]](ctx context.Context, open opener, paths <-chan string, tx S) bool {
	var s scanner
	for path := range paths {
		stats, ok := s.scanFile(ctx, open, path)
		// A failed Send means that the receiver was dropped: nothing needs the rest.
		if !ok || tx.Send(stats) != nil {
			return false
		}
	}
	return true
}
