package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
)

// publish tries once and returns how many are stored for certain, and why the next is
// not.
func (o *outbox) publish(items []item) (int, error) {
	ctx, cancel := context.WithTimeout(o.ctx, attempt)
	err := o.l.leases.hold(ctx, asSender)
	cancel()
	if err != nil {
		o.sure = true
		return 0, err
	}
	if len(items) > 1 {
		return o.batches.publish(items)
	}
	return o.publishOne(items[0].message())
}

func (o *outbox) publishOne(m *message) (int, error) {
	ctx, cancel := context.WithTimeout(o.ctx, attempt)
	defer cancel()
	msg := o.l.message(m)
	o.sure = false
	answer, err := o.l.conn.nc.RequestMsgWithContext(ctx, msg)
	if err != nil {
		o.sure = errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrReconnectBufExceeded)
		return 0, o.failure(err)
	}
	var a pubAnswer
	if err := a.parse(answer.Data); err != nil {
		return 0, err
	}
	o.sure = true
	if err := a.failure(); err != nil {
		return 0, err
	}
	return 1, nil
}

// failure says what an attempt that got no proper answer means.
func (o *outbox) failure(err error) error {
	if errors.Is(err, nats.ErrNoResponders) {
		// No stream takes messages for this subject: it was closed or deleted, or has
		// no leader at the moment.
		ctx, cancel := context.WithTimeout(o.ctx, attempt)
		defer cancel()
		if _, found := o.l.inspect(ctx); found != nil && !retryable(found) {
			return found
		}
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if lost := o.l.conn.lost(); lost != nil {
		return lost
	}
	// The server says so on the side, and does not answer the publish itself.
	if last := o.l.conn.nc.LastError(); errors.Is(last, nats.ErrPermissionViolation) && strings.Contains(last.Error(), `"`+o.l.subject+`"`) {
		o.sure = true
		return explain(last)
	}
	err = explain(err)
	if text := o.l.conn.srv.writeError(o.l.stream); text != "" && retryable(err) {
		return fmt.Errorf("%w: %s: %w", ErrStorage, text, err) // there may be space again soon
	}
	return err
}

// message is what goes over the wire.
func (l *link) message(m *message) *nats.Msg {
	return &nats.Msg{
		Subject: l.subject,
		Header:  nats.Header{nats.MsgIdHdr: {m.id}, typeHeader: {l.kind}},
		Data:    m.data,
	}
}
