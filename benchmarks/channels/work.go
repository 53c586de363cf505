package channels

import (
	"context"
	"errors"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// sumTo is the sum of 1 to n: what has to arrive when those are sent.
func sumTo(n uint64) uint64 { return n * (n + 1) / 2 }

func runSeq(c crew, open func(int) link, capacity, n int) ([]float64, error) {
	l := open(capacity)
	defer l.end()
	var got uint64
	var ns float64
	c.start(func(ctx context.Context) {
		start := time.Now()
		got = l.seq(ctx, uint64(n))
		ns = bench.PerOperation(start, n)
	})()
	return []float64{ns}, bench.Check("sum", got, wanted(l, uint64(n)))
}

func runCross(producers, consumers int) work {
	return func(c crew, open func(int) link, capacity, n int) ([]float64, error) {
		l := open(capacity)
		defer l.end()
		// Every producer sends as many, and every consumer receives as many.
		each := uint64((n+producers*consumers-1)/(producers*consumers)) * uint64(consumers)
		total := each * uint64(producers)
		var waits []func()
		shares := newShares(producers, each)
		sums := make([]uint64, consumers)
		start := time.Now()
		for i := range sums {
			waits = append(waits, c.start(func(ctx context.Context) {
				sums[i] = l.consume(ctx, total/uint64(consumers))
			}))
		}
		for i := range producers {
			waits = append(waits, c.start(func(ctx context.Context) { shares.produce(ctx, l, i) }))
		}
		for _, wait := range waits {
			wait()
		}
		vs := []float64{bench.PerOperation(start, int(total))}
		if producers > 1 {
			vs = append(vs, shares.fairness())
		}
		var got uint64
		for _, sum := range sums {
			got += sum
		}
		return vs, bench.Check("sum", got, shares.wanted(l)*uint64(producers))
	}
}

func runPingPong(c crew, open func(int) link, capacity, n int) ([]float64, error) {
	ping, pong := open(capacity), open(capacity)
	defer ping.end()
	defer pong.end()
	var v uint64
	start := time.Now()
	echo := c.start(func(ctx context.Context) {
		for range n {
			pong.send(ctx, ping.recv(ctx)+1)
		}
	})
	serve := c.start(func(ctx context.Context) {
		for range n {
			ping.send(ctx, v)
			v = pong.recv(ctx)
		}
	})
	serve()
	ns := bench.PerOperation(start, n)
	echo()
	return []float64{ns}, bench.Check("round trips", v, uint64(n))
}

func runBatchSeq(c crew, open func(int) link, capacity, n int) ([]float64, error) {
	return fillAndDrain(c, open(capacity), batch, n)
}

func runDepth(messages int) work {
	return func(c crew, open func(int) link, capacity, n int) ([]float64, error) {
		l := open(capacity)
		defer l.end()
		messages := min(messages, n) // less than a round is for tests
		rounds := n / messages
		var errs error
		var ns float64
		c.start(func(ctx context.Context) {
			start := time.Now()
			for range rounds {
				l.produce(ctx, uint64(messages))
				errs = errors.Join(errs, bench.Check("sum", l.consume(ctx, uint64(messages)), sumTo(uint64(messages))))
			}
			ns = bench.PerOperation(start, rounds*messages)
		})()
		return []float64{ns}, errs
	}
}

// fillAndDrain sends size messages at once and receives them at once, on one goroutine.
func fillAndDrain(c crew, l link, size, n int) ([]float64, error) {
	defer l.end()
	vs, buf := make([]uint64, size), make([]uint64, size)
	for i := range vs {
		vs[i] = uint64(i + 1)
	}
	rounds := (n + size - 1) / size
	var got uint64
	var ns float64
	c.start(func(ctx context.Context) {
		start := time.Now()
		for range rounds {
			l.sendMany(ctx, vs)
			for left := size; left > 0; {
				k := l.recvMany(ctx, buf[:left])
				got += total(buf[:k])
				left -= k
			}
		}
		ns = bench.PerOperation(start, rounds*size)
	})()
	return []float64{ns}, bench.Check("sum", got, sumTo(uint64(size))*uint64(rounds))
}

func runBatchCross(c crew, open func(int) link, capacity, n int) ([]float64, error) {
	l := open(capacity)
	defer l.end()
	rounds := (n + batch - 1) / batch
	var got uint64
	start := time.Now()
	producer := c.start(func(ctx context.Context) {
		vs := make([]uint64, batch)
		for i := range vs {
			vs[i] = uint64(i + 1)
		}
		for range rounds {
			l.sendMany(ctx, vs)
		}
	})
	consumer := c.start(func(ctx context.Context) {
		buf := make([]uint64, batch)
		for left := rounds * batch; left > 0; {
			k := l.recvMany(ctx, buf[:min(batch, left)])
			got += total(buf[:k])
			left -= k
		}
	})
	producer()
	consumer()
	ns := bench.PerOperation(start, rounds*batch)
	return []float64{ns}, bench.Check("sum", got, sumTo(batch)*uint64(rounds))
}

// runCreate gives each channel both of its ends, and no message.
func runCreate(c crew, open func(int) link, capacity, n int) ([]float64, error) {
	var ns float64
	c.start(func(context.Context) {
		start := time.Now()
		for range n {
			open(capacity).end()
		}
		ns = bench.PerOperation(start, n)
	})()
	return []float64{ns}, nil
}

func runOpen(c crew, open func(int) link, capacity, n int) ([]float64, error) {
	var got uint64
	var ns float64
	c.start(func(ctx context.Context) {
		start := time.Now()
		for range n {
			l := open(capacity)
			l.send(ctx, 1)
			got += l.recv(ctx)
			l.end()
		}
		ns = bench.PerOperation(start, n)
	})()
	return []float64{ns}, bench.Check("sum", got, uint64(n))
}

func total(vs []uint64) (sum uint64) {
	for _, v := range vs {
		sum += v
	}
	return sum
}
