package remote

import (
	"context"
	"errors"
	"time"
)

// checkEnds checks whether one side has disconnected for good.
func (l *link) checkEnds(ctx context.Context) {
	try, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	if l.set.endSenders && l.goneErr() == nil && l.leases.maybeLeft(asReceiver, false) {
		none, err := l.leases.none(try, asReceiver)
		if err == nil && none {
			l.endSenders(ErrClosed)
		}
	}
	l.pull.check(try)
}

// finish says that there will be no more; drained, that nothing held here comes back.
func (p *puller) finish(err error, drained bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended == nil || drained && !p.drained {
		p.ended, p.drained = err, drained
		p.wakeAll()
	}
}

// check looks whether receivers that wait do so in vain: the channel is closed, or the
// last sender gone, and nothing is left but what this process holds itself; or the
// stream is not there any more.
func (p *puller) check(ctx context.Context) {
	p.mu.Lock()
	dry := len(p.waiters) > 0 && len(p.buf) == 0 && p.over == nil && !p.drained
	look := p.suspect || dry && time.Since(p.looked) > 10*time.Second
	saw := p.saw
	p.mu.Unlock()
	if !dry && !look || p.l.eternal && !look {
		return
	}
	reason := p.l.closedErr()
	if reason == nil && p.l.leases.maybeLeft(asSender, saw) {
		if none, err := p.l.leases.none(ctx, asSender); err == nil && none {
			reason = ErrClosed
		}
	}
	if reason == nil && !look {
		return
	}
	info, err := p.l.inspect(ctx)
	broken := err != nil
	if !broken && look {
		// The consumer may have been deleted, which leaves the messages. Or it has no
		// leader, while the stream still believes that it has one.
		_, fail := p.l.conn.js.CreateConsumer(ctx, p.l.stream, p.l.set.consumerConfig())
		broken = fail != nil
	}
	p.mu.Lock()
	p.looked, p.suspect = time.Now(), p.suspect && broken
	stored := 0
	if err == nil {
		stored = int(info.State.Msgs)
	}
	left := err != nil || stored > len(p.held) || len(p.buf) > 0
	p.mu.Unlock()
	switch {
	case errors.Is(err, ErrDeleted), errors.Is(err, ErrAuth):
		p.l.endSenders(err)
		p.finish(err, true)
	case !left && reason != nil:
		p.finish(reason, stored == 0)
	}
}
