package async_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
)

// The cases async_send_recv_many_with_buffer, send_recv_many_{un,}bounded_capacity and
// recv_many_with_non_empty_buffer_*_rx_closed_and_idle of tokio.
func TestRecvManyTakesWhatIsReadyAndNoMore(t *testing.T) {
	forEachFlavour(t, func(t *testing.T, f flavour) {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := f.open()
			buf := []int{-1, -1, -1, -1}
			n, err := rx.RecvMany(nil).Await(t.Context())
			require.NoError(t, err)
			require.Zero(t, n)
			n, err = rx.TryRecvMany(nil)
			require.NoError(t, err)
			require.Zero(t, n)
			n, err = rx.TryRecvMany(buf)
			require.ErrorIs(t, err, async.ErrEmpty)
			require.Zero(t, n)
			polled := rx.RecvMany(buf)
			woken := assertPending(t, polled)
			go func() {
				n, err := tx.SendMany([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).Await(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, 10, n)
				tx.Drop()
			}()
			synctest.Wait()
			require.Equal(t, 1, woken.count())
			n, err = poll(t, polled)
			require.NoError(t, err)
			next := 0
			for err == nil {
				require.Positive(t, n)
				for _, v := range buf[:n] {
					require.Equal(t, next, v)
					next++
				}
				n, err = rx.RecvMany(buf).Await(t.Context())
			}
			require.ErrorIs(t, err, async.ErrClosed)
			require.Equal(t, 10, next)
		})
	})
}

func TestSendManyReportsExactlyHowFarItCame(t *testing.T) {
	for _, how := range []string{"cancelled", "dropped", "closed"} {
		for _, polled := range []bool{false, true} {
			forEachFlavour(t, func(t *testing.T, f flavour) {
				if f.capacity == unbounded {
					return
				}
				synctest.Test(t, func(t *testing.T) {
					tx, rx := f.open()
					vs := make([]int, f.capacity+10)
					for i := range vs {
						vs[i] = i
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					send := tx.SendMany(vs)
					type result struct {
						n   int
						err error
					}
					done := make(chan result, 1)
					if polled {
						assertPending(t, send)
					}
					if how != "dropped" {
						go func() {
							n, err := send.Await(ctx)
							done <- result{n, err}
						}()
					} else if !polled {
						return
					}
					synctest.Wait()
					for i := range 4 {
						v, err := rx.Recv().Await(t.Context())
						require.NoError(t, err)
						require.Equal(t, i, v)
					}
					switch how {
					case "cancelled":
						cancel()
					case "dropped":
						send.Drop()
						done <- result{send.Sent(), async.ErrDropped}
					case "closed":
						tx.Close()
					}
					got := <-done
					require.Equal(t, f.capacity+4, got.n)
					require.Error(t, got.err)
					require.Equal(t, f.capacity+4, send.Sent())
					require.Equal(t, f.capacity, rx.Len())
				})
			})
		}
	}
}
