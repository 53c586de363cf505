package async_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

func TestAWakerThatPanicsOrExitsKeepsNoOtherWaiterAsleep(t *testing.T) {
	for how, end := range map[string]func(){"panic": func() { panic("waker") }, "Goexit": runtime.Goexit} {
		for name, happen := range map[string]func(tx *async.Sender[int], rx *async.Receiver[int]){
			"last sender": func(tx *async.Sender[int], _ *async.Receiver[int]) { tx.Drop() },
			"close":       func(tx *async.Sender[int], _ *async.Receiver[int]) { tx.Close() },
			"batch": func(tx *async.Sender[int], _ *async.Receiver[int]) {
				_, _ = tx.SendMany([]int{1, 2, 3, 4}).Await(context.Background())
			},
			"last receiver": func(_ *async.Sender[int], rx *async.Receiver[int]) { rx.Drop() },
		} {
			t.Run(how+", "+name, func(t *testing.T) {
				tx, rx := async.Unbounded[int]()
				var others []*counter
				wait := func(w future.Waker) {
					_, ready, _ := rx.Recv().Poll(future.NewContext(t.Context(), w))
					require.False(t, ready)
				}
				for i := range 4 {
					if i%2 == 0 {
						wait(wakerFunc(end))
						continue
					}
					c := new(counter)
					others = append(others, c)
					wait(c)
				}
				over := make(chan struct{})
				go func() {
					defer close(over)
					defer func() { _ = recover() }()
					happen(tx, rx)
				}()
				<-over
				for _, c := range others {
					assert.Equal(t, 1, c.count())
				}
				tx.Drop() // no lock is held
				rx.Drop()
			})
		}
	}
}

func TestDiscardedIsCalledWhateverAWakerDoes(t *testing.T) {
	for how, end := range map[string]func(){"panic": func() { panic("waker") }, "Goexit": runtime.Goexit} {
		t.Run(how, func(t *testing.T) {
			tx, rx := async.Bounded[*future.Promise[int]](1)
			promise, reply := future.NewPromise[int]()
			require.NoError(t, tx.TrySend(promise))
			_, ready, _ := tx.Closed().Poll(future.NewContext(t.Context(), wakerFunc(end)))
			require.False(t, ready)
			over := make(chan struct{})
			go func() {
				defer close(over)
				defer func() { _ = recover() }()
				rx.Drop()
			}()
			<-over
			_, err := poll(t, reply)
			require.ErrorIs(t, err, future.ErrDropped)
		})
	}
}

type wakerFunc func()

func (f wakerFunc) Wake() { f() }

func TestAWakerThatIsKeptForEverIsHarmless(t *testing.T) {
	tx, rx := async.Bounded[int](1)
	var kept []future.Waker
	events := async.Select(async.On(rx, func(v int, _ error) int { return v }))
	keep := future.PollFunc(func(cx *future.Context) (int, bool, error) {
		kept = append(kept, cx.Waker())
		return 0, false, nil
	})
	cx, woken := newCx()
	race := future.RaceBiased(keep, future.Future[int](rx.Recv()), future.Future[int](events.Next()))
	_, ready, _ := race.Poll(cx)
	require.False(t, ready)
	race.Drop()
	before := woken.count()
	tx.Drop()
	rx.Drop()
	for range 100 {
		for _, w := range kept {
			w.Wake()
		}
	}
	require.Equal(t, before, woken.count())
}
