package remote

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bounded makes the channel name, or joins it if it exists, with room for capacity
// messages. A message takes its place until it is acknowledged. TrySend fails with
// [ErrFull] when there is none, and Send waits.
//
// It waits for the server, and fails when ctx ends first; with [ErrName], [ErrOption]
// for a capacity below 1, and [ErrMismatch] when the channel exists with other settings,
// naming both processes. A channel that was closed can be opened: its receivers get what
// is left. With [JoinOnly] it joins and makes nothing.
func Bounded[T any](ctx context.Context, c *Conn, name string, capacity int, opts ...Option) (*Sender[T], *Receiver[T], error) {
	if capacity < 1 {
		return nil, nil, fmt.Errorf("%w: capacity of %q is %d, and has to be 1 at least", ErrOption, name, capacity)
	}
	return open[T](ctx, c, name, capacity, opts)
}

// Unbounded makes or joins a channel that takes as much as the server stores. Otherwise
// it is like [Bounded].
func Unbounded[T any](ctx context.Context, c *Conn, name string, opts ...Option) (*Sender[T], *Receiver[T], error) {
	return open[T](ctx, c, name, 0, opts)
}

func open[T any](ctx context.Context, c *Conn, name string, capacity int, opts []Option) (*Sender[T], *Receiver[T], error) {
	if err := checkName(name); err != nil {
		return nil, nil, err
	}
	set := defaults()
	for _, opt := range opts {
		opt(&set)
	}
	set.capacity = capacity
	if err := set.check(); err != nil {
		return nil, nil, err
	}
	if set.typeName == "" {
		set.typeName = fingerprint[T]()
	}
	if !fitsHeader(set.typeName) || !fitsHeader(set.codec.Name()) {
		return nil, nil, fmt.Errorf("%w: the type name %q or the name of the codec %q is empty, has control characters, or blanks around it", ErrOption, set.typeName, set.codec.Name())
	}
	l, err := join(ctx, c, name, set)
	if err != nil {
		return nil, nil, fmt.Errorf("remote: open channel %q: %w", name, err)
	}
	return newSender[T](l), newReceiver[T](l, decodeValue[T](l)), nil
}

// Delete removes the channel with everything in it, the dead letters too, for all
// processes. What they do with it afterwards fails with [ErrDeleted]. It waits for the
// server, until ctx ends.
func Delete(ctx context.Context, c *Conn, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return errors.Join(c.deleteStream(ctx, streamName(name)), c.deleteStream(ctx, deadStreamName(name)))
}

func (c *Conn) deleteStream(ctx context.Context, stream string) error {
	err := c.retry(ctx, func(ctx context.Context) error { return c.js.DeleteStream(ctx, stream) })
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		err = nil
	}
	if err == nil {
		c.acks.forget(stream)
	}
	return err
}

// The keys of a stream's metadata. All processes compare what stands there.
const (
	metaPrefix   = "handoff."
	metaBy       = metaPrefix + "by"
	metaClosed   = metaPrefix + "closed"
	metaClosedBy = metaPrefix + "closed-by"
)

// agreed are the settings that all processes share, in the order in which a difference
// is looked for.
func (s *settings) agreed() []setting {
	capacity := "unbounded"
	if s.capacity > 0 {
		capacity = strconv.Itoa(s.capacity)
	}
	return []setting{
		{"capacity", capacity},
		{"codec", s.codec.Name()},
		{"type", s.typeName},
		{"replicas", strconv.Itoa(s.replicas)},
		{"transient", strconv.FormatBool(s.transient)},
		{"ack-wait", s.ackWait.String()},
		{"max-deliveries", strconv.Itoa(s.deliveries)},
		{"dedup-window", s.dedup.String()},
		{"lease-ttl", s.lease.String()},
		{"end-senders", strconv.FormatBool(s.endSenders)},
	}
}

type setting struct{ key, value string }

// streamConfig is the stream of a channel: a work queue, which forgets a message when it
// is acknowledged and refuses new ones when it is full.
func (s *settings) streamConfig(stream, subject, by string) jetstream.StreamConfig {
	meta := map[string]string{metaBy: by}
	for _, a := range s.agreed() {
		meta[metaPrefix+a.key] = a.value
	}
	cfg := jetstream.StreamConfig{
		Name:              stream,
		Subjects:          []string{subject},
		Retention:         jetstream.WorkQueuePolicy,
		Discard:           jetstream.DiscardNew,
		MaxMsgs:           -1,
		Replicas:          s.replicas,
		Duplicates:        s.dedup,
		Metadata:          meta,
		AllowBatchPublish: s.serverUp,
	}
	if s.capacity > 0 {
		cfg.MaxMsgs = int64(s.capacity)
	}
	if s.transient {
		cfg.Storage = jetstream.MemoryStorage
	}
	return cfg
}

func (s *settings) consumerConfig() jetstream.ConsumerConfig {
	cfg := jetstream.ConsumerConfig{
		Durable:       consumerName,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       s.ackWait,
		MaxDeliver:    -1, // we count ourselves: the server would leave the message in the stream for ever
		MaxAckPending: 1 << 16,
		MaxWaiting:    1 << 13, // pull requests of all receivers
		Replicas:      s.replicas,
		MemoryStorage: s.transient,
	}
	return cfg
}

// join makes the stream or compares it with our settings.
func join(ctx context.Context, c *Conn, name string, set settings) (*link, error) {
	set.serverUp = atLeast(c.nc.ConnectedServerVersion(), 2, 14)
	l := newLink(c, name, streamName(name), subjectName(name), set)
	var info *jetstream.StreamInfo
	err := c.retry(ctx, func(ctx context.Context) (err error) {
		info, err = ensure(ctx, c, l)
		return err
	})
	if err != nil {
		return nil, err
	}
	l.fast = info.Config.AllowBatchPublish
	l.observe(info)
	if err := l.start(ctx); err != nil {
		return nil, err
	}
	return l, nil
}

// ensure looks first: to join is more common than to make.
func ensure(ctx context.Context, c *Conn, l *link) (*jetstream.StreamInfo, error) {
	s, err := c.js.Stream(ctx, l.stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) && !l.set.joinOnly {
		s, err = c.js.CreateStream(ctx, l.set.streamConfig(l.stream, l.subject, c.by))
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			s, err = c.js.Stream(ctx, l.stream) // another process was faster
		}
	}
	if err != nil {
		return nil, err
	}
	info := s.CachedInfo()
	if err := l.compare(info.Config.Metadata); err != nil {
		return nil, err
	}
	_, err = s.CreateConsumer(ctx, l.set.consumerConfig())
	if errors.Is(err, jetstream.ErrConsumerExists) {
		return nil, fmt.Errorf("%w: its consumer was changed from outside: %w", ErrMismatch, err)
	}
	return info, err
}

func (l *link) compare(meta map[string]string) error {
	other, ours := meta[metaBy], true
	if other == "" {
		other, ours = "something else than package remote", false
	}
	for _, a := range l.set.agreed() {
		if got := meta[metaPrefix+a.key]; got != a.value {
			if !ours {
				return fmt.Errorf("%w: stream %s was made by %s", ErrMismatch, l.stream, other)
			}
			return fmt.Errorf("%w: %s is %s here (%s), and %s where it was made (%s)", ErrMismatch, a.key, a.value, l.conn.by, got, other)
		}
	}
	return nil
}

// atLeast compares the version of a server, "2.14.1-beta.3".
func atLeast(version string, major, minor int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, err1 := strconv.Atoi(parts[0])
	b, err2 := strconv.Atoi(parts[1])
	return err1 == nil && err2 == nil && (a > major || a == major && b >= minor)
}

// typeHeader says what a message is, so that one which was published by something else
// is found out before it is decoded.
const typeHeader = "Handoff-Type"

// decodeValue checks the header and decodes.
func decodeValue[T any](l *link) func(*nats.Msg) (T, error) {
	want, codec := l.kind, l.set.codec
	return func(m *nats.Msg) (v T, err error) {
		if got := m.Header.Get(typeHeader); got != want {
			return v, fmt.Errorf("%w: the message is %q, and the channel carries %q", ErrCodec, got, want)
		}
		defer func() { // a codec of the user's, or a Decode method of the type
			if r := recover(); r != nil {
				err = fmt.Errorf("%w: decode %T: panic: %v", ErrCodec, v, r)
			}
		}()
		if err := codec.Decode(m.Data, &v); err != nil {
			return v, fmt.Errorf("%w: decode %T: %w", ErrCodec, v, err)
		}
		return v, nil
	}
}
