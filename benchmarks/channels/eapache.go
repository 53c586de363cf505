package channels

import (
	"context"

	"github.com/eapache/channels"
)

// boxed is eapache's infinite channel. It is older than generics: messages are interface values.
type boxed struct {
	ch  *channels.InfiniteChannel
	in  chan<- any
	out <-chan any
}

func eapache(int) link {
	ch := channels.NewInfiniteChannel()
	return &boxed{ch, ch.In(), ch.Out()}
}

func (b *boxed) seq(_ context.Context, n uint64) (sum uint64) {
	for v := uint64(1); v <= n; v++ {
		b.in <- v
		sum += (<-b.out).(uint64)
	}
	return sum
}

func (b *boxed) produce(_ context.Context, n uint64) {
	for v := uint64(1); v <= n; v++ {
		b.in <- v
	}
}

func (b *boxed) consume(_ context.Context, n uint64) (sum uint64) {
	for range n {
		sum += (<-b.out).(uint64)
	}
	return sum
}

func (b *boxed) send(_ context.Context, v uint64) { b.in <- v }
func (b *boxed) recv(context.Context) uint64      { return (<-b.out).(uint64) }
func (b *boxed) sendMany(_ context.Context, vs []uint64) {
	for _, v := range vs {
		b.in <- v
	}
}

func (b *boxed) recvMany(_ context.Context, buf []uint64) int {
	for i := range buf {
		buf[i] = (<-b.out).(uint64)
	}
	return len(buf)
}

func (b *boxed) end() {
	b.ch.Close()
	for range b.out {
	}
}
