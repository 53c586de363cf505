package docs_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// Two answers of the quiz that no other test has as its subject.

// account is written by its present owner, without a lock. The race detector watches.
type account struct {
	balance int
	history []int
}

func (a *account) add(n int) {
	a.balance += n
	a.history = append(a.history, n)
}

func TestAMessageBelongsToWhoeverHasIt(t *testing.T) {
	const stages, accounts = 4, 100
	tx, rx := mpsc.SyncChannel[*account](2)
	in := tx.Clone()
	for stage := range stages {
		out, next := mpsc.SyncChannel[*account](stage) // a rendezvous among them
		from := rx
		go func() {
			defer out.Drop()
			defer from.Drop()
			for a := range from.All() {
				a.add(1)
				out.Send(a)
			}
		}()
		rx = next
	}
	defer rx.Drop()
	go func() {
		defer in.Drop()
		for range accounts {
			a := new(account)
			a.add(1)
			in.Send(a)
		}
	}()
	tx.Drop()
	n := 0
	for a := range rx.All() {
		a.add(1)
		require.Equal(t, stages+2, a.balance)
		require.Len(t, a.history, stages+2)
		n++
	}
	require.Equal(t, accounts, n)
}

// Two that receive from each other wait for ever, as with any channel; but it takes no more
// than the end of one of them to end the other.
func TestTheEndOfOneEndsWhoeverWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		toA, fromB := async.Unbounded[int]()
		toB, fromA := async.Unbounded[int]()
		var wg sync.WaitGroup
		ended := make(chan string, 2)
		wait := func(name string, rx *async.Receiver[int], tx *async.Sender[int]) {
			defer tx.Drop()
			defer rx.Drop()
			_, err := rx.RecvBlocking()
			assert.ErrorIs(t, err, async.ErrClosed)
			ended <- name
		}
		wg.Go(func() { wait("A", fromB, toB) })
		wg.Go(func() { wait("B", fromA, toA) })
		synctest.Wait()
		require.Empty(t, ended, "each waits for the other's message")
		toA.Close() // for example because a deadline has passed
		wg.Wait()
		require.Equal(t, "A", <-ended)
		require.Equal(t, "B", <-ended)
	})
}
