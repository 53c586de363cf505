package remote

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/handoff-go/handoff/future"
)

// outbox sends what the senders of a link have to send, in the order of their calls, and
// keeps it until the stream has stored it. One goroutine runs while there is something
// to send. All jobs queued when the goroutine looks go out together.
//
// One message on its way at a time would be simpler, and a round trip for each;
// independent publishes in flight would be fast, but one that is lost while the next
// arrives turns their order around. So several go out as one batch, of which the server
// stores nothing behind a gap.
type outbox struct {
	l      *link
	ctx    context.Context // ends with shut
	cancel context.CancelFunc
	wake   chan struct{} // something has changed for a pause

	mu      sync.Mutex
	queue   []*job
	running bool
	full    bool  // the first in the queue waits for room
	over    error // shut
	last    error // why the last attempt failed

	batches batches
	room    room
	limit   int  // the goroutine's: how many may find room
	sure    bool // the goroutine's: what the last attempt did not store is not stored
}

// job is one call: a message, or many.
type job struct {
	msgs   []message
	stored int // of them, from the front
	try    bool
	flying bool // some are on their way now
	unsure bool // some may have arrived that are not known to have

	done      bool
	err       error
	withdrawn bool
	waker     future.Waker
}

type message struct {
	id   string
	data []byte
}

// item is one message of a job.
type item struct {
	j *job
	n int
}

func (i item) message() *message { return &i.j.msgs[i.n] }

// What goes out together at most.
const (
	maxItems     = 1 << 14
	maxItemBytes = 16 << 20
)

func newOutbox(l *link) *outbox {
	o := &outbox{l: l, wake: make(chan struct{}, 1)}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	o.limit = o.most()
	o.batches.o = o
	o.room.l = l
	return o
}

// most is how many messages may go out together.
func (o *outbox) most() int {
	if c := o.l.set.capacity; c > 0 {
		return min(c, maxItems)
	}
	return maxItems
}

// add queues a job.
func (o *outbox) add(j *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.over != nil:
		j.done, j.err = true, o.over
		return
	case len(j.msgs) == 0:
		j.done = true
		return
	case j.try && o.full:
		j.done, j.err = true, ErrFull // queued jobs come first
		return
	}
	if gone := o.l.goneErr(); gone != nil {
		j.done, j.err = true, gone
		return
	}
	o.queue = append(o.queue, j)
	if !o.running {
		o.running = true
		o.l.conn.work.Go(o.run)
	}
}

// poll returns the outcome of a job, or has w woken when there is one.
func (o *outbox) poll(j *job, w future.Waker) (done bool, stored int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !j.done {
		j.waker = w
		return false, 0, nil
	}
	return true, j.stored, j.err
}

// outcome is what became of a job that was withdrawn for a reason.
func (o *outbox) outcome(j *job, reason error) (stored int, done bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if j.done {
		return j.stored, true, j.err
	}
	err = reason
	if o.last != nil && !errors.Is(err, o.last) {
		err = fmt.Errorf("%w: %w", err, o.last)
	}
	if j.flying || j.unsure {
		err = fmt.Errorf("%w: %w", err, ErrUncertain)
	}
	return j.stored, false, err
}

// withdraw takes a job back. What it has stored by then counts.
func (o *outbox) withdraw(j *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	j.waker = nil
	if !j.done {
		j.withdrawn = true
		o.kick()
	}
}

// kick ends a pause.
func (o *outbox) kick() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// shut fails everything that is not stored yet, and what comes later.
func (o *outbox) shut(err error) {
	o.mu.Lock()
	if o.over == nil {
		o.over = err
	}
	running := o.running
	o.mu.Unlock()
	o.cancel()
	if !running {
		o.batches.close()
		o.room.close()
	}
}

func (o *outbox) run() {
	var items []item
	var wait backoff
	for {
		items = o.next(items[:0])
		if len(items) == 0 {
			return
		}
		n, err := o.publish(items)
		if n > 0 {
			wait.reset()
		}
		// What finds no room was sent in vain: as many as did, or twice as many when all
		// of them did.
		if errors.Is(err, ErrFull) {
			o.limit = max(1, n)
		} else if n == len(items) {
			o.limit = min(2*o.limit, o.most())
		}
		switch o.settle(items, n, err) {
		case pauseRoom:
			o.room.ask()
			o.pause(wait.next(time.Millisecond, 50*time.Millisecond))
		case pauseRetry:
			o.pause(wait.next(5*time.Millisecond, 500*time.Millisecond))
		}
		clear(items)
	}
}

// next returns what is to go out now; nothing when the line is empty, and then the
// goroutine has to end.
func (o *outbox) next(items []item) []item {
	end := o.l.goneErr()
	var wake []future.Waker
	defer func() { wakeAll(wake) }()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over != nil {
		end = o.over
	}
	keep := o.queue[:0]
	bytes := 0
	for _, j := range o.queue {
		if j.done || j.withdrawn {
			continue
		}
		if end != nil {
			wake = append(wake, j.finish(end))
			continue
		}
		keep = append(keep, j)
		for n := j.stored; n < len(j.msgs) && len(items) < o.limit && bytes < maxItemBytes; n++ {
			if len(items) > 0 && !o.l.fast {
				break
			}
			bytes += len(j.msgs[n].data)
			items = append(items, item{j, n})
			j.flying = true
		}
	}
	clear(o.queue[len(keep):])
	o.queue = keep
	if len(items) == 0 {
		o.running = false
		if o.over != nil {
			o.batches.close()
			o.room.close()
		}
	}
	return items
}

type pausing int

const (
	pauseNone pausing = iota
	pauseRoom
	pauseRetry
)

// settle applies the result of an attempt, and returns what to wait for.
func (o *outbox) settle(items []item, n int, err error) (p pausing) {
	var wake []future.Waker
	defer func() { wakeAll(wake) }()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.l.sent.Add(uint64(n))
	for _, it := range items[:n] {
		if it.j.stored++; it.j.stored == len(it.j.msgs) {
			wake = append(wake, it.j.finish(nil))
		}
	}
	o.full, o.last = false, err
	for _, it := range items {
		it.j.flying = false
	}
	if n == len(items) {
		return pauseNone
	}
	for _, it := range items[n:] {
		it.j.unsure = it.j.unsure || !o.sure
	}
	first := items[n].j
	switch {
	case errors.Is(err, ErrFull):
		if first.try {
			wake = append(wake, first.finish(ErrFull))
			return pauseNone
		}
		o.full = true
		// A queued try fails: it may not wait.
		for _, j := range o.queue {
			if j.try && !j.done {
				wake = append(wake, j.finish(ErrFull))
			}
		}
		return pauseRoom
	case o.l.goneErr() != nil, o.over != nil:
		return pauseNone // next ends them all
	case retryable(err):
		return pauseRetry
	}
	wake = append(wake, first.finish(err))
	return pauseNone
}

// finish ends a job and returns the waker to call. The caller holds the lock.
func (j *job) finish(err error) future.Waker {
	if j.done {
		return nil
	}
	if err != nil && j.unsure {
		err = fmt.Errorf("%w: %w", err, ErrUncertain)
	}
	j.done, j.err = true, err
	w := j.waker
	j.waker = nil
	return w
}

func wakeAll(ws []future.Waker) {
	for _, w := range ws {
		if w != nil {
			w.Wake()
		}
	}
}

// pause waits for a time, or a kick.
func (o *outbox) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-o.ctx.Done():
	case <-o.wake:
	case <-t.C:
	}
}

// backoff doubles.
type backoff struct{ d time.Duration }

func (b *backoff) next(first, most time.Duration) time.Duration {
	b.d = min(max(2*b.d, first), most)
	return b.d
}

func (b *backoff) reset() { b.d = 0 }
