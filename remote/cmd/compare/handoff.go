package main

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/handoff-go/handoff/remote"
)

// handoff is the remote channel, with its defaults.
type handoff struct {
	c    *remote.Conn
	name string
	tx   *remote.Sender[Event]
	rx   *remote.Receiver[Event]
}

func openHandoff(ctx context.Context, url, name string, replicas int) (peer, error) {
	c, err := remote.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	p := &handoff{c: c, name: name}
	p.tx, p.rx, err = remote.Bounded[Event](ctx, c, name, capacity, remote.Replicas(replicas))
	return p, err
}

func (p *handoff) publish(ctx context.Context, v Event) error { return p.tx.Send(v).Await(ctx) }

func (p *handoff) publishMany(ctx context.Context, vs []Event) error {
	_, err := p.tx.SendMany(vs).Await(ctx)
	return err
}

func (p *handoff) consume(ctx context.Context, n int, each func(Event)) error {
	for range n {
		d, err := p.rx.Recv().Await(ctx)
		if err != nil {
			return err
		}
		each(d.Value)
		if err := d.Ack(); err != nil {
			return err
		}
	}
	return nil
}

func (p *handoff) left(ctx context.Context) (int, error) {
	js, err := jetstream.New(p.c.NATS())
	if err != nil {
		return 0, err
	}
	s, err := js.Stream(ctx, "handoff-ch-"+p.name)
	if err != nil {
		return 0, err
	}
	return left(ctx, s)
}

func (p *handoff) close(ctx context.Context) error {
	p.tx.Drop()
	p.rx.Drop()
	if err := remote.Delete(ctx, p.c, p.name); err != nil {
		return err
	}
	return p.c.Close()
}
