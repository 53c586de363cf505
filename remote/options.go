package remote

import (
	"fmt"
	"time"
)

// Option is a setting of a channel. Every process has to give the same ones, except for
// [Prefetch] and [JoinOnly]: a difference is [ErrMismatch] when the channel is opened.
type Option func(*settings)

type settings struct {
	codec      Codec
	typeName   string
	capacity   int // 0: unbounded
	replicas   int
	transient  bool
	ackWait    time.Duration
	deliveries int
	dedup      time.Duration
	lease      time.Duration
	prefetch   int
	endSenders bool
	endSet     bool
	joinOnly   bool
	serverUp   bool // the server takes fast batches
}

func defaults() settings {
	return settings{
		codec:      JSON,
		replicas:   1,
		ackWait:    30 * time.Second,
		deliveries: 5,
		dedup:      2 * time.Minute,
		lease:      15 * time.Second,
		prefetch:   512,
	}
}

// WithCodec sets how values become bytes: [JSON] (the default), [Gob], [Protobuf], [Raw]
// or one of your own.
func WithCodec(c Codec) Option { return func(s *settings) { s.codec = c } }

// TypeName names the type of the messages, instead of the fingerprint that is taken from
// its structure. Processes that agree on the name may use types that differ, as a new
// field does, when the codec copes with that.
func TypeName(name string) Option { return func(s *settings) { s.typeName = name } }

// Replicas is how many servers of a cluster store each message: 1 (the default), 3 or 5.
func Replicas(n int) Option { return func(s *settings) { s.replicas = n } }

// Transient keeps the messages in the memory of the servers, and ends the senders when
// the last receiver disconnects, as in a process.
func Transient() Option { return func(s *settings) { s.transient = true } }

// EndSenders sets whether the senders end when the last receiver disconnects: their Done is
// closed, and sends fail with [ErrClosed]. Without this option they do on a [Transient]
// channel, and a durable one keeps storing.
func EndSenders(yes bool) Option {
	return func(s *settings) { s.endSenders, s.endSet = yes, true }
}

// AckWait is how long a delivery may be held without Ack or InProgress before the
// message is delivered again. Default: 30 s; at least 100 ms.
func AckWait(d time.Duration) Option { return func(s *settings) { s.ackWait = d } }

// MaxDeliveries is how often a message is delivered; one that was not acknowledged by
// then goes to the dead letters. Default: 5; at least 1.
func MaxDeliveries(n int) Option { return func(s *settings) { s.deliveries = n } }

// DedupWindow is how long the stream remembers the ids of messages. A message that is
// sent again within it is stored once. Default: 2 minutes; at least 100 ms.
func DedupWindow(d time.Duration) Option { return func(s *settings) { s.dedup = d } }

// LeaseTTL is after what time without a sign of life a process counts as gone. Default:
// 15 s; at least 1 s, the resolution of the servers.
func LeaseTTL(d time.Duration) Option { return func(s *settings) { s.lease = d } }

// Prefetch is how many messages a receiver may fetch ahead of its consumer, at most.
// It starts at none and fetches more only while the consumer is faster than the
// network, so that slow handlers do not hoard work. Default: 512; 0 fetches nothing
// ahead.
func Prefetch(n int) Option { return func(s *settings) { s.prefetch = n } }

// JoinOnly opens a channel that exists and creates none: without one [Bounded] and
// [Unbounded] fail with [ErrDeleted]. It is for a process that goes on with a channel it
// knows, and that must not create an empty one after another process has deleted it.
func JoinOnly() Option { return func(s *settings) { s.joinOnly = true } }

func (s *settings) check() error {
	switch {
	case s.codec == nil:
		return fmt.Errorf("%w: codec is nil", ErrOption)
	case s.replicas < 1 || s.replicas > 5 || s.replicas%2 == 0:
		return fmt.Errorf("%w: replicas is %d, and has to be 1, 3 or 5", ErrOption, s.replicas)
	case s.ackWait < 100*time.Millisecond:
		return fmt.Errorf("%w: ack wait is %v, and has to be 100ms at least", ErrOption, s.ackWait)
	case s.deliveries < 1:
		return fmt.Errorf("%w: max deliveries is %d, and has to be 1 at least", ErrOption, s.deliveries)
	case s.dedup < 100*time.Millisecond:
		return fmt.Errorf("%w: dedup window is %v, and has to be 100ms at least", ErrOption, s.dedup)
	case s.lease < time.Second:
		return fmt.Errorf("%w: lease TTL is %v, and has to be 1s at least", ErrOption, s.lease)
	case s.prefetch < 0 || s.prefetch > 1<<16:
		return fmt.Errorf("%w: prefetch is %d, and has to be between 0 and 65536", ErrOption, s.prefetch)
	}
	if !s.endSet {
		s.endSenders = s.transient
	}
	return nil
}
