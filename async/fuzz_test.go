package async_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// FuzzPrograms runs programs of operations on two channels and on futures that are
// polled, moved, awaited under an ended context, dropped midway or forgotten, against the
// naive model: every result, every wake, and what can be seen of the channels after each
// step. It is all on one goroutine, where the model is exact; FuzzMixed has the others.
func FuzzPrograms(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range byte(24) {
		f.Add(append([]byte{i, i / 6, i + 1}, randomProgram(rng, 160)...))
	}
	f.Fuzz(runProgram)
}

// TestRandomProgramsOfAllOperationsBehaveLikeTheModel is the same with fresh programs.
func TestRandomProgramsOfAllOperationsBehaveLikeTheModel(t *testing.T) {
	freshPrograms(t, "FuzzPrograms", testsize.Scaled(600), 300, runProgram)
}

func randomProgram(rng *rand.Rand, n int) []byte {
	program := make([]byte, n)
	for i := range program {
		program[i] = byte(rng.Uint32())
	}
	return program
}

// freshPrograms runs n programs of up to 10+size bytes and shows the first that fails.
func freshPrograms(t *testing.T, fuzz string, n, size int, run func(t *testing.T, program []byte)) {
	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	var program []byte
	defer func() { // a failure ends the goroutine
		if t.Failed() {
			t.Logf("add to the corpus of %s: %q", fuzz, program)
		}
	}()
	for range n {
		program = randomProgram(rng, 10+rng.IntN(size))
		if run(t, program); t.Failed() {
			return
		}
	}
}

var (
	errUnsupported = errors.ErrUnsupported
	errReason      = errors.New("the reason")
)

// lab is a channel under test beside its model, with everything that a program has made
// of it.
type lab struct {
	t  *testing.T
	m  *naive
	tx []*async.Sender[int]
	rx []*async.Receiver[int]

	weakTx []weakling[*async.WeakSender[int]]
	weakRx []weakling[*async.WeakReceiver[int]]
	claims []*pendingClaim
	recvs  []*pendingRecv
	closes []*pendingClosed
	slots  []*async.Permit[int]
	many   []*async.Permits[int]
	next   int
}

// weakling is a weak handle and whether a live handle made it.
type weakling[W any] struct {
	w    W
	live bool
}

var endedContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func newLab(t *testing.T, capacity, slots byte) *lab {
	capacities := []int{unbounded, 0, 1, 2, 3, 7}
	f := flavour{capacity: capacities[int(capacity)%len(capacities)], slots: int(slots) % 4}
	tx, rx := f.open()
	return &lab{
		t: t, m: newNaive(f.capacity), tx: []*async.Sender[int]{tx}, rx: []*async.Receiver[int]{rx},
	}
}

func runProgram(t *testing.T, program []byte) {
	if len(program) < 3 {
		return
	}
	a, b := newLab(t, program[0], program[1]), newLab(t, program[2], program[1]/4)
	b.next = 1 << 20 // messages of the two look different
	s := newRounds(t, a, b)
	for i := 3; i+1 < len(program); i += 2 {
		op, arg := program[i], int(program[i+1])
		l := a
		if op >= 128+64 { // a quarter goes to the second, which the selects need
			l = b
		}
		if op = op % 64 % 25; op == 24 {
			s.step(arg)
		} else {
			l.step(op, arg)
		}
		a.check(s)
		b.check(s)
	}
	s.end()
	a.end()
	b.end()
}

func (l *lab) fresh(n int) []int {
	vs := make([]int, n)
	for i := range vs {
		l.next++
		vs[i] = l.next
	}
	return vs
}

func (l *lab) step(op byte, arg int) {
	h, r, k := arg%len(l.tx), arg%len(l.rx), arg/8%5
	switch op {
	case 0:
		l.trySend(h)
	case 1, 2:
		l.sendFuture(h)
	case 3:
		l.sendMany(h, k)
	case 4:
		l.reserve(h, k, arg >= 128)
	case 5:
		l.tryReserve(h, k, arg >= 128)
	case 6:
		l.force(h)
	case 7, 8:
		l.usePermit(arg)
	case 9, 10:
		l.moveClaim(arg)
	case 11:
		l.tryRecv(r, k, arg >= 128)
	case 12, 13, 14:
		l.recvFuture(r, k, arg >= 128)
	case 15, 16, 17:
		l.moveRecv(arg)
	case 18:
		l.closedFuture(h, arg)
	case 19:
		l.clone(arg)
	case 20:
		l.weaken(arg)
	case 21:
		l.upgrade(arg)
	case 22:
		if arg%3 == 0 { // rarely, or programs end too soon
			l.drop(arg / 3)
		}
	case 23:
		if arg%16 == 0 {
			l.close(arg / 16)
		}
	}
}

// drop ends a handle.
func (l *lab) drop(arg int) {
	if arg%2 == 0 {
		h := arg / 2 % len(l.tx)
		l.m.dropSender(h)
		l.tx[h].Drop()
	} else {
		h := arg / 2 % len(l.rx)
		for _, r := range l.recvs {
			r.holds = r.holds || r.handle == h && l.m.rx[h] && r.woken.count() > 0
		}
		l.m.dropReceiver(h)
		l.rx[h].Drop()
	}
}

func (l *lab) close(arg int) {
	var cause, expected error
	if arg%2 == 0 {
		cause, expected = errReason, errReason
	}
	if arg%4 < 2 {
		require.Equal(l.t, l.m.close(l.m.tx[0], expected), l.tx[0].CloseCause(cause))
	} else {
		require.Equal(l.t, l.m.close(l.m.rx[0], expected), l.rx[0].CloseCause(cause))
	}
}

func (l *lab) clone(arg int) {
	switch {
	case arg%2 == 0 && len(l.tx) < 5:
		h := arg / 2 % len(l.tx)
		l.m.cloneSender(l.m.tx[h])
		l.tx = append(l.tx, l.tx[h].Clone())
	case arg%2 == 1 && len(l.rx) < 4:
		h := arg / 2 % len(l.rx)
		l.m.cloneReceiver(l.m.rx[h])
		l.rx = append(l.rx, l.rx[h].Clone())
	}
}

func (l *lab) weaken(arg int) {
	h, r := arg/2%len(l.tx), arg/2%len(l.rx)
	if arg%2 == 0 {
		l.weakTx = append(l.weakTx, weakling[*async.WeakSender[int]]{l.tx[h].Downgrade(), l.m.tx[h]})
	} else {
		l.weakRx = append(l.weakRx, weakling[*async.WeakReceiver[int]]{l.rx[r].Downgrade(), l.m.rx[r]})
	}
}

func (l *lab) upgrade(arg int) {
	i := arg / 2
	if arg%2 == 0 && len(l.weakTx) > 0 && len(l.tx) < 6 {
		w := l.weakTx[i%len(l.weakTx)]
		tx, ok := w.w.Upgrade()
		require.Equal(l.t, w.live && !l.m.closed, ok)
		if ok {
			l.m.cloneSender(true)
			l.tx = append(l.tx, tx)
		}
	} else if arg%2 == 1 && len(l.weakRx) > 0 && len(l.rx) < 5 {
		w := l.weakRx[i%len(l.weakRx)]
		rx, ok := w.w.Upgrade()
		require.Equal(l.t, w.live && !l.m.closed, ok)
		if ok {
			l.m.cloneReceiver(true)
			l.rx = append(l.rx, rx)
		}
	}
}

// sameError compares an error with the model's.
func (l *lab) sameError(want, err error) {
	l.t.Helper()
	if want == nil {
		require.NoError(l.t, err)
		return
	}
	require.ErrorIs(l.t, err, want)
	if want == errReason { //nolint:errorlint // it is the model's own
		require.ErrorIs(l.t, err, async.ErrClosed)
	}
}

// refused is sameError for a send, which gives v back.
func (l *lab) refused(want error, v int, err error) {
	l.t.Helper()
	l.sameError(want, err)
	if want != nil {
		failed, ok := errors.AsType[*async.SendError[int]](err)
		require.True(l.t, ok)
		require.Equal(l.t, v, failed.Value)
	}
}

// check compares all that can be seen, and who was woken.
func (l *lab) check(s *rounds) {
	t, m := l.t, l.m
	t.Helper()
	tx, rx := l.tx[0], l.rx[0]
	equal(t, len(m.buf), rx.Len(), "Len")
	equal(t, m.senders, tx.SenderCount(), "SenderCount")
	equal(t, m.receivers, rx.ReceiverCount(), "ReceiverCount")
	equal(t, m.closed, tx.IsClosed(), "IsClosed")
	if m.closed {
		require.ErrorIs(t, rx.Cause(), m.ended())
	} else {
		require.NoError(t, rx.Cause())
	}
	equal(t, m.closed, readableNow(tx.Done()), "Done")
	if m.cap != unbounded {
		free := m.room()
		if len(m.line) > 0 {
			free = 0
		}
		equal(t, free, tx.Available(), "Available")
		equal(t, free == 0, tx.IsFull(), "IsFull")
	}
	for _, c := range l.claims {
		equal(t, !c.waiting, c.woken.count() == 1, "a send or a reservation was woken")
	}
	for _, c := range l.closes {
		equal(t, m.closed || !m.tx[c.handle], c.woken.count() == 1, "Closed was woken")
	}
	// At least as many waiting receives are notified as there are messages. One
	// whose handle is dropped after it was notified passes that on when it is polled, so it
	// counts until then.
	notified, waiting := 0, 0
	for _, r := range l.recvs {
		equal(t, true, r.woken.count() <= 1, "woken once")
		if m.over() || !m.rx[r.handle] {
			equal(t, 1, r.woken.count(), "a receive learns of the end")
		}
		if m.rx[r.handle] {
			waiting++
			notified += r.woken.count()
		} else if r.holds {
			notified++
		}
	}
	if waits, woken := s.waits(l); waits {
		notified += woken
		if m.rx[0] {
			waiting++
		}
	}
	equal(t, true, notified >= min(waiting, m.something()), "a waiting receive was notified")
}

// equal is an assertion that costs nothing while it holds: there are a thousand in each
// program.
func equal[T comparable](t *testing.T, want, got T, what string) {
	if want != got {
		t.Helper()
		require.Equal(t, want, got, what)
	}
}

func readableNow(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// end drops everything and sees that everything ends.
func (l *lab) end() {
	for h := range l.tx {
		l.m.dropSender(h)
		l.tx[h].Drop()
	}
	for _, p := range l.slots {
		l.m.release(1)
		p.Drop()
	}
	for _, p := range l.many {
		l.m.release(p.Len())
		p.Drop()
	}
	for _, c := range slices.Clone(l.claims) {
		l.pollClaim(c, false) // which may be granted yet
	}
	for h := range l.rx {
		l.m.dropReceiver(h)
		l.rx[h].Drop()
	}
	for _, r := range slices.Clone(l.recvs) {
		l.pollRecv(r, false)
	}
	for _, c := range slices.Clone(l.closes) {
		l.pollClosed(c)
	}
	require.Empty(l.t, l.claims)
	require.Empty(l.t, l.recvs)
	require.Empty(l.t, l.closes)
}
