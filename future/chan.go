package future

import (
	"context"
	"sync"
)

// Chan returns a channel that receives f's result, once, for use in a native select; it
// is never closed. It owns f. It polls f at once, and later each time f wakes it, on a
// goroutine that lives for that poll only: while f is pending there is none. The result
// waits in the channel, so nobody has to receive it.
//
// The polls happen under [context.Background]; nothing but f itself ends the wait, so
// race f or give it a [Timeout] where it may be pending for ever.
func Chan[T any](f Future[T]) <-chan Result[T] {
	need(f != nil, "Chan of no future")
	p := &pump[T]{f: f, ch: make(chan Result[T], 1), state: pumpBusy}
	p.cx.init(context.Background(), p)
	p.run()
	return p.ch
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
	for again := true; again; {
		v, ready, err := p.f.Poll(&p.cx.Context)
		if ready {
			p.ch <- Result[T]{v, err}
		}
		p.mu.Lock()
		again = !ready && p.state == pumpAgain
		switch {
		case ready:
			p.state = pumpOver
		case again:
			p.state = pumpBusy
		default:
			p.state = pumpIdle
		}
		p.mu.Unlock()
	}
}
