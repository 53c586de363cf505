package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// side is which end of the channel a lease is for.
type side int

const (
	asSender side = iota
	asReceiver
)

func (s side) letter() string { return string("sr"[s]) }

// leases are the signs of life of all processes at a channel, in a bucket whose keys
// expire: NAME.s.ID for a sender, NAME.r.ID for a receiver, and NAME.c when the channel
// was closed. The bucket is shared by all channels with the same TTL, because
// each bucket is a stream of its own.
type leases struct {
	l      *link
	kv     jetstream.KeyValue
	ids    [2]string
	wakeup chan struct{}

	mu     sync.Mutex
	put    [2]bool // this link has put its key once
	held   [2]bool // it renews it
	wanted [2]bool
	ended  [2]bool
	others [2]map[string]bool // keys in the bucket, ours too
	seen   [2]bool            // there was one since we joined
	joined uint64             // the bucket's last revision when we did
	back   time.Time          // when the connection was last lost and found
	stale  bool               // our keys and our watch are to be renewed at once
}

func openLeases(ctx context.Context, l *link) (*leases, error) {
	cfg := jetstream.KeyValueConfig{
		Bucket:         fmt.Sprintf("handoff-leases-%d-%d", l.set.lease.Milliseconds(), l.set.replicas),
		TTL:            l.set.lease,
		LimitMarkerTTL: max(4*l.set.lease, time.Minute), // so that watchers are notified of expired keys
		Replicas:       l.set.replicas,
		Storage:        jetstream.FileStorage, // the bucket has to be there when a server comes back
	}
	kv, err := l.conn.js.KeyValue(ctx, cfg.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		if kv, err = l.conn.js.CreateKeyValue(ctx, cfg); errors.Is(err, jetstream.ErrBucketExists) {
			kv, err = l.conn.js.KeyValue(ctx, cfg.Bucket)
		}
	}
	if err != nil {
		return nil, err
	}
	status, err := kv.Status(ctx)
	if err != nil {
		return nil, err
	}
	s := &leases{l: l, kv: kv, wakeup: make(chan struct{}, 1)}
	if b, ok := status.(*jetstream.KeyValueBucketStatus); ok {
		s.joined = b.StreamInfo().State.LastSeq
	}
	for i := range s.ids {
		s.ids[i] = fmt.Sprintf("%s.%s.%s", l.name, side(i).letter(), newID())
		s.others[i] = map[string]bool{}
	}
	return s, nil
}

// hold puts the key of a side, if it is not there yet, and has it renewed from now on.
// A sender's key comes before its first message: a receiver of that message must find the lease.
func (s *leases) hold(ctx context.Context, as side) error {
	s.mu.Lock()
	done := s.put[as]
	s.mu.Unlock()
	if done {
		return nil
	}
	if _, err := s.kv.PutString(ctx, s.ids[as], s.l.conn.by); err != nil {
		return explain(err)
	}
	s.mu.Lock()
	s.held[as], s.put[as] = true, true
	late := s.ended[as]
	s.mu.Unlock()
	if late {
		s.kick() // it is removed
	}
	return nil
}

// end gives a lease up. The goroutine of the leases deletes the key on the server; if it
// cannot, the key expires.
func (s *leases) end(as side) {
	s.mu.Lock()
	s.ended[as] = true
	s.mu.Unlock()
	s.kick()
}

func (s *leases) kick() {
	select {
	case s.wakeup <- struct{}{}:
	default:
	}
}

// announce notifies all watchers that the channel was closed.
func (s *leases) announce(ctx context.Context) error {
	_, err := s.kv.PutString(ctx, s.l.name+".c", s.l.conn.by)
	return explain(err)
}

// run renews and watches until the link ends.
func (s *leases) run() {
	renew := time.NewTicker(s.l.set.lease / 4)
	defer renew.Stop()
	var watch jetstream.KeyWatcher
	var updates <-chan jetstream.KeyValueEntry
	defer func() {
		if watch != nil {
			_ = watch.Stop() // the server removes it by itself, too
		}
		s.end(asSender)
		s.end(asReceiver)
		s.fulfil(context.Background())
		s.expire()
	}()
	for {
		if watch == nil {
			s.forget()
			if w, err := s.kv.Watch(s.l.ctx, s.l.name+".>"); err == nil { // otherwise at the next turn
				watch, updates = w, w.Updates()
			}
		}
		select {
		case <-s.l.ctx.Done():
			return
		case e, ok := <-updates:
			if !ok {
				watch, updates = nil, nil
				continue
			}
			if e != nil {
				s.note(e)
			}
		case <-renew.C:
			s.renew(s.l.ctx)
		case <-s.wakeup:
			s.fulfil(context.WithoutCancel(s.l.ctx))
			s.expire()
			if s.takeStale() {
				s.renew(s.l.ctx)
				// The server's side of the watch may be gone too, and the client does not
				// always notice.
				if watch != nil {
					_ = watch.Stop()
					watch, updates = nil, nil
				}
			}
		}
		s.l.checkEnds(s.l.ctx)
	}
}

// expire removes the keys of the sides that have ended. It is not cut short by the end of
// the link, for which it may be called.
func (s *leases) expire() {
	for i := range s.ids {
		s.mu.Lock()
		remove := s.ended[i] && s.held[i]
		s.held[i] = s.held[i] && !remove
		s.mu.Unlock()
		if remove {
			ctx, cancel := context.WithTimeout(context.Background(), attempt)
			_ = s.kv.Delete(ctx, s.ids[i]) // it expires otherwise
			cancel()
		}
	}
}

// renew puts the keys again that this link holds.
func (s *leases) renew(ctx context.Context) {
	s.expire()
	for i := range s.ids {
		s.mu.Lock()
		held := s.held[i]
		s.mu.Unlock()
		if held && !s.l.mute.Load() {
			ctx, cancel := context.WithTimeout(ctx, attempt)
			_, _ = s.kv.PutString(ctx, s.ids[i], s.l.conn.by) // there are more attempts before it expires
			cancel()
		}
	}
}

// reconnected says that the connection was lost and is back. The server may have been away
// for longer than a lease lasts; then all have expired, and each process needs a moment to
// show that it is alive.
func (s *leases) reconnected() {
	s.mu.Lock()
	s.back, s.stale = time.Now(), true
	s.mu.Unlock()
	s.kick()
}

func (s *leases) takeStale() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	stale := s.stale
	s.stale = false
	return stale
}

// forget clears the cached set of leases, before a new watch fills it again.
func (s *leases) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.others {
		clear(s.others[i])
	}
}

// note takes in what has happened to a key.
func (s *leases) note(e jetstream.KeyValueEntry) {
	rest := strings.TrimPrefix(e.Key(), s.l.name+".")
	put := e.Operation() == jetstream.KeyValuePut
	as := asSender
	switch {
	case rest == "c":
		if put && s.l.closedErr() == nil {
			ctx, cancel := context.WithTimeout(s.l.ctx, attempt)
			defer cancel()
			_, _ = s.l.inspect(ctx) // a send, or a receiver that runs dry, finds out otherwise
		}
		return
	case strings.HasPrefix(rest, "r."):
		as = asReceiver
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if put {
		s.others[as][e.Key()] = true
		s.seen[as] = true
	} else {
		delete(s.others[as], e.Key())
		// The bucket keeps the latest entry of a key only. If a lease is put and removed before
		// the watch gets to it, the removal is all that is delivered. Removals from before this
		// link joined are delivered when the watch begins, and say nothing.
		s.seen[as] = s.seen[as] || e.Revision() > s.joined
	}
}

// want has a key put soon.
func (s *leases) want(as side) {
	s.mu.Lock()
	s.wanted[as] = true
	s.mu.Unlock()
	s.kick()
}

// fulfil puts the keys that are wanted. The key of a side that
// ended before it was put is put too: the other side must see that it was there and ended.
func (s *leases) fulfil(ctx context.Context) {
	for i := range s.ids {
		s.mu.Lock()
		wanted := s.wanted[i]
		s.mu.Unlock()
		if wanted && !s.l.mute.Load() {
			ctx, cancel := context.WithTimeout(ctx, attempt)
			_ = s.hold(ctx, side(i)) // and again at the next turn
			cancel()
		}
	}
}

// maybeLeft reports whether a side had a lease (known: a message proves that it had) and has
// none now, according to the watch.
func (s *leases) maybeLeft(as side, known bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (known || s.seen[as]) && len(s.others[as]) == 0 && time.Since(s.back) > s.l.set.lease
}

// none asks the server whether no lease of that side is left: the watch may lag behind.
func (s *leases) none(ctx context.Context, as side) (bool, error) {
	keys, err := s.kv.ListKeysFiltered(ctx, fmt.Sprintf("%s.%s.*", s.l.name, as.letter()))
	if errors.Is(err, jetstream.ErrNoKeysFound) {
		return true, nil
	}
	if err != nil {
		return false, explain(err)
	}
	none := true
	for range keys.Keys() { // all: the goroutine behind it ends only then
		none = false
	}
	return none && ctx.Err() == nil, ctx.Err()
}
