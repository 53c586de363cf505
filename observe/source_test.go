package observe_test

import (
	"encoding/json"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// The bubbles are so that a source is never late because the machine is.

// remotes are the names of the remote channels in a snapshot.
func remotes(s *observe.State) []string {
	names := []string{}
	for _, r := range s.Remote {
		names = append(names, r.Name)
	}
	return names
}

func TestASourceIsAskedWhileRecordingIsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		defer observe.Register(observe.Remote{Name: "orders", Capacity: -1}, func(r *observe.Remote) {
			asked++
			assert.Equal(t, observe.Remote{ID: r.ID, Name: "orders", Capacity: -1}, *r, "as it was registered, each time")
			r.ID, r.Lag = 1<<60, uint64(asked)
		})()
		off := observe.Snapshot()
		assert.Empty(t, off.Remote)
		assert.NotNil(t, off.Remote, "a list in JSON")
		assert.Zero(t, asked)

		stop := observe.Enable(observe.Options{})
		defer stop()
		first, second := observe.Snapshot(), observe.Snapshot()
		require.Equal(t, []string{"orders"}, remotes(first))
		assert.EqualValues(t, 1, first.Remote[0].Lag)
		assert.EqualValues(t, 2, second.Remote[0].Lag)
		assert.NotZero(t, first.Remote[0].ID)
		assert.Less(t, first.Remote[0].ID, uint64(1<<60), "the number is not the source's to choose")
		assert.Equal(t, first.Remote[0].ID, second.Remote[0].ID)
		stop()
		assert.Empty(t, observe.Snapshot().Remote)
		assert.Equal(t, 2, asked)
	})
}

func TestASourceThatIsUnregisteredIsGone(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	nothing := func(*observe.Remote) {}
	first := observe.Register(observe.Remote{Name: "first"}, nothing)
	second := observe.Register(observe.Remote{Name: "second"}, nothing)
	assert.Equal(t, []string{"first", "second"}, remotes(observe.Snapshot()))
	first()
	first()
	assert.Equal(t, []string{"second"}, remotes(observe.Snapshot()))
	second()
	assert.Equal(t, []string{}, remotes(observe.Snapshot()))
}

func TestASlowSourceDelaysNeitherASnapshotNorTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer observe.Enable(observe.Options{})()
		var asked atomic.Uint64
		more := make(chan struct{})
		defer observe.Register(observe.Remote{Name: "slow"}, func(r *observe.Remote) {
			if r.Lag = asked.Add(1); r.Lag > 1 {
				<-more
			}
		})()
		defer observe.Register(observe.Remote{Name: "quick"}, func(r *observe.Remote) { r.Lag = 7 })()

		quick := time.Now()
		assert.EqualValues(t, 1, observe.Snapshot().Remote[0].Lag)
		assert.Zero(t, time.Since(quick), "a snapshot waits for nothing but the answers")
		for range 3 {
			start := time.Now()
			rows := observe.Snapshot().Remote
			assert.LessOrEqual(t, time.Since(start), 20*time.Millisecond)
			require.Len(t, rows, 2)
			assert.EqualValues(t, 1, rows[0].Lag, "as it was before")
			assert.EqualValues(t, 7, rows[1].Lag)
		}
		assert.EqualValues(t, 2, asked.Load(), "not again while it thinks")
		close(more)
		synctest.Wait()
		assert.EqualValues(t, 3, observe.Snapshot().Remote[0].Lag)
	})
}

func TestASourceThatNeverAnsweredHasARowThatSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer observe.Enable(observe.Options{})()
		more := make(chan struct{})
		defer close(more)
		defer observe.Register(observe.Remote{Name: "silent", Where: "nats://a"}, func(*observe.Remote) { <-more })()
		rows := observe.Snapshot().Remote
		require.Len(t, rows, 1)
		assert.Equal(t, "nats://a", rows[0].Where)
		assert.Equal(t, "it has not reported anything yet", rows[0].Err)
	})
}

func TestAPanicOfASourceStaysInItsRow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer observe.Enable(observe.Options{})()
		breaks := func() {}
		defer observe.Register(observe.Remote{Name: "odd"}, func(r *observe.Remote) {
			r.Lag = 3
			breaks()
		})()
		defer observe.Register(observe.Remote{Name: "sound"}, func(*observe.Remote) {})()
		assert.Empty(t, observe.Snapshot().Remote[0].Err)
		for want, b := range map[string]func(){
			"panic: no such thing":                     func() { panic("no such thing") },
			"it has ended the goroutine that asked it": func() { runtime.Goexit() },
		} {
			breaks = b
			rows := observe.Snapshot().Remote
			assert.Equal(t, want, rows[0].Err)
			assert.EqualValues(t, 3, rows[0].Lag, "of the time before")
			assert.Empty(t, rows[1].Err)
		}
		breaks = func() {}
		assert.Empty(t, observe.Snapshot().Remote[0].Err, "it has recovered")
	})
}

func TestTheVariableHasTheRemoteChannels(t *testing.T) {
	defer observe.Enable(observe.Options{})()
	defer observe.Register(observe.Remote{Name: "orders"}, func(*observe.Remote) {})()
	var s observe.State
	require.NoError(t, json.Unmarshal([]byte(observe.Var().String()), &s))
	assert.Equal(t, []string{"orders"}, remotes(&s))
}
