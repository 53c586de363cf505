package async_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// A long batch reserves the slots that it is going to fill. If the channel is closed or the
// sender dropped before it fills them, it gives them back, and that wakes what waits for the
// end of the channel or for slots. The limits of time only end a test that would hang.
func TestALongBatchThatIsRefusedWakesWhatWaits(t *testing.T) {
	const n = 1 << 21
	batch := make([]int, n)
	sends := map[string]func(*async.Sender[int]) int{
		"awaited": func(tx *async.Sender[int]) int {
			k, _ := tx.SendMany(batch).Await(t.Context())
			return k
		},
		"polled": func(tx *async.Sender[int]) int {
			k, _, _ := tx.SendMany(batch).Poll(future.NewContext(t.Context(), deaf{}))
			return k
		},
	}
	ends := map[string]func(tx, other *async.Sender[int], rx *async.Receiver[int]) error{
		"closed": func(_, other *async.Sender[int], rx *async.Receiver[int]) error {
			other.Close()
			_, err := rx.RecvBlocking()
			return err
		},
		"senders dropped": func(tx, other *async.Sender[int], rx *async.Receiver[int]) error {
			tx.Drop()
			other.Drop()
			_, err := rx.RecvBlocking()
			return err
		},
		"sender dropped": func(tx, other *async.Sender[int], _ *async.Receiver[int]) error {
			tx.Drop()
			p, err := other.Reserve().Await(t.Context())
			if err == nil {
				p.Drop()
				err = async.ErrClosed // as the others
			}
			return err
		},
	}
	for how, send := range sends {
		for why, end := range ends {
			t.Run(how+", "+why, func(t *testing.T) {
				for range 50 { // the batch may be faster
					tx, rx := async.Bounded[int](n)
					other := tx.Clone()
					sent := make(chan int, 1)
					go func() { sent <- send(tx) }()
					for other.Available() == n {
						runtime.Gosched()
					}
					ended := make(chan error, 1)
					go func() { ended <- end(tx, other, rx) }()
					refused := <-sent == 0
					if !refused {
						rx.Drop() // a reservation would wait for slots
						<-ended
						continue
					}
					select {
					case err := <-ended:
						require.ErrorIs(t, err, async.ErrClosed)
					case <-time.After(10 * time.Second):
						assert.Fail(t, "a waiter was not woken")
					}
					rx.Drop()
					return
				}
				t.Skip("the batch was always faster")
			})
		}
	}
}
