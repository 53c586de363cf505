package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// load is how much a scenario does in one round.
type load struct {
	one, many, batch int // messages published one at a time, in batches, and in each of these
	body             int // bytes
}

// figures are what one side needs in one round: seconds for a message, by scenario.
type figures map[string]float64

// The scenarios, in the order of the table.
const (
	publishOne  = "publish, each awaited"
	publishMany = "publish, batches"
	consumeAll  = "consume and ack what is there"
	both        = "publish in batches and consume at once"
	tripMedian  = "from publish to receive, median"
	tripTail    = "from publish to receive, 99%"
)

var order = []string{publishMany, consumeAll, both, publishOne, tripMedian, tripTail}

// run does everything once. Each part checks that nothing was lost, as far as the peer's
// own words go, and that nothing is left in the stream.
func run(ctx context.Context, p peer, l load) (figures, error) {
	f := make(figures)
	body := strings.Repeat("x", l.body)
	event := func(i int) Event { return Event{Number: i, Name: "event", Body: body} }
	all := make([]Event, l.many)
	for i := range all {
		all[i] = event(i)
	}
	fill := func(ctx context.Context) error {
		for b := range slices.Chunk(all, l.batch) {
			if err := p.publishMany(ctx, b); err != nil {
				return err
			}
		}
		return nil
	}
	drain := func(ctx context.Context, n int) error {
		next := 0
		err := p.consume(ctx, n, func(v Event) {
			if v.Number == next {
				next++
			}
		})
		if err == nil && next != n {
			err = fmt.Errorf("of %d messages %d came in order", n, next)
		}
		return err
	}
	for _, part := range []struct {
		name string
		n    int
		do   func() error
	}{
		{publishMany, l.many, func() error { return fill(ctx) }},
		{consumeAll, l.many, func() error { return drain(ctx, l.many) }},
		{both, l.many, func() error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			filled := make(chan error, 1)
			go func() {
				err := fill(ctx)
				if err != nil {
					cancel()
				}
				filled <- err
			}()
			err := drain(ctx, l.many)
			if err != nil {
				cancel()
			}
			return errors.Join(err, <-filled)
		}},
		{publishOne, l.one, func() error {
			for i := range l.one {
				if err := p.publish(ctx, event(i)); err != nil {
					return err
				}
			}
			return nil
		}},
		{"", l.one, func() error { return drain(ctx, l.one) }}, // what the last part has left
	} {
		start := time.Now()
		if err := part.do(); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
		if part.name != "" {
			f[part.name] = time.Since(start).Seconds() / float64(part.n)
		}
	}
	if err := trips(ctx, p, l.one, event, f); err != nil {
		return nil, err
	}
	return f, empty(ctx, p)
}

// trips measures how long messages are on their way to a receiver that waits for them.
func trips(ctx context.Context, p peer, n int, event func(int) Event, f figures) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	arrived := make(chan time.Time, 1)
	done := make(chan error, 1)
	go func() {
		err := p.consume(ctx, n, func(Event) { arrived <- time.Now() })
		if err != nil {
			cancel() // what is published from here on has no reader
		}
		done <- err
	}()
	took := make([]float64, 0, n)
	for i := range n {
		start := time.Now()
		err := p.publish(ctx, event(i))
		if err == nil {
			select {
			case at := <-arrived:
				took = append(took, at.Sub(start).Seconds())
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		cancel()
		return errors.Join(err, <-done)
	}
	if err := <-done; err != nil {
		return err
	}
	slices.Sort(took)
	f[tripMedian], f[tripTail] = quantile(took, 0.5), quantile(took, 0.99)
	return nil
}

// empty waits until the acknowledgements have arrived.
func empty(ctx context.Context, p peer) error {
	for {
		n, err := p.left(ctx)
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%d messages are left in the stream", n)
		}
	}
}
