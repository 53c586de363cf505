package async_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// Every call of this module that waits, in a testing/synctest bubble: it is durably
// blocked there, so the bubble's clock goes on, and it ends at the right moment of it.

// patience is how long each of them waits.
const patience = time.Hour

// stuck are channels on which nothing goes on: the receivers find nothing, and the
// senders no room.
type stuck struct {
	tx    *mpsc.SyncSender[int]
	rx    *mpsc.Receiver[int]
	atx   *async.Sender[int]
	arx   *async.Receiver[int]
	full  *mpsc.SyncSender[int]
	afull *async.Sender[int]
	held  []interface{ Drop() } // what keeps the other ends
}

func newStuck(t *testing.T) *stuck {
	s := new(stuck)
	s.tx, s.rx = mpsc.SyncChannel[int](1)
	s.atx, s.arx = async.Bounded[int](1)
	var rx *mpsc.Receiver[int]
	s.full, rx = mpsc.SyncChannel[int](1)
	require.NoError(t, s.full.Send(0))
	var arx *async.Receiver[int]
	s.afull, arx = async.Bounded[int](1)
	require.NoError(t, s.afull.TrySend(0))
	s.held = append(s.held, rx, arx)
	return s
}

func err1[T any](_ T, err error) error { return err }

// byContext are the calls that wait until ctx ends.
var byContext = map[string]func(ctx context.Context, s *stuck) error{
	"mpsc RecvContext":     func(ctx context.Context, s *stuck) error { return err1(s.rx.RecvContext(ctx)) },
	"mpsc RecvManyContext": func(ctx context.Context, s *stuck) error { return err1(s.rx.RecvManyContext(ctx, make([]int, 2))) },
	"mpsc AllContext": func(ctx context.Context, s *stuck) error {
		for range s.rx.AllContext(ctx) {
		}
		return ctx.Err()
	},
	"mpsc SendContext":     func(ctx context.Context, s *stuck) error { return s.full.SendContext(ctx, 1) },
	"mpsc SendManyContext": func(ctx context.Context, s *stuck) error { return err1(s.full.SendManyContext(ctx, []int{1})) },
	"async Recv":           func(ctx context.Context, s *stuck) error { return err1(s.arx.Recv().Await(ctx)) },
	"async RecvMany":       func(ctx context.Context, s *stuck) error { return err1(s.arx.RecvMany(make([]int, 2)).Await(ctx)) },
	"async All": func(ctx context.Context, s *stuck) error {
		for range s.arx.All(ctx) {
		}
		return ctx.Err()
	},
	"async Send":        func(ctx context.Context, s *stuck) error { return s.afull.Send(1).Await(ctx) },
	"async SendMany":    func(ctx context.Context, s *stuck) error { return err1(s.afull.SendMany([]int{1}).Await(ctx)) },
	"async Reserve":     func(ctx context.Context, s *stuck) error { return err1(s.afull.Reserve().Await(ctx)) },
	"async ReserveMany": func(ctx context.Context, s *stuck) error { return err1(s.afull.ReserveMany(1).Await(ctx)) },
	"async Closed":      func(ctx context.Context, s *stuck) error { return err1(future.Await(ctx, s.atx.Closed())) },
	"async Selector": func(ctx context.Context, s *stuck) error {
		return err1(async.Select(async.On(s.arx, func(v int, _ error) int { return v })).Next().Await(ctx))
	},
	"async ForEach": func(ctx context.Context, s *stuck) error {
		return err1(future.Await(ctx, async.ForEach(s.arx, func(context.Context, int) error { return nil })))
	},
	"async Pipe": func(ctx context.Context, s *stuck) error {
		return err1(future.Await(ctx, async.Pipe(s.arx, s.afull, func(_ context.Context, v int) (int, error) { return v, nil })))
	},
	"future Await": func(ctx context.Context, _ *stuck) error { return err1(future.Await(ctx, future.Pending[int]())) },
	"future Promise": func(ctx context.Context, _ *stuck) error {
		_, f := future.NewPromise[int]()
		return err1(future.Await(ctx, f))
	},
	"future Race": func(ctx context.Context, s *stuck) error {
		return err1(future.Await(ctx, future.Race(future.Future[int](s.arx.Recv()), future.Pending[int]())))
	},
	"task Sleep": func(ctx context.Context, _ *stuck) error { return task.Sleep(ctx, 2*patience) },
}

// bySelf are the calls that have a limit of their own.
var bySelf = map[string]func(s *stuck) error{
	"mpsc RecvTimeout":  func(s *stuck) error { return err1(s.rx.RecvTimeout(patience)) },
	"mpsc RecvDeadline": func(s *stuck) error { return err1(s.rx.RecvDeadline(time.Now().Add(patience))) },
	"mpsc SendTimeout":  func(s *stuck) error { return s.full.SendTimeout(1, patience) },
	"mpsc SendDeadline": func(s *stuck) error { return s.full.SendDeadline(1, time.Now().Add(patience)) },
	"future Timeout": func(s *stuck) error {
		return err1(future.Await(context.Background(), future.Timeout(patience, future.Future[int](s.arx.Recv()))))
	},
}

// byDrop are the calls that only the other side ends, or the Drop of their handle.
var byDrop = map[string]func(s *stuck) error{
	"mpsc Recv":          func(s *stuck) error { return err1(s.rx.Recv()) },
	"mpsc RecvMany":      func(s *stuck) error { return err1(s.rx.RecvMany(make([]int, 2))) },
	"mpsc Ready":         func(s *stuck) error { <-s.rx.Ready(); return err1(s.rx.TryRecv()) },
	"mpsc Done":          func(s *stuck) error { <-s.tx.Done(); return s.tx.Send(1) },
	"mpsc Send":          func(s *stuck) error { return s.full.Send(1) },
	"mpsc SendMany":      func(s *stuck) error { return err1(s.full.SendMany([]int{1})) },
	"async RecvBlocking": func(s *stuck) error { return err1(s.arx.RecvBlocking()) },
	"async Ready":        func(s *stuck) error { <-s.arx.Ready(); return err1(s.arx.TryRecv()) },
	"async Done":         func(s *stuck) error { <-s.atx.Done(); return s.atx.TrySend(1) },
	"async SendBlocking": func(s *stuck) error { return s.afull.SendBlocking(1) },
	"future Chan":        func(s *stuck) error { return (<-future.Chan[int](s.arx.Recv())).Err },
}

func TestEveryWaitIsDurablyBlockedInABubbleAndEndsByItsClock(t *testing.T) {
	type call = func(ctx context.Context, s *stuck) error
	calls := map[string]call{}
	want := map[string]error{}
	for name, wait := range byContext {
		calls[name], want[name] = wait, context.DeadlineExceeded
	}
	for name, wait := range bySelf {
		calls[name], want[name] = func(_ context.Context, s *stuck) error { return wait(s) }, mpsc.ErrTimeout
	}
	for name, wait := range byDrop {
		calls[name] = func(_ context.Context, s *stuck) error {
			time.AfterFunc(patience, func() {
				s.tx.Drop()
				s.rx.Drop()
				s.atx.Drop()
				s.arx.Drop()
				s.full.Drop()
				s.afull.Drop()
			})
			return wait(s)
		}
		want[name] = nil // any error
	}
	for name, wait := range calls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStuck(t)
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				over := make(chan error, 1)
				began := time.Now()
				go func() { over <- wait(ctx, s) }()
				synctest.Wait() // returns only if the call is durably blocked
				require.Empty(t, over)
				err := <-over
				require.Error(t, err)
				if want[name] != nil {
					require.ErrorIs(t, err, want[name])
				}
				require.Equal(t, patience, time.Since(began))
				for _, end := range s.held {
					end.Drop()
				}
			})
		})
	}
}

// The same in tasks of one worker, which all wait at once. The runtime's housekeeping
// keeps the clock of the bubble going; see task.New.
func TestEveryWaitByContextEndsByTheClockOfABubbleInTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := task.New(task.WithWorkers(1), task.WithStallRelief(0))
		require.NoError(t, err)
		began := time.Now()
		ctx, cancel := context.WithTimeout(rt.Context(context.Background()), patience)
		defer cancel()
		var set task.JoinSet[string]
		for name, wait := range byContext {
			s := newStuck(t)
			set.Spawn(ctx, func(ctx context.Context) (string, error) { return name, wait(ctx, s) })
		}
		for range byContext {
			name, ok, err := set.Next(context.Background())
			require.True(t, ok)
			assert.ErrorIs(t, err, context.DeadlineExceeded, name)
			assert.Equal(t, patience, time.Since(began), name)
		}
		require.NoError(t, rt.Shutdown(context.Background()))
	})
}
