package channels

import (
	"context"
	"fmt"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// ways is how many channels a select chooses from.
const ways = 4

func selecting(capacity int) bench.Scenario {
	return bench.Scenario{
		Name: "select/" + capacityName(capacity),
		Text: about(fmt.Sprintf("%d producers send, each to a channel of its own, and one consumer receives from whichever has a message, one at a time. "+
			"handoff mpsc is a select over Ready, handoff async is Select.", ways), capacity),
		Metrics: []string{"ns/message"},
		Base:    "chan",
		Args:    arguments("select", capacity, ways, 1),
		Peers: peersWith(capacity, 1, 1, func(p *peer) run {
			if p.choose == nil {
				return nil
			}
			return func(c crew, n int) ([]float64, error) { return runSelect(c, p, capacity, n) }
		}),
	}
}

func runSelect(c crew, p *peer, capacity, n int) ([]float64, error) {
	var links [ways]link
	for i := range links {
		links[i] = p.open(capacity)
		defer links[i].end()
	}
	each := uint64((n + ways - 1) / ways)
	var waits []func()
	var got uint64
	start := time.Now()
	waits = append(waits, c.start(func(ctx context.Context) { got = p.choose(ctx, &links, ways*each) }))
	for _, l := range links {
		waits = append(waits, c.start(func(ctx context.Context) { l.produce(ctx, each) }))
	}
	for _, wait := range waits {
		wait()
	}
	ns := bench.PerOperation(start, ways*int(each))
	return []float64{ns}, bench.Check("sum", got, ways*sumTo(each))
}

func chooseNative(_ context.Context, links *[ways]link, n uint64) (sum uint64) {
	var out [ways]<-chan uint64
	for i, l := range links {
		out[i] = l.(*pipe).out
	}
	for range n {
		select {
		case v := <-out[0]:
			sum += v
		case v := <-out[1]:
			sum += v
		case v := <-out[2]:
			sum += v
		case v := <-out[3]:
			sum += v
		}
	}
	return sum
}

func chooseEapache(_ context.Context, links *[ways]link, n uint64) (sum uint64) {
	var out [ways]<-chan any
	for i, l := range links {
		out[i] = l.(*boxed).out
	}
	for range n {
		var v any
		select {
		case v = <-out[0]:
		case v = <-out[1]:
		case v = <-out[2]:
		case v = <-out[3]:
		}
		sum += v.(uint64)
	}
	return sum
}

func chooseMPSC(_ context.Context, links *[ways]link, n uint64) (sum uint64) {
	var rx [ways]*mpsc.Receiver[uint64]
	for i, l := range links {
		switch l := l.(type) {
		case *singleUnbounded:
			rx[i] = l.rx
		case *singleBounded:
			rx[i] = l.rx
		}
	}
	for got := uint64(0); got < n; {
		var from *mpsc.Receiver[uint64]
		select {
		case <-rx[0].Ready():
			from = rx[0]
		case <-rx[1].Ready():
			from = rx[1]
		case <-rx[2].Ready():
			from = rx[2]
		case <-rx[3].Ready():
			from = rx[3]
		}
		// There is no other receiver, but at capacity 0 a sender may have gone to sleep in between.
		if v, err := from.TryRecv(); err == nil {
			sum += v
			got++
		}
	}
	return sum
}

func chooseAsync(ctx context.Context, links *[ways]link, n uint64) (sum uint64) {
	event := func(v uint64, err error) uint64 { return bench.Must(v, err) }
	var cases [ways]async.Case[uint64]
	for i, l := range links {
		cases[i] = async.On(l.(*awaited).rx, event)
	}
	events := async.Select(cases[:]...)
	for range n {
		sum += bench.Must(events.Next().Await(ctx))
	}
	return sum
}
