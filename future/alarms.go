package future

import (
	"slices"
	"sync"
	"time"
)

// All alarms outside of synctest bubbles are in one heap with one timer: a million alarms
// that expire together start one goroutine, not a million.
//
// The invariants, under the lock:
//
//   - While the heap is not empty, the timer is armed, for next, or a goroutine is about
//     to call [alarms.take], which arms it. It is never armed for later than the first
//     alarm or, while wakers are being called, for later than grace after it was armed.
//   - While the heap is empty the timer is stopped. Otherwise it may expire early, for
//     an alarm that was removed, and then finds nothing to do.
//   - No waker is called with the lock held, nor before its alarm was removed from the heap;
//     so it is called at most once for each poll.
//   - An alarm is due when the monotonic clock has reached its time; that the timer has
//     expired is not enough.
type alarms struct {
	mu     sync.Mutex
	heap   alarmHeap
	timer  *time.Timer // made by the first add, which is not in a bubble
	next   int64       // what the timer is armed for, or never
	firing int         // how many goroutines call wakers
}

var shared = alarms{next: never}

const (
	// batch is how many wakers are called before the lock is taken again.
	batch = 64
	// grace is how long a batch may take before another goroutine handles the alarms that
	// became due since. Wakers must not block; if one does, it delays its batch and not
	// every timer of the process.
	grace = int64(10 * time.Millisecond)
)

// add sets a, or if it is set, gives it another waker.
func (s *alarms) add(a *alarm, now int64, w Waker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.waker = w
	if a.place != 0 {
		return
	}
	s.heap.push(a)
	if a.at < s.next {
		s.arm(now)
	}
}

func (s *alarms) remove(a *alarm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.place == 0 {
		return
	}
	s.heap.remove(int(a.place) - 1)
	a.waker = nil
	// If others are left the timer stays as it is. Most alarms are removed before they are
	// due, and one early expiry for many removals is cheaper than a Reset for each.
	if len(s.heap) == 0 {
		s.disarm()
	}
}

// arm sets the timer for the first alarm.
func (s *alarms) arm(now int64) {
	at := s.heap[0].at
	if s.firing > 0 {
		at = max(at, now+grace)
	}
	switch {
	case at == s.next:
		return
	case s.timer == nil:
		s.timer = time.AfterFunc(time.Duration(at-now), s.ring)
	default:
		s.timer.Reset(time.Duration(at - now))
	}
	s.next = at
}

func (s *alarms) disarm() {
	if s.next != never {
		s.timer.Stop()
		s.next = never
	}
}

// ring is called by the timer.
func (s *alarms) ring() {
	s.mu.Lock()
	s.firing++
	s.next = never
	s.mu.Unlock()
	s.wake(nil)
}

// wake calls the wakers in first and then those of all alarms that are due.
//
// A waker that panics ends the process, as in any goroutine that does not recover: no caller
// could receive the panic. One that calls runtime.Goexit ends this goroutine, and a new
// goroutine calls the remaining wakers.
func (s *alarms) wake(first []Waker) {
	var due [batch]Waker
	n, i, over := copy(due[:], first), 0, false
	defer func() {
		if !over {
			go s.wake(slices.Clone(due[i:n]))
		}
	}()
	for {
		for i < n {
			i++
			due[i-1].Wake()
		}
		if i, n = 0, s.take(&due); n == 0 {
			over = true
			return
		}
	}
}

// take takes the wakers of a batch of alarms that are due out of the heap, and arms
// the timer for the others. If it returns 0, the caller returns.
func (s *alarms) take(due *[batch]Waker) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := clock(time.Now())
	for n < batch && len(s.heap) > 0 && s.heap[0].at <= now {
		a := s.heap[0].alarm
		s.heap.remove(0)
		due[n], a.waker = a.waker, nil
		n++
	}
	if n == 0 {
		s.firing--
	}
	if len(s.heap) == 0 {
		s.disarm()
	} else {
		s.arm(now)
	}
	return n
}
