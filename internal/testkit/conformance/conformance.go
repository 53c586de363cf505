// Package conformance is what every channel of this module promises, whichever package it
// is from: one table of checks, which the tests of packages mpsc and async run over all
// their flavours and ways to call them. It is imported by tests only.
package conformance

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/errs"
)

// Unbounded is the capacity of a channel that has none.
const Unbounded = -1

// Sender is what a sender of either package can do, under one set of names.
type Sender interface {
	Send(ctx context.Context, v int) error
	TrySend(v int) error
	SendMany(ctx context.Context, vs []int) (int, error)
	Clone() Sender
	Drop()
	Done() <-chan struct{}
}

// Receiver is what a receiver of either package can do.
type Receiver interface {
	Recv(ctx context.Context) (int, error)
	TryRecv() (int, error)
	RecvMany(ctx context.Context, buf []int) (int, error)
	TryRecvMany(buf []int) (int, error)
	Ready() <-chan struct{}
	Len() int
	Drop()
}

// Subject is a flavour under test.
type Subject struct {
	Capacity int
	Open     func() (Sender, Receiver)
	// Value returns what a failed send gave back.
	Value func(error) (int, bool)
}

// buffers returns how many of n messages there is room for.
func (s Subject) buffers(n int) int {
	if s.Capacity == Unbounded {
		return n
	}
	return min(n, s.Capacity)
}

// fill sends as much of 0, 1, ... as there is room for, 5 messages at most, and returns how
// many that were.
func (s Subject) fill(t *testing.T, tx Sender) (n int) {
	t.Helper()
	for n = range s.buffers(5) {
		require.NoError(t, tx.TrySend(n))
	}
	return s.buffers(5)
}

func (s Subject) refused(t *testing.T, v int, reason, err error) {
	t.Helper()
	assert.ErrorIs(t, err, reason)
	back, ok := s.Value(err)
	assert.True(t, ok, "%v carries no value", err)
	assert.Equal(t, v, back)
}

// checks are run in a bubble each, where a wait that never ends is reported.
var checks = []struct {
	name string
	run  func(t *testing.T, s Subject)
}{
	{"data first, then the end for ever", dataFirst},
	{"the end before full, and the value comes back", endBeforeFull},
	{"a completed send is seen", seen},
	{"the last receiver's drop discards and gives back", discards},
	{"an ended context gets one try", oneTry},
	{"a cancelled wait loses nothing", cancelled},
	{"waiting senders are served in order", inOrder},
	{"batches report their progress", batches},
	{"a drop ends the waits of its handle", dropEndsWaits},
	{"ready is notified of messages and of the close", ready},
	{"the memory model: messages and slots", synchronizes},
	{"the memory model: the end", endSynchronizes},
}

// Run runs every check on s.
func Run(t *testing.T, s Subject) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.run(t, s) })
		})
	}
}

func dataFirst(t *testing.T, s Subject) {
	tx, rx := s.Open()
	clone := tx.Clone()
	n := s.fill(t, tx)
	tx.Drop()
	tx.Drop()
	_, err := rx.TryRecvMany(nil)
	require.NoError(t, err)
	clone.Drop()
	for want := range n {
		v, err := rx.Recv(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, v)
	}
	for range 3 {
		_, err := rx.Recv(t.Context())
		require.ErrorIs(t, err, errs.ErrDisconnected)
		_, err = rx.TryRecv()
		require.ErrorIs(t, err, errs.ErrDisconnected)
		_, err = rx.RecvMany(t.Context(), make([]int, 2))
		require.ErrorIs(t, err, errs.ErrDisconnected)
	}
}

func endBeforeFull(t *testing.T, s Subject) {
	tx, rx := s.Open()
	if s.Capacity != Unbounded {
		for v := range s.Capacity {
			require.NoError(t, tx.TrySend(v))
		}
		s.refused(t, 99, errs.ErrFull, tx.TrySend(99))
	}
	rx.Drop()
	<-tx.Done()
	s.refused(t, 100, errs.ErrDisconnected, tx.TrySend(100))
	s.refused(t, 101, errs.ErrDisconnected, tx.Send(t.Context(), 101))
	tx.Drop()
	s.refused(t, 102, errs.ErrDropped, tx.TrySend(102))
	s.refused(t, 103, errs.ErrDropped, tx.Clone().TrySend(103))
}

func seen(t *testing.T, s Subject) {
	tx, rx := s.Open()
	for range 20 { // around every block
		n := s.fill(t, tx)
		require.Equal(t, n, rx.Len())
		for want := range n {
			v, err := rx.TryRecv()
			require.NoError(t, err)
			require.Equal(t, want, v)
		}
		_, err := rx.TryRecv()
		require.ErrorIs(t, err, errs.ErrEmpty)
	}
}

func discards(t *testing.T, s Subject) {
	tx, rx := s.Open()
	if s.Capacity != Unbounded {
		for v := range s.Capacity {
			require.NoError(t, tx.TrySend(v))
		}
		for v := range 3 {
			go func() { s.refused(t, v, errs.ErrDisconnected, tx.Send(context.Background(), v)) }()
		}
		synctest.Wait()
	} else {
		s.fill(t, tx)
	}
	rx.Drop()
	synctest.Wait()
	require.Zero(t, rx.Len())
	_, err := rx.TryRecv()
	require.ErrorIs(t, err, errs.ErrDropped)
}

func oneTry(t *testing.T, s Subject) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tx, rx := s.Open()
	_, err := rx.Recv(ended)
	require.ErrorIs(t, err, context.Canceled)
	if s.Capacity == 0 {
		s.refused(t, 1, context.Canceled, tx.Send(ended, 1))
		return
	}
	require.NoError(t, tx.Send(ended, 1))
	v, err := rx.Recv(ended)
	require.NoError(t, err)
	require.Equal(t, 1, v)
}

func cancelled(t *testing.T, s Subject) {
	tx, rx := s.Open()
	soon, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start := time.Now()
	_, err := rx.Recv(soon)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, time.Second, time.Since(start))
	if s.Capacity == Unbounded {
		return
	}
	for v := range s.Capacity {
		require.NoError(t, tx.TrySend(v))
	}
	soon, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	s.refused(t, 7, context.DeadlineExceeded, tx.Send(soon, 7))
	require.Equal(t, s.Capacity, rx.Len())
	go func() { assert.NoError(t, tx.Send(context.Background(), s.Capacity)) }()
	for want := range s.Capacity + 1 {
		v, err := rx.Recv(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, v)
	}
}

func inOrder(t *testing.T, s Subject) {
	if s.Capacity == Unbounded {
		t.Skip("no send waits")
	}
	tx, rx := s.Open()
	for v := range s.Capacity {
		require.NoError(t, tx.TrySend(v))
	}
	const waiting = 4
	for i := range waiting {
		go func() { assert.NoError(t, tx.Send(context.Background(), s.Capacity+i)) }()
		synctest.Wait()
	}
	for want := range s.Capacity + waiting {
		s.refused(t, -1, errs.ErrFull, tx.TrySend(-1))
		v, err := rx.Recv(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, v)
		if want == waiting-1 {
			break // no sender waits any more, so there is room
		}
	}
}

func batches(t *testing.T, s Subject) {
	tx, rx := s.Open()
	n, err := tx.SendMany(t.Context(), nil)
	require.NoError(t, err)
	require.Zero(t, n)
	soon, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	vs := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	n, err = tx.SendMany(soon, vs)
	require.Equal(t, s.buffers(len(vs)), n)
	if n < len(vs) {
		require.ErrorIs(t, err, context.DeadlineExceeded)
	} else {
		require.NoError(t, err)
	}
	buf := make([]int, len(vs)+1)
	got, err := rx.TryRecvMany(buf)
	if n == 0 {
		require.ErrorIs(t, err, errs.ErrEmpty)
		return
	}
	require.NoError(t, err)
	require.Equal(t, vs[:n], buf[:got])
}

func dropEndsWaits(t *testing.T, s Subject) {
	tx, rx := s.Open()
	if s.Capacity != Unbounded {
		for v := range s.Capacity {
			require.NoError(t, tx.TrySend(v))
		}
		own := tx.Clone()
		go func() { s.refused(t, 7, errs.ErrDropped, own.Send(context.Background(), 7)) }()
		synctest.Wait()
		own.Drop()
		synctest.Wait()
	}
	for rx.Len() > 0 {
		_, err := rx.TryRecv()
		require.NoError(t, err)
	}
	failed := make(chan error, 1)
	go func() {
		_, err := rx.Recv(context.Background())
		failed <- err
	}()
	synctest.Wait()
	rx.Drop()
	err := <-failed
	require.True(t, errors.Is(err, errs.ErrDropped), "%v", err)
}

func ready(t *testing.T, s Subject) {
	tx, rx := s.Open()
	require.Empty(t, rx.Ready())
	go func() { assert.NoError(t, tx.Send(context.Background(), 1)) }()
	<-rx.Ready()
	v, err := rx.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, v)
	synctest.Wait()
	require.Empty(t, rx.Ready())
	tx.Drop()
	<-rx.Ready()
	_, err = rx.TryRecv()
	require.ErrorIs(t, err, errs.ErrDisconnected)
}

// synchronizes and endSynchronizes prove something under the race detector only. Their
// variables are plain, and nothing orders the goroutines but the channel: no
// synctest.Wait, no group, no context that ends.
func synchronizes(t *testing.T, s Subject) {
	tx, rx := s.Open()
	const rounds = 5
	var written [rounds]int // before a send, read after its receive
	var room [rounds]int    // before a receive, read after the send that needed its slot
	go func() {
		defer tx.Drop()
		for i := range rounds {
			written[i] = i
			assert.NoError(t, tx.Send(context.Background(), i))
			if before := i - s.Capacity; s.Capacity != Unbounded && before >= 0 {
				// There was room because that receive had begun.
				assert.Equal(t, before+1, room[before])
			}
		}
	}()
	for i := range rounds {
		room[i] = i + 1
		v, err := rx.Recv(context.Background())
		require.NoError(t, err)
		require.Equal(t, v, written[v])
	}
	_, err := rx.Recv(context.Background())
	require.ErrorIs(t, err, errs.ErrDisconnected)
}

func endSynchronizes(t *testing.T, s Subject) {
	var before int
	tx, rx := s.Open()
	go func() {
		before = 1
		tx.Drop()
	}()
	_, err := rx.Recv(context.Background())
	require.ErrorIs(t, err, errs.ErrDisconnected)
	require.Equal(t, 1, before)

	for name, learn := range map[string]func(tx Sender){
		"Done": func(tx Sender) { <-tx.Done() },
		"Send": func(tx Sender) {
			for tx.Send(context.Background(), 1) == nil { // an unbounded one never waits
			}
		},
	} {
		tx, rx := s.Open()
		go func() {
			before = 2
			rx.Drop()
		}()
		learn(tx)
		require.Equal(t, 2, before, name)
		before = 1 // no other goroutine uses it any more
		tx.Drop()
	}
}
