package mpsc_test

import (
	"runtime"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/sync/mpsc"
)

type cargo struct{ _ [256]byte }

// A wait, a call or a handle that is over keeps nothing that it was given, although the handles
// and the channel are kept.
func TestWhatIsOverKeepsNoMessage(t *testing.T) {
	kinds := map[string]func(message func() *cargo) (held any){
		"a send that waited": func(message func() *cargo) any {
			tx, rx := mpsc.SyncChannel[*cargo](0)
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() { assert.NoError(t, tx.Send(message())) })
			}
			for range 100 {
				_, err := rx.Recv()
				require.NoError(t, err)
			}
			wg.Wait()
			return []any{tx, rx}
		},
		"a receive that waited": func(message func() *cargo) any {
			tx, rx := mpsc.Channel[*cargo]()
			received := make(chan error)
			go func() {
				_, err := rx.Recv()
				received <- err
			}()
			time.Sleep(time.Millisecond)
			require.NoError(t, tx.Send(message()))
			require.NoError(t, <-received)
			return []any{tx, rx}
		},
		"a send that gave up": func(message func() *cargo) any {
			tx, rx := mpsc.SyncChannel[*cargo](0)
			require.Error(t, tx.SendTimeout(message(), time.Millisecond))
			_, err := rx.RecvTimeout(time.Millisecond)
			require.Error(t, err)
			return []any{tx, rx}
		},
		"a batch": func(message func() *cargo) any {
			tx, rx := mpsc.SyncChannel[*cargo](2000)
			vs := make([]*cargo, 2000)
			for i := range vs {
				vs[i] = message()
			}
			_, err := tx.SendMany(vs)
			require.NoError(t, err)
			_, err = rx.RecvMany(vs)
			require.NoError(t, err)
			return []any{tx, rx}
		},
		"iterators": func(message func() *cargo) any {
			tx, rx := mpsc.Channel[*cargo]()
			require.NoError(t, tx.Send(message()))
			all, try := rx.All(), rx.TryAll()
			for range all {
				break
			}
			for range try {
			}
			return []any{tx, rx, all, try}
		},
		"a receiver, dropped": func(message func() *cargo) any {
			tx, rx := mpsc.Channel[*cargo]()
			ready := rx.Ready()
			require.NoError(t, tx.Send(message()))
			rx.Drop()
			return []any{tx, rx, ready}
		},
	}
	for name, run := range kinds {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var all []weak.Pointer[cargo]
			held := run(func() *cargo {
				v := new(cargo)
				mu.Lock()
				defer mu.Unlock()
				all = append(all, weak.Make(v))
				return v
			})
			deadline := time.Now().Add(time.Minute)
			for _, p := range all {
				for p.Value() != nil && time.Now().Before(deadline) {
					runtime.GC()
				}
				assert.Nil(t, p.Value())
			}
			runtime.KeepAlive(held)
		})
	}
}

// However many wait at once, a handle does not keep waiters of the size of their messages.
func TestABurstOfLargeMessagesDoesNotStayInTheWaiters(t *testing.T) {
	type frame [32 << 10]byte
	heap := func() int64 {
		for range 3 {
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	tx, rx := mpsc.SyncChannel[frame](1)
	const n = 64
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { assert.NoError(t, tx.Send(frame{})) })
	}
	for range n {
		_, err := rx.Recv()
		require.NoError(t, err)
	}
	wg.Wait()
	_, err := rx.RecvTimeout(time.Millisecond)
	require.Error(t, err)
	assert.Less(t, heap()-before, int64(n*len(frame{})/4))
	runtime.KeepAlive([]any{tx, rx})
}
