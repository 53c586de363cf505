package remote

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// room notifies a sender that waits for room before it polls the stream again: the sender
// publishes that it waits, and receivers that acknowledged something since then answer. Both are
// plain messages that may be lost; the sender asks the stream again after a while
// anyway.
type room struct {
	l   *link
	mu  sync.Mutex
	sub *nats.Subscription
}

// hunger is how long receivers announce room after a sender has asked.
const hunger = time.Second

func roomSubject(name string) string { return "handoff.room." + name }
func fullSubject(name string) string { return "handoff.full." + name }

// ask makes the receivers announce room.
func (r *room) ask() {
	nc := r.l.conn.nc
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sub == nil {
		sub, err := nc.Subscribe(roomSubject(r.l.name), func(*nats.Msg) { r.l.out.kick() })
		if err != nil {
			return
		}
		r.sub = sub
	}
	_ = nc.Publish(fullSubject(r.l.name), nil)
}

func (r *room) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sub != nil {
		_ = r.sub.Unsubscribe()
		r.sub = nil
	}
}
