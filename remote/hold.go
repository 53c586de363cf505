package remote

import (
	"sync/atomic"
	"time"
)

// tend extends the ack wait of the buffered messages, and gives them back to the stream
// when they were not received during a whole ack wait.
func (p *puller) tend(now time.Time) {
	p.discard(now)
	for _, a := range p.buf {
		p.touch(a, now, p.l.set.ackWait/3)
	}
	for seq, until := range p.held {
		if now.After(until) {
			delete(p.held, seq) // its ack wait expired: it may have been redelivered
		}
	}
}

// touch restarts the ack wait when the last one began longer than d ago. Without a
// connection it keeps expiring.
func (p *puller) touch(a *arrival, now time.Time, d time.Duration) {
	if now.Sub(a.touched) > d && a.m.InProgress() == nil {
		a.touched = now
	}
}

// discard drops messages that were buffered for too long, or that may have been redelivered
// elsewhere because the connection was lost or the process was suspended.
func (p *puller) discard(now time.Time) {
	keep := p.buf[:0]
	for _, a := range p.buf {
		wait := p.l.set.ackWait
		switch {
		case now.Sub(a.touched) >= wait:
			continue // a Nak would apply to the redelivery
		case now.Sub(a.at) > wait:
			p.window = 0
			_ = a.m.Nak() // it comes back by itself otherwise
			continue
		}
		keep = append(keep, a)
	}
	clear(p.buf[len(keep):])
	p.buf = keep
}

// extend says that a delivery is held for a whole ack wait from now, unless it was acknowledged
// or returned before: a message wrongly counted as held hides another one.
func (p *puller) extend(seq uint64, settled *atomic.Bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !settled.Load() {
		p.held[seq] = time.Now().Add(p.l.set.ackWait)
	}
}

// settled records that a delivery is not held any more.
func (p *puller) settled(seq uint64) {
	p.mu.Lock()
	delete(p.held, seq)
	p.mu.Unlock()
}
