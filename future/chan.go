package future

import (
	"context"
	"sync"
)

// Chan returns a channel on which f's result is sent, once, for use in a native select; it
// is never closed. It owns f. It polls f at once, and later each time f wakes it, on a
// goroutine that lives for that poll only: while f is pending there is none. The channel
// buffers the result, so no goroutine has to receive it. A value that is never received is
// garbage-collected with the channel, and its Discarded is not called: if that matters,
// receive the value and call its Discarded.
//
// The polls happen under [context.Background], and only f itself ends the wait: race f, or
// give it a [Timeout], if it may stay pending forever.
//
// A panic or runtime.Goexit in the first poll reaches the caller; f is dropped then. Later
// polls have a goroutine of their own. A Goexit there, as of t.FailNow, drops f, and the
// result is [ErrGoexit]. A panic there drops f and then ends the process, as in any
// goroutine that does not recover; package task is where a panic becomes an error.
func Chan[T any](f Future[T]) <-chan Result[T] {
	need(f != nil, "Chan of no future")
	ch := make(chan Result[T], 1)
	p := &pump[T]{f: f, ch: ch, state: pumpBusy}
	p.cx.init(context.Background(), p)
	p.run()
	return ch
}

// pump polls a future whenever it is woken, one poll at a time.
type pump[T any] struct {
	f  Future[T]
	ch chan Result[T]
	cx ownContext

	mu    sync.Mutex
	state pumpState
}

type pumpState uint8

const (
	pumpIdle  pumpState = iota
	pumpBusy            // in a poll
	pumpAgain           // in a poll, and woken since it began
	pumpOver
)

// Wake implements [Waker].
func (p *pump[T]) Wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.state {
	case pumpIdle:
		p.state = pumpBusy
		go p.run() // not here: a Wake must not poll
	case pumpBusy:
		p.state = pumpAgain
	}
}

func (p *pump[T]) run() {
	returned := false
	defer func() {
		if !returned {
			f := p.f
			p.end(Result[T]{Err: ErrGoexit}) // a panic ends the process before it is received
			dropQuietly(f)
		}
	}()
	for again := true; again; {
		v, ready, err := p.f.Poll(&p.cx.Context)
		if ready {
			p.end(Result[T]{v, err})
			break
		}
		p.mu.Lock()
		again = p.state == pumpAgain
		if again {
			p.state = pumpBusy
		} else {
			p.state = pumpIdle
		}
		p.mu.Unlock()
	}
	returned = true
}

// end sends the result. It clears f and ch, because f may have kept the pump as its waker and
// would keep them reachable.
func (p *pump[T]) end(r Result[T]) {
	p.mu.Lock()
	p.state = pumpOver
	p.mu.Unlock()
	ch := p.ch
	p.f, p.ch = nil, nil
	ch <- r // has room
}
