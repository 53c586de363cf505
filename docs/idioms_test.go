package docs_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
	"github.com/handoff-go/handoff/task/tasktest"
)

func TestMain(m *testing.M) { tasktest.VerifyTestMain(m) }

// The longer idioms of from-go.md, which shows these functions, and tests of what it says
// about them.

type Event struct{ N int }

var errBadJob = errors.New("a bad job")

// testPool runs the tests of the pool, once in a process: they are the same each time.
var testPool = sync.OnceValues(func() ([]byte, error) {
	return exec.Command("go", "test", "./testdata/pool").CombinedOutput()
})

func TestThePoolWithErrgroupHolds(t *testing.T) {
	out, err := testPool()
	require.NoError(t, err, "%s", out)
}

func size(ctx context.Context, url string) (int, error) {
	if url == "" {
		return 0, errBadJob
	}
	select {
	case <-time.After(time.Second):
		return len(url), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// sizes adds up what size returns, for eight URLs at a time. The first error cancels the
// others, and when it returns none is left.
func sizes(ctx context.Context, urls []string) (total int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var set task.JoinSet[int]
	next := func() bool {
		n, ok, failed := set.Next(context.WithoutCancel(ctx)) // also those that are cancelled
		if failed != nil && err == nil {
			err = failed
			cancel() // the siblings; what is spawned from now on does not start
		}
		total += n
		return ok
	}
	for _, url := range urls {
		for set.Len() >= 8 { // the limit
			next()
		}
		set.Add(task.SpawnBlocking(ctx, func(ctx context.Context) (int, error) {
			return size(ctx, url)
		}))
	}
	for next() {
	}
	return total, err
}

// inBubble runs fn in a synctest bubble with a runtime of its own.
func inBubble(t *testing.T, fn func(ctx context.Context, t *testing.T), opts ...task.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(opts...)
		require.NoError(t, err)
		defer func() { assert.NoError(t, rt.Shutdown(context.Background())) }()
		ctx, cancel := context.WithTimeout(rt.Context(t.Context()), time.Hour)
		defer cancel()
		fn(ctx, t)
	})
}

func TestAJoinSetIsLimitedByItsLength(t *testing.T) {
	inBubble(t, func(ctx context.Context, t *testing.T) {
		urls := make([]string, 32)
		for i := range urls {
			urls[i] = "url"
		}
		start := time.Now()
		total, err := sizes(ctx, urls)
		require.NoError(t, err)
		require.Equal(t, 3*len(urls), total)
		require.Equal(t, 4*time.Second, time.Since(start), "four rounds of eight")

		urls[3] = ""
		start = time.Now()
		_, err = sizes(ctx, urls)
		require.ErrorIs(t, err, errBadJob)
		require.Zero(t, time.Since(start), "the siblings were cancelled")
	})
}

// limited returns a function that does a job when one of n slots is free.
func limited(n int) (do func(ctx context.Context, job func(context.Context) error) error, end func()) {
	slots, open := async.Bounded[struct{}](n) // nothing is sent, slots are only reserved
	do = func(ctx context.Context, job func(context.Context) error) error {
		slot, err := slots.Reserve().Await(ctx) // a task releases its worker
		if err != nil {
			return err
		}
		defer slot.Drop()
		return job(ctx)
	}
	return do, open.Drop
}

func TestPermitsAreASemaphoreForTasks(t *testing.T) {
	inBubble(t, func(ctx context.Context, t *testing.T) {
		do, end := limited(4)
		defer end()
		var set task.JoinSet[struct{}]
		start := time.Now()
		for range 12 {
			set.Add(task.Go(ctx, func(ctx context.Context) error {
				return do(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Second) })
			}))
		}
		for set.Len() > 0 {
			_, _, err := set.Next(ctx)
			require.NoError(t, err)
		}
		require.Equal(t, 3*time.Second, time.Since(start))
	}, task.WithWorkers(1))
}

// produceEvery sends an event every so often, until the receiver was dropped.
func produceEvery(tx *mpsc.SyncSender[Event], every time.Duration) {
	defer tx.Drop()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-tick.C:
			if tx.Send(Event{n}) != nil {
				return
			}
		case <-tx.Done(): // the receiver has left between two ticks
			return
		}
	}
}

func TestARateLimitedProducerEndsWithItsReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := mpsc.SyncChannel[Event](0)
		start := time.Now()
		go produceEvery(tx, time.Second)
		for range 3 {
			_, err := rx.Recv()
			require.NoError(t, err)
		}
		require.Equal(t, 3*time.Second, time.Since(start))
		rx.Drop()
		synctest.Wait()
		require.True(t, tx.IsDisconnected())
	})
}

// topic sends each event to all subscribers.
type topic struct{ subscribers []*async.Sender[Event] }

func (p *topic) subscribe(backlog int) *async.Receiver[Event] {
	tx, rx := async.Bounded[Event](backlog)
	p.subscribers = append(p.subscribers, tx)
	return rx
}

func (p *topic) publish(e Event) {
	live := p.subscribers[:0]
	for _, tx := range p.subscribers {
		// A subscriber that is behind loses its oldest event and delays no other.
		if _, _, err := tx.ForceSend(e); err != nil {
			tx.Drop() // it has left
			continue
		}
		live = append(live, tx)
	}
	clear(p.subscribers[len(live):])
	p.subscribers = live
}

func (p *topic) end() {
	for _, tx := range p.subscribers {
		tx.Drop()
	}
	p.subscribers = nil
}

func TestATopicForgetsWhoHasLeftAndWaitsForNobody(t *testing.T) {
	var p topic
	slow, gone := p.subscribe(2), p.subscribe(2)
	defer slow.Drop()
	p.publish(Event{1})
	gone.Drop()
	p.publish(Event{2})
	p.publish(Event{3})
	require.Len(t, p.subscribers, 1)
	p.end()
	var got []Event
	for e := range slow.All(t.Context()) {
		got = append(got, e)
	}
	require.Equal(t, "[{2} {3}]", fmt.Sprint(got))
}
