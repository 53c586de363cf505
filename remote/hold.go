package remote

import (
	"sync/atomic"
	"time"
)

// tend keeps what lies here from being delivered to others as well, and gives it back
// when nobody has asked for it during a whole ack wait.
func (p *puller) tend(now time.Time) {
	p.discard(now)
	for _, a := range p.buf {
		p.touch(a, now, p.l.set.ackWait/3)
	}
	for seq, until := range p.held {
		if now.After(until) {
			delete(p.held, seq) // somebody else may hold it by now
		}
	}
}

// touch begins the ack wait anew when the last one began longer than d ago. Without a
// connection it goes on running out.
func (p *puller) touch(a *arrival, now time.Time, d time.Duration) {
	if now.Sub(a.touched) > d && a.m.InProgress() == nil {
		a.touched = now
	}
}

// discard drops what has lain here for too long, or has come to others meanwhile because
// the connection was lost or the process stood still.
func (p *puller) discard(now time.Time) {
	keep := p.buf[:0]
	for _, a := range p.buf {
		wait := p.l.set.ackWait
		switch {
		case now.Sub(a.touched) >= wait:
			continue // a Nak would be for the delivery to somebody else
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

// extend says that a delivery is held for a whole ack wait from now, unless it was settled
// meanwhile: what is counted as held and is not hides another message.
func (p *puller) extend(seq uint64, settled *atomic.Bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !settled.Load() {
		p.held[seq] = time.Now().Add(p.l.set.ackWait)
	}
}

// settled says that a delivery is not held any more.
func (p *puller) settled(seq uint64) {
	p.mu.Lock()
	delete(p.held, seq)
	p.mu.Unlock()
}
