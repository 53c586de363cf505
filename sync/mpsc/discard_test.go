package mpsc_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/sync/mpsc"
)

// letter counts what became of it.
type letter struct {
	id   int
	told *[]int
}

func (l letter) Discarded() { *l.told = append(*l.told, l.id) }

// parcel is a Discarder by its pointer only.
type parcel struct {
	id   int
	told *[]int
}

func (p *parcel) Discarded() { *p.told = append(*p.told, p.id) }

func count(from, to int) (ids []int) {
	for i := from; i < to; i++ {
		ids = append(ids, i)
	}
	return ids
}

func TestDiscardedIsCalledOncePerMessageInOrder(t *testing.T) {
	const n, received = 1000, 3
	for name, run := range map[string]func(told *[]int){
		"a value": func(told *[]int) { discardAll(t, n, received, func(i int) letter { return letter{i, told} }) },
		"a value with a method of its pointer": func(told *[]int) {
			discardAll(t, n, received, func(i int) parcel { return parcel{i, told} })
		},
		"a pointer": func(told *[]int) { discardAll(t, n, received, func(i int) *parcel { return &parcel{i, told} }) },
		"an interface": func(told *[]int) {
			discardAll(t, n, received, func(i int) any { return &parcel{i, told} })
		},
	} {
		t.Run(name, func(t *testing.T) {
			var told []int
			run(&told)
			assert.Equal(t, count(received, n), told)
		})
	}
}

// discardAll drops a receiver when some of n messages were received.
func discardAll[T any](t *testing.T, n, received int, make func(int) T) {
	t.Helper()
	tx, rx := mpsc.Channel[T]()
	defer tx.Drop()
	for i := range n {
		require.NoError(t, tx.Send(make(i)))
	}
	for range received {
		_, err := rx.Recv()
		require.NoError(t, err)
	}
	rx.Drop()
	rx.Drop() // harmless
}

func TestAMessageThatIsReturnedIsNotDiscarded(t *testing.T) {
	var told []int
	tx, rx := mpsc.SyncChannel[letter](1)
	require.NoError(t, tx.Send(letter{0, &told}))
	waiting := make(chan error)
	go func() { waiting <- tx.Send(letter{1, &told}) }()
	for rx.Len() < 1 {
	}
	rx.Drop()
	var failed *mpsc.SendError[letter]
	require.ErrorAs(t, <-waiting, &failed)
	assert.Equal(t, 1, failed.Value.id)
	require.ErrorAs(t, tx.Send(letter{2, &told}), &failed)
	assert.Equal(t, []int{0}, told)
}

// bomb panics when it is discarded.
type bomb struct {
	letter

	live bool
}

func (b bomb) Discarded() {
	b.letter.Discarded()
	if b.live {
		panic("boom")
	}
}

func TestAPanicOfOneDiscardedMessageLeavesNoneUntold(t *testing.T) {
	var told []int
	tx, rx := mpsc.Channel[bomb]()
	defer tx.Drop()
	for i := range 20 {
		require.NoError(t, tx.Send(bomb{letter{i, &told}, i == 3 || i == 7}))
	}
	assert.PanicsWithValue(t, "boom", rx.Drop)
	assert.Equal(t, count(0, 20), told)
	assert.ErrorIs(t, tx.Send(bomb{}), mpsc.ErrDisconnected)
}

// mine does something when it is discarded.
type mine struct {
	letter

	do func()
}

func (m mine) Discarded() {
	m.letter.Discarded()
	if m.do != nil {
		m.do()
	}
}

func TestTheFirstPanicOfDiscardedMessagesIsTheOneThatIsSeen(t *testing.T) {
	var told []int
	tx, rx := mpsc.Channel[mine]()
	defer tx.Drop()
	for i := range 20 {
		m := mine{letter: letter{i, &told}}
		if i%5 == 3 {
			m.do = func() { panic(i) }
		}
		require.NoError(t, tx.Send(m))
	}
	assert.PanicsWithValue(t, 3, rx.Drop)
	assert.Equal(t, count(0, 20), told)
}

func TestAGoexitOfDiscardedMessagesLeavesNoneUntold(t *testing.T) {
	var told []int
	tx, rx := mpsc.Channel[mine]()
	defer tx.Drop()
	for i := range 20 {
		m := mine{letter: letter{i, &told}}
		switch i % 5 {
		case 2:
			m.do = runtime.Goexit
		case 4:
			m.do = func() { panic(i) }
		}
		require.NoError(t, tx.Send(m))
	}
	returned := false
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer func() { _ = recover() }()
		rx.Drop()
		returned = true
	}()
	<-over
	assert.False(t, returned)
	assert.Equal(t, count(0, 20), told)
}

// The end of a stack is the end of the process, which cannot be recovered. The
// test makes the stack small, so that few messages reach it.
func TestAnyNumberOfDiscardedMessagesMayPanic(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(16 << 20))
	const n = 100_000
	told := make([]int, 0, n)
	tx, rx := mpsc.Channel[bomb]()
	defer tx.Drop()
	for i := range n {
		require.NoError(t, tx.Send(bomb{letter{i, &told}, true}))
	}
	assert.PanicsWithValue(t, "boom", rx.Drop)
	assert.Len(t, told, n)
}

// curious uses the channel that discards it.
type curious struct {
	tx  *mpsc.Sender[curious]
	err *error
}

func (c curious) Discarded() { *c.err = c.tx.Send(curious{}) }

func TestADiscardedMessageMayUseItsChannel(t *testing.T) {
	var err error
	tx, rx := mpsc.Channel[curious]()
	defer tx.Drop()
	require.NoError(t, tx.Send(curious{tx, &err}))
	rx.Drop()
	assert.ErrorIs(t, err, mpsc.ErrDisconnected)
}

// carrier carries the way back of its answer, which is dropped with it.
type carrier struct{ *mpsc.Sender[int] }

func TestAReplyHandleInADiscardedMessageIsDropped(t *testing.T) {
	tx, rx := mpsc.Channel[carrier]()
	defer tx.Drop()
	reply, answer := mpsc.Channel[int]()
	defer answer.Drop()
	require.NoError(t, tx.Send(carrier{reply}))
	rx.Drop()
	_, err := answer.Recv()
	assert.ErrorIs(t, err, mpsc.ErrDisconnected)
}

func TestEveryHandleCanBeADiscardedMessage(t *testing.T) {
	a, ar := mpsc.Channel[int]()
	b, br := mpsc.SyncChannel[int](0)
	handles := []mpsc.Discarder{a, ar, b, br}
	tx, rx := mpsc.Channel[mpsc.Discarder]()
	defer tx.Drop()
	for _, h := range handles {
		require.NoError(t, tx.Send(h))
	}
	rx.Drop()
	assert.ErrorIs(t, a.Send(1), mpsc.ErrDropped)
	assert.ErrorIs(t, b.Send(1), mpsc.ErrDropped)
	_, err := ar.Recv()
	assert.ErrorIs(t, err, mpsc.ErrDropped)
	_, err = br.Recv()
	assert.ErrorIs(t, err, mpsc.ErrDropped)
}
