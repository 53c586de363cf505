package observe_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// own returns the warnings of that kind after a time.
func own(d time.Duration) (all []observe.Warning) {
	time.Sleep(d)
	synctest.Wait()
	for _, w := range observe.Snapshot().Warnings() {
		if w.Kind == observe.OwnHandle {
			all = append(all, w)
		}
	}
	return all
}

// observed runs f in a bubble in which events are recorded.
func observed(t *testing.T, f func(t *testing.T, ctx context.Context)) {
	t.Helper()
	alone(t)
	defer observe.Enable(observe.Options{Events: 1000})()
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(2))
		require.NoError(t, err)
		defer rt.Shutdown(context.Background())
		f(t, rt.Context(context.Background()))
	})
}

func TestAReceiverThatHasTheLastSenderItselfIsWarnedOfWithItsPlace(t *testing.T) {
	observed(t, func(t *testing.T, _ context.Context) {
		ended := make(chan struct{})
		last := make(chan *mpsc.Sender[int], 1)
		go func() {
			defer close(ended)
			defer observe.Name("collector")()
			tx, rx := mpsc.Channel[int](mpsc.Named("results"))
			last <- tx
			defer rx.Drop()
			for i := range 3 {
				clone := tx.Clone()
				go func() {
					defer clone.Drop()
					assert.NoError(t, clone.Send(i))
				}()
			}
			for range rx.All() { //nolint:revive // counts nothing
			}
		}()
		assert.Empty(t, own(time.Second), "a wait of a moment")
		warnings := own(3 * time.Second)
		require.Len(t, warnings, 1)
		assert.Regexp(t, `^channel "results" #\d+: "collector" \(goroutine \d+\) waits in a recv and made every sender that is left, `+
			`one of them at ownhandle_test\.go:\d+, and perhaps has not dropped it: the wait never ends if no other goroutine has one$`, warnings[0].Text)
		(<-last).Drop()
		<-ended
		assert.Empty(t, own(time.Hour))
	})
}

func TestAPlaceIsThatOfTheCloneThatIsLeft(t *testing.T) {
	observed(t, func(t *testing.T, _ context.Context) {
		tx, rx := async.Bounded[int](1)
		clone := tx.Clone()
		clone.Clone().Drop() // a use of clone
		done := make(chan struct{})
		go func() { defer close(done); tx.Drop() }()
		<-done
		go func() {
			assert.Len(t, own(time.Minute), 1)
			s := observe.Snapshot()
			assert.NotEqual(t, s.Channels[0].Site, s.Channels[0].SenderHolder.Site)
			clone.Drop()
		}()
		_, err := rx.RecvBlocking()
		assert.ErrorIs(t, err, async.ErrClosed)
		rx.Drop()
	})
}

func TestATaskThatWaitsForItselfIsWarnedOf(t *testing.T) {
	observed(t, func(t *testing.T, ctx context.Context) {
		h := task.Go(ctx, func(ctx context.Context) error {
			tx, rx := async.Unbounded[int]()
			defer tx.Drop()
			defer rx.Drop()
			var workers task.JoinSet[struct{}]
			for i := range 3 {
				clone := tx.Clone()
				workers.Spawn(ctx, func(ctx context.Context) (struct{}, error) {
					defer clone.Drop()
					return struct{}{}, clone.Send(i).Await(ctx)
				})
			}
			for range rx.All(ctx) { //nolint:revive // counts nothing
			}
			return nil
		}, task.Named("collector"))
		warnings := own(time.Minute)
		if assert.Len(t, warnings, 1) {
			assert.Contains(t, warnings[0].Text, `task "collector"`)
		}
		h.Cancel()
		_, err := h.Await(context.Background())
		assert.NoError(t, err)
	})
}

func TestNothingIsSaidOfATaskThatPollsAFutureOfItsOwn(t *testing.T) {
	observed(t, func(t *testing.T, ctx context.Context) {
		var recv future.Future[int]
		var tx *async.Sender[int]
		h := task.SpawnFuture(ctx, future.PollFunc(func(cx *future.Context) (int, bool, error) {
			if recv == nil {
				var rx *async.Receiver[int]
				tx, rx = async.Unbounded[int]()
				clone := tx.Clone()
				go clone.Drop()
				recv = rx.Recv()
			}
			return recv.Poll(cx)
		}), task.Named("polled"))
		assert.Empty(t, own(time.Minute), "what else such a future waits for is not known")
		h.Cancel()
		_, err := h.Await(context.Background())
		assert.Error(t, err)
		recv.Drop()
		tx.Drop()
	})
}

func TestASenderThatSendsToItselfIsWarnedOf(t *testing.T) {
	observed(t, func(t *testing.T, _ context.Context) {
		ended := make(chan struct{})
		first := make(chan *mpsc.Receiver[int], 1)
		go func() {
			defer close(ended)
			tx, rx := mpsc.SyncChannel[int](1)
			first <- rx
			assert.NoError(t, tx.Send(1))
			assert.ErrorIs(t, tx.Send(2), mpsc.ErrDisconnected)
			tx.Drop()
		}()
		assert.Empty(t, own(2*time.Second), "a receiver may be slow to begin")
		warnings := own(5 * time.Second)
		if assert.Len(t, warnings, 1) {
			assert.Contains(t, warnings[0].Text, "waits in a send and made every receiver, one of them at ownhandle_test.go:")
		}
		(<-first).Drop()
		<-ended
	})
}

// Whatever else could end the wait.
func TestNothingIsSaidOfAWaitThatOthersMayEnd(t *testing.T) {
	// Each is run by the goroutine that has made the channel, when another one has had a sender
	// and dropped it; nil is a wait without such a one.
	for name, change := range map[string]func(ctx context.Context, tx *async.Sender[int], rx *async.Receiver[int]){
		"a sender that was passed on and not used": func(ctx context.Context, tx *async.Sender[int], rx *async.Receiver[int]) {
			clone := tx.Clone()
			time.AfterFunc(time.Hour, clone.Drop)
			_, _ = rx.Recv().Await(ctx)
		},
		"a sender that a timer has used": func(ctx context.Context, tx *async.Sender[int], rx *async.Receiver[int]) {
			time.AfterFunc(time.Millisecond, func() { _ = tx.TrySend(1) })
			_, _ = rx.Recv().Await(ctx)
			_, _ = rx.Recv().Await(ctx)
		},
		"a sender that another goroutine watches": func(ctx context.Context, tx *async.Sender[int], rx *async.Receiver[int]) {
			go func() { <-tx.Done() }()
			_, _ = rx.Recv().Await(ctx)
		},
		"a weak sender": func(ctx context.Context, tx *async.Sender[int], rx *async.Receiver[int]) {
			weak := tx.Downgrade()
			time.AfterFunc(time.Hour, func() { weak.Upgrade() })
			_, _ = rx.Recv().Await(ctx)
		},
		"a permit": func(ctx context.Context, tx *async.Sender[int], rx *async.Receiver[int]) {
			p, _ := tx.TryReserve()
			time.AfterFunc(time.Hour, p.Drop)
			_, _ = rx.Recv().Await(ctx)
		},
		"a race": func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) {
			_, _ = future.Await(ctx, future.Race[int](rx.Recv(), future.Map(future.After(time.Hour), func(time.Time) int { return 0 })))
		},
		"many short waits": func(ctx context.Context, _ *async.Sender[int], rx *async.Receiver[int]) {
			for ctx.Err() == nil {
				short, cancel := context.WithTimeout(ctx, time.Second)
				_, _ = rx.Recv().Await(short)
				cancel()
			}
		},
		"no other sender so far": nil,
	} {
		t.Run(name, func(t *testing.T) {
			observed(t, func(t *testing.T, _ context.Context) {
				ctx, cancel := context.WithCancel(context.Background())
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					tx, rx := async.Bounded[int](2)
					defer tx.Drop()
					defer rx.Drop()
					if change == nil {
						tx.Clone().Drop() // a send would make it a deadlock for [observe.State.Cycles]
						_, _ = rx.Recv().Await(ctx)
						return
					}
					other := tx.Clone()
					go other.Drop()
					change(ctx, tx, rx)
				}()
				assert.Empty(t, own(time.Minute))
				cancel()
				<-ended
			})
		})
	}
}

// What a deadlock has is not said twice, and a task that may go on is not warned of.
func TestADeadlockIsNotAlsoAnOwnHandle(t *testing.T) {
	holder := &observe.Holder{Actor: 1, Site: "/src/main.go:12"}
	wait := observe.Waiting{Actor: 1, Op: "recv", For: time.Minute}
	kinds := func(s observe.State) string {
		var all []observe.WarningKind
		for _, w := range s.Warnings() {
			all = append(all, w.Kind)
		}
		return fmt.Sprint(all)
	}
	c := link(100, ids{1}, ids{1}, wait)
	c.SenderHolder = holder
	assert.Equal(t, "[deadlock]", kinds(observe.State{Channels: []observe.Channel{c}}))
	c.Handles[0].Used = false
	assert.Equal(t, "[own handle]", kinds(observe.State{Channels: []observe.Channel{c}}))
	assert.Equal(t, "[]", kinds(observe.State{Channels: []observe.Channel{c}, Tasks: []observe.Task{{ID: 1, State: "ready"}}}))
	assert.Equal(t, "[own handle]", kinds(observe.State{Channels: []observe.Channel{c}, Tasks: []observe.Task{{ID: 1, State: "waiting"}}}))
	c.Waiting[0].Polled = true
	assert.Equal(t, "[]", kinds(observe.State{Channels: []observe.Channel{c}}))
	c.Waiting[0].Polled, c.Waiting[0].What = false, "recv with a timeout"
	assert.Equal(t, "[]", kinds(observe.State{Channels: []observe.Channel{c}}))
	c.Waiting[0].What, c.Waiting[0].Actor = "", 2
	assert.Equal(t, "[]", kinds(observe.State{Channels: []observe.Channel{c}}))
}
