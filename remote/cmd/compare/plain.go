package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// plain is nats.go as its users write it: a work-queue stream, messages with an id so that
// a retry is stored once, JSON, one durable pull consumer with explicit acknowledgement.
type plain struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
	cons   jetstream.Consumer
	name   string
	nextID int
}

func openPlain(ctx context.Context, url, name string, replicas int) (peer, error) {
	nc, err := nats.Connect(url)
	if err != nil {
		return nil, err
	}
	p := &plain{nc: nc, name: name}
	if p.js, err = jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(window)); err != nil {
		return nil, err
	}
	p.stream, err = p.js.CreateStream(ctx, jetstream.StreamConfig{
		Name:       name,
		Subjects:   []string{name},
		Retention:  jetstream.WorkQueuePolicy,
		Discard:    jetstream.DiscardNew,
		MaxMsgs:    capacity,
		Replicas:   replicas,
		Duplicates: 2 * time.Minute,
	})
	if err != nil {
		return nil, err
	}
	p.cons, err = p.stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:       "workers",
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       30 * time.Second,
		MaxDeliver:    5,
		MaxAckPending: 65536,
	})
	return p, err
}

func (p *plain) message(v Event) (*nats.Msg, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	p.nextID++
	m := nats.NewMsg(p.name)
	m.Data = data
	m.Header.Set(jetstream.MsgIDHeader, p.name+"."+strconv.Itoa(p.nextID))
	return m, nil
}

func (p *plain) publish(ctx context.Context, v Event) error {
	m, err := p.message(v)
	if err != nil {
		return err
	}
	_, err = p.js.PublishMsg(ctx, m)
	return err
}

func (p *plain) publishMany(ctx context.Context, vs []Event) error {
	futures := make([]jetstream.PubAckFuture, len(vs))
	for i, v := range vs {
		m, err := p.message(v)
		if err != nil {
			return err
		}
		if futures[i], err = p.js.PublishMsgAsync(m); err != nil {
			return err
		}
	}
	for _, f := range futures {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p *plain) consume(ctx context.Context, n int, each func(Event)) error {
	messages, err := p.cons.Messages(jetstream.PullMaxMessages(512))
	if err != nil {
		return err
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)() // cheaper than a context for each
	for range n {
		m, err := messages.Next()
		if err != nil {
			return errors.Join(err, ctx.Err())
		}
		var v Event
		if err := json.Unmarshal(m.Data(), &v); err != nil {
			return err
		}
		each(v)
		if err := m.Ack(); err != nil {
			return err
		}
	}
	// An acknowledgement is sent when the client's buffer is.
	return p.nc.Flush()
}

func (p *plain) left(ctx context.Context) (int, error) { return left(ctx, p.stream) }

func (p *plain) close(ctx context.Context) error {
	defer p.nc.Close()
	return p.js.DeleteStream(ctx, p.name)
}

// left is how many messages a stream still has.
func left(ctx context.Context, s jetstream.Stream) (int, error) {
	info, err := s.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("stream info: %w", err)
	}
	return int(info.State.Msgs), nil
}
