package faults_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/remote"
	"github.com/handoff-go/handoff/remote/internal/harness"
)

const urlVariable = "HANDOFF_REMOTE_URL"

// killOptions make what a dead process held come back soon. A lease is renewed four times
// before it ends, and a busy machine may stop a process that is alive for a second.
func killOptions() []remote.Option {
	return []remote.Option{remote.AckWait(time.Second), remote.LeaseTTL(4 * time.Second), remote.MaxDeliveries(20)}
}

// join opens the channel of these tests, in a child or in the test.
func join(ctx context.Context, c *remote.Conn) (*remote.Sender[Entry], *remote.Receiver[Entry], error) {
	return remote.Unbounded[Entry](ctx, c, "work", killOptions()...)
}

// child is what all roles begin with.
func child() (context.Context, *remote.Sender[Entry], *remote.Receiver[Entry], error) {
	ctx := context.Background()
	c, err := remote.Open(ctx, os.Getenv(urlVariable))
	if err != nil {
		return nil, nil, nil, err
	}
	tx, rx, err := join(ctx, c)
	return ctx, tx, rx, err
}

// holder receives messages, says which, and never acknowledges one.
func holder() error {
	ctx, tx, rx, err := child()
	if err != nil {
		return err
	}
	tx.Drop()
	for {
		d, err := rx.Recv().Await(ctx)
		if err != nil {
			return err
		}
		if err := d.InProgress(); err != nil { // as a worker does that means to finish
			return err
		}
		fmt.Println("holds", d.Value.Number)
	}
}

// finisher receives and acknowledges.
func finisher() error {
	ctx, tx, rx, err := child()
	if err != nil {
		return err
	}
	tx.Drop()
	for {
		d, err := rx.Recv().Await(ctx)
		if errors.Is(err, remote.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Println("got", d.Value.Number, d.Sequence())
		// An Ack that is on its way dies with its process.
		if err := d.Confirm(ctx); err != nil {
			return err
		}
		fmt.Println("done", d.Value.Number, d.Sequence())
	}
}

// sender sends for as long as it lives, and says how much is stored.
func sender() error {
	ctx, tx, rx, err := child()
	if err != nil {
		return err
	}
	rx.Drop()
	for n := 0; ; {
		vs := make([]Entry, 100)
		for i := range vs {
			vs[i] = Entry{0, n + i}
		}
		done, err := tx.SendMany(vs).Await(ctx)
		n += done
		fmt.Println("stored", n)
		if err != nil {
			return err
		}
	}
}

// A worker that holds a hundred messages is killed, and all of them come to another.
func TestWhatAKilledWorkerHeldIsFinishedByAnother(t *testing.T) {
	const held = 100
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tx, rx, err := join(ctx, connect(t, ctx, s.ClientURL()))
	require.NoError(t, err)
	rx.Drop()
	vs := make([]Entry, held)
	for i := range vs {
		vs[i] = Entry{0, i}
	}
	n, err := tx.SendMany(vs).Await(ctx)
	require.NoError(t, err)
	require.Equal(t, held, n)

	victim := harness.Spawn(t, "holder", urlVariable+"="+s.ClientURL())
	has := make(map[string]bool)
	for len(has) < held {
		has[victim.Line(limit)] = true // one may expire and come to it again
	}
	victim.Kill()

	book := newLedger()
	heir := harness.Spawn(t, "finisher", urlVariable+"="+s.ClientURL())
	require.NoError(t, tx.Close(ctx))
	for line := range heir.Lines {
		record(t, book, line)
	}
	require.NoError(t, heir.Wait(), "it ends when the channel is closed and drained, and not before")
	book.check(t, held)
}

// record reads what a finisher has printed.
func record(t *testing.T, book *ledger, line string) {
	t.Helper()
	f := strings.Fields(line)
	require.Len(t, f, 3, line)
	number, err := strconv.Atoi(f[1])
	require.NoError(t, err)
	place, err := strconv.ParseUint(f[2], 10, 64)
	require.NoError(t, err)
	if f[0] == "got" {
		book.delivered(Entry{0, number}, place)
	} else {
		book.confirmed(Entry{0, number})
	}
}

// Workers die one after the other, with messages that they have received, and each message
// is finished nevertheless.
func TestWorkersThatAreKilledAtAnyTimeLeaveNothingUndone(t *testing.T) {
	total, kills := 3000, 5
	if testing.Short() {
		total, kills = 500, 2
	}
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tx, rx, err := join(ctx, connect(t, ctx, s.ClientURL()))
	require.NoError(t, err)
	rx.Drop()
	vs := make([]Entry, total)
	for i := range vs {
		vs[i] = Entry{0, i}
	}
	_, err = tx.SendMany(vs).Await(ctx)
	require.NoError(t, err)

	book := newLedger()
	for range kills {
		victim := harness.Spawn(t, "finisher", urlVariable+"="+s.ClientURL())
		for range total / (2 * kills) {
			record(t, book, victim.Line(limit))
		}
		for _, line := range victim.KillAndRead() {
			record(t, book, line)
		}
	}
	last := harness.Spawn(t, "finisher", urlVariable+"="+s.ClientURL())
	require.NoError(t, tx.Close(ctx))
	for line := range last.Lines {
		record(t, book, line)
	}
	require.NoError(t, last.Wait())
	// What a victim acknowledged and had no time to say counts as settled: it never came
	// again, and it was delivered.
	book.finishDelivered()
	book.check(t, total)
}

// A sender is killed in the middle of SendMany: what it reported is there, once and in
// order, and so is what it sent and could not report any more. Its lease runs out, which
// is the end for the receiver that waits for more.
func TestWhatAKilledSenderReportedIsThereOnce(t *testing.T) {
	s := harness.Server(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	c := connect(t, ctx, s.ClientURL())
	for round := range 3 {
		tx, rx, err := join(ctx, c)
		require.NoError(t, err)
		tx.Drop()
		victim := harness.Spawn(t, "sender", urlVariable+"="+s.ClientURL())
		reported := 0
		note := func(line string) {
			_, err := fmt.Sscanf(line, "stored %d", &reported)
			require.NoError(t, err)
		}
		book := newLedger()
		there := 0
		for ; ; there++ {
			d, err := rx.Recv().Await(ctx)
			if errors.Is(err, remote.ErrClosed) {
				break
			}
			require.NoError(t, err)
			book.delivered(d.Value, d.Sequence())
			require.NoError(t, d.Ack())
			book.acked(d.Value)
			if there == 500+300*round {
				for _, line := range victim.KillAndRead() {
					note(line)
				}
			}
		}
		assert.GreaterOrEqual(t, there, reported)
		assert.NotZero(t, reported)
		book.check(t, there) // the first so many, without a gap
		rx.Drop()
		require.NoError(t, remote.Delete(ctx, c, "work"))
	}
}
