package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// Delivery is a message that is lent to its receiver until it is settled, once, by Ack,
// Nak or Term. Without that, and without InProgress, it is delivered again after the ack
// wait, to any receiver. Its methods are safe for concurrent use, return at
// once, and work after the receiver was dropped, until [Conn.Close].
type Delivery[T any] struct {
	Value T

	l       *link
	m       *nats.Msg
	seq     uint64
	stored  int64
	count   int
	settled atomic.Bool
}

// Deliveries is how often the message was delivered, this time included: 1 is the first
// time.
func (d *Delivery[T]) Deliveries() int { return d.count }

// ID is the id its sender gave the message, the same at each delivery.
func (d *Delivery[T]) ID() string { return d.m.Header.Get(nats.MsgIdHdr) }

// Sequence is the place of the message in the channel. It grows in the order in which
// the stream has stored the messages.
func (d *Delivery[T]) Sequence() uint64 { return d.seq }

// Ack says that the message is dealt with: it is removed and its place is free. The
// acknowledgement is repeated until the server has confirmed it, also across lost
// connections; should the process die before, the message is delivered again.
// [Delivery.Confirm] waits for that. It fails with [ErrSettled] if the delivery was
// settled before, and when the connection is closed.
func (d *Delivery[T]) Ack() error {
	if !d.settle() {
		return ErrSettled
	}
	return d.l.acks.ack(d.m, d.seq, d.stored)
}

// Confirm is Ack that returns when the server has removed the message: after that it is
// never delivered again. It tries until ctx ends; then the outcome is unknown, and
// Confirm may be called again.
func (d *Delivery[T]) Confirm(ctx context.Context) error {
	if !d.settle() {
		return ErrSettled
	}
	err := d.l.conn.retry(ctx, func(ctx context.Context) error {
		_, err := d.l.conn.nc.RequestWithContext(ctx, d.m.Reply, ackBody)
		return err
	})
	if err != nil {
		d.settled.Store(false)
	}
	return err
}

// Nak gives the message back, to be delivered again after delay, or at once. It counts
// as a delivery. If the server cannot be reached, the redelivery follows after the ack wait.
func (d *Delivery[T]) Nak(delay time.Duration) error {
	if !d.settle() {
		return ErrSettled
	}
	body := []byte("-NAK")
	if delay > 0 {
		options, err := json.Marshal(struct {
			Delay time.Duration `json:"delay"`
		}{delay})
		if err != nil {
			return err
		}
		body = append(append(body, ' '), options...)
	}
	return d.tell(body)
}

// Term gives the message up: it goes to the dead letters with the reason. That happens
// in the background, and is tried again as Ack is.
func (d *Delivery[T]) Term(reason string) error {
	if !d.settle() {
		return ErrSettled
	}
	if lost := d.l.conn.lost(); lost != nil {
		return lost
	}
	d.l.conn.bury.add(d.l, d.m, d.seq, d.count, reason)
	return nil
}

// InProgress restarts the ack wait. A handler that takes long calls it to keep the
// message.
func (d *Delivery[T]) InProgress() error {
	if d.settled.Load() {
		return ErrSettled
	}
	err := d.tell([]byte("+WPI"))
	if err == nil {
		d.l.pull.extend(d.seq, &d.settled)
	}
	return err
}

func (d *Delivery[T]) settle() bool {
	if d.settled.Swap(true) {
		return false
	}
	d.l.pull.settled(d.seq)
	return true
}

func (d *Delivery[T]) tell(body []byte) error {
	if err := d.l.conn.nc.Publish(d.m.Reply, body); err != nil {
		if lost := d.l.conn.lost(); lost != nil {
			return lost
		}
		return explain(err)
	}
	return nil
}

// String returns the position, the id and the number of deliveries.
func (d *Delivery[T]) String() string {
	return fmt.Sprintf("Delivery(%s #%d, id %s, delivery %d)", d.l.name, d.seq, d.ID(), d.count)
}
