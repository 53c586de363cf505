package mpsc_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// FuzzOperations runs programs of calls that do not wait, on one goroutine, against
// the model: each form of each operation, its result and what can be seen of the
// channel afterwards. It needs no bubble, so it tries a thousand programs while
// FuzzPrograms tries ten.
func FuzzOperations(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for flavour := range byte(6) {
		for slots := range byte(3) {
			f.Add(append([]byte{flavour, slots}, randomProgram(rng, 120)...))
		}
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 2 {
			runOperations(t, program)
		}
	})
}

// TestRandomOperationsBehaveLikeTheModel is the same with fresh programs.
func TestRandomOperationsBehaveLikeTheModel(t *testing.T) {
	freshPrograms(t, "FuzzOperations", testsize.Scaled(600), 200, runOperations)
}

// bench is a channel with its model.
type bench struct {
	t       *testing.T
	m       *model
	handles []sender
	rx      *mpsc.Receiver[int]
	ended   context.Context
	next    int
}

func runOperations(t *testing.T, program []byte) {
	bounds := []int{unbounded, 0, 1, 2, 3, 7}
	f := flavour{bound: bounds[int(program[0])%len(bounds)], slots: 1 + int(program[1])%3}
	tx, rx := f.open(t)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	b := &bench{
		t: t, handles: []sender{tx}, rx: rx, ended: ended,
		m: &model{cap: f.bound, live: []bool{true}, rxLive: true},
	}
	defer func() { // whatever happened, the end is the end
		b.drop()
		for h := range b.handles {
			b.dropSender(h)
		}
		b.look()
	}()
	for i := 2; i+1 < len(program); i += 2 {
		op, arg := program[i], int(program[i+1])
		switch op % 16 {
		case 0, 1, 2, 3, 4:
			b.send(arg%len(b.handles), arg/16)
		case 5, 6:
			b.sendMany(arg%len(b.handles), arg/8%12, arg%2 == 0)
		case 7, 8, 9, 10:
			b.receive(arg)
		case 11, 12:
			b.receiveMany(arg%12, arg/16%3)
		case 13:
			if len(b.handles) < 5 {
				h := arg % len(b.handles)
				b.m.clone(h)
				b.handles = append(b.handles, b.handles[h].CloneSender())
			}
		case 14:
			if arg%3 == 0 {
				b.dropSender(arg / 3 % len(b.handles))
			}
		case 15:
			if arg%16 == 0 {
				b.drop()
			}
		}
		b.look()
	}
}

// send sends in one of the forms. What fails for want of room has a reason that
// depends on the form.
func (b *bench) send(h, form int) {
	tx, v := b.handles[h], b.next
	b.next++
	want := &call{handle: h, vals: []int{v}}
	b.m.send(want, false)
	full := errors.Is(want.err, mpsc.ErrFull)
	var err error
	reason := want.err
	switch form % 5 {
	case 0:
		err = tx.TrySend(v)
	case 1:
		err = tx.SendTimeout(v, time.Duration(-form))
		if full {
			reason = mpsc.ErrTimeout
		}
	case 2:
		err = tx.SendDeadline(v, time.Time{})
		if full {
			reason = mpsc.ErrTimeout
		}
	case 3:
		err = tx.SendContext(b.ended, v)
		if full {
			reason = context.Canceled
		}
	case 4:
		if full {
			return // it would wait
		}
		err = tx.Send(v)
	}
	if reason == nil {
		require.NoError(b.t, err)
		return
	}
	require.ErrorIs(b.t, err, reason)
	failed, ok := errors.AsType[*mpsc.SendError[int]](err)
	require.True(b.t, ok)
	require.Equal(b.t, v, failed.Value)
	require.Equal(b.t, reason, failed.Err)
}

// sendMany sends k messages, of which an ended context lets those in that find
// room.
func (b *bench) sendMany(h, k int, ended bool) {
	tx, vs := b.handles[h], make([]int, k)
	for i := range vs {
		vs[i] = b.next
		b.next++
	}
	want := &call{handle: h, vals: vs}
	switch {
	case k == 0:
		want.finish(nil)
	case !b.m.live[h]:
		want.finish(mpsc.ErrDropped)
	case !ended && b.m.rxLive && b.m.room() < k:
		return // it would wait
	default:
		b.m.send(want, true)
		b.m.cancel(want)
	}
	var n int
	var err error
	if ended {
		n, err = tx.SendManyContext(b.ended, vs)
	} else {
		n, err = tx.SendMany(vs)
	}
	require.Equal(b.t, want.err, err)
	require.Equal(b.t, want.n, n)
}

func (b *bench) receive(arg int) {
	want := &call{want: 1}
	b.m.receive(want, false)
	empty := errors.Is(want.err, mpsc.ErrEmpty)
	var v int
	var err error
	reason := want.err
	switch arg % 6 {
	case 0:
		v, err = b.rx.TryRecv()
	case 1:
		v, err = b.rx.RecvTimeout(time.Duration(-arg))
		if empty {
			reason = mpsc.ErrTimeout
		}
	case 2:
		v, err = b.rx.RecvDeadline(time.Time{})
		if empty {
			reason = mpsc.ErrTimeout
		}
	case 3:
		v, err = b.rx.RecvContext(b.ended)
		if empty {
			reason = context.Canceled
		}
	case 4:
		if empty {
			return // it would wait
		}
		v, err = b.rx.Recv()
	case 5: // an iterator that is left after one message
		err = want.err
		for v = range b.rx.TryAll() {
			require.NoError(b.t, want.err)
			break
		}
	}
	require.Equal(b.t, reason, err)
	if reason == nil {
		require.Equal(b.t, want.got[0], v)
	} else {
		require.Zero(b.t, v, "an error comes with the zero value")
	}
}

func (b *bench) receiveMany(k, form int) {
	buf := make([]int, k)
	want := &call{want: k}
	if k == 0 {
		want.finish(nil)
	} else {
		b.m.receive(want, false)
	}
	var n int
	var err error
	reason := want.err
	switch empty := errors.Is(reason, mpsc.ErrEmpty); form {
	case 0:
		n, err = b.rx.TryRecvMany(buf)
	case 1:
		n, err = b.rx.RecvManyContext(b.ended, buf)
		if empty {
			reason = context.Canceled
		}
	case 2:
		if empty {
			return // it would wait
		}
		n, err = b.rx.RecvMany(buf)
	}
	require.Equal(b.t, reason, err)
	require.Equal(b.t, want.n, n)
	for i, v := range want.got {
		require.Equal(b.t, v, buf[i])
	}
	for _, v := range buf[n:] {
		require.Zero(b.t, v, "beyond n the buffer is as it was")
	}
}

func (b *bench) dropSender(h int) {
	b.m.dropSender(h)
	b.handles[h].Drop()
}

func (b *bench) drop() {
	b.m.dropReceiver()
	b.rx.Drop()
}

// look compares everything that can be seen from outside.
func (b *bench) look() {
	b.t.Helper()
	require.Equal(b.t, len(b.m.buf), b.rx.Len())
	require.Equal(b.t, len(b.m.buf) == 0, b.rx.IsEmpty())
	require.Equal(b.t, b.m.closed() || !b.m.rxLive, b.rx.IsDisconnected())
	something := !b.m.rxLive || b.m.closed() || len(b.m.buf) > 0
	require.Equal(b.t, something, readable(b.rx.Ready()))
	for h, tx := range b.handles {
		require.Equal(b.t, !b.m.rxLive, tx.IsDisconnected())
		require.Equal(b.t, !b.m.rxLive, readable(tx.Done()))
		require.Equal(b.t, !b.m.live[h], strings.Contains(tx.String(), ", dropped"))
	}
}
