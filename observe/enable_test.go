package observe_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/probe"
	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

func level() string { return observe.Snapshot().Level }

func TestRecordingIsOffBeforeAndAfter(t *testing.T) {
	assert.Equal(t, "off", level())
	stop := observe.Enable(observe.Options{})
	assert.Equal(t, "counts", level())
	stop()
	stop()
	assert.Equal(t, "off", level())
}

func TestOfSeveralRecordingsTheMostIsDone(t *testing.T) {
	counts := observe.Enable(observe.Options{})
	events := observe.Enable(observe.Options{Events: 100})
	assert.Equal(t, "events", level())
	counts()
	counts() // again: not the other one
	assert.Equal(t, "events", level())
	more := observe.Enable(observe.Options{})
	events()
	assert.Equal(t, "counts", level())
	more()
	assert.Equal(t, "off", level())
}

func TestTheRingIsKeptUnlessALargerOneIsWanted(t *testing.T) {
	seen := func() int { return len(observe.Events(observe.Filter{})) }
	defer observe.Enable(observe.Options{Events: 100})()
	assert.Zero(t, seen())
	for range 150 {
		probe.Emit(probe.Event{Kind: probe.Made})
	}
	assert.Equal(t, 100, seen())
	assert.EqualValues(t, 150, observe.Snapshot().Events)
	assert.EqualValues(t, 50, observe.Snapshot().Lost)
	observe.Enable(observe.Options{Events: 50})()
	assert.Equal(t, 100, seen())
	stop := observe.Enable(observe.Options{Events: 200})
	assert.Zero(t, seen())
	stop()
	for range 150 {
		probe.Emit(probe.Event{Kind: probe.Made})
	}
	assert.Equal(t, 150, seen(), "it is in use, and kept")
	assert.Zero(t, observe.Recorded().Lost)
}

func TestTheLatestLabelNamesMessages(t *testing.T) {
	assert.Empty(t, probe.Label(1))
	first := observe.Enable(observe.Options{Label: func(any) string { return "first" }})
	second := observe.Enable(observe.Options{Label: func(any) string { return "second" }})
	third := observe.Enable(observe.Options{})
	assert.Equal(t, "second", probe.Label(1))
	second()
	assert.Equal(t, "first", probe.Label(1))
	first()
	third()
	assert.Empty(t, probe.Label(1))
}

func TestNoRoomForLessThanNoEvents(t *testing.T) {
	assert.PanicsWithValue(t, "observe: Enable with room for -1 events", func() { observe.Enable(observe.Options{Events: -1}) })
	assert.Equal(t, "off", level())
}

// What nothing was recorded of is there and empty, for programs that read the JSON.
func TestAnEmptyStateHasListsAndNoNulls(t *testing.T) {
	alone(t)
	var back map[string]any
	require.NoError(t, json.Unmarshal([]byte(observe.Var().String()), &back))
	assert.Equal(t, "off", back["level"])
	for _, list := range []string{"channels", "tasks", "actors"} {
		assert.Equal(t, []any{}, back[list], list)
	}
}

func TestEveryKindOfEventHasAWord(t *testing.T) {
	defer observe.Enable(observe.Options{Events: 100})()
	for k := probe.Made; k <= probe.Panicked; k++ {
		probe.Emit(probe.Event{Kind: k, Op: probe.Other, Side: probe.ReceiverSide, Actor: probe.Self()})
	}
	seen := make(map[observe.Kind]bool)
	for _, e := range observe.Events(observe.Filter{}) {
		assert.NotEmpty(t, e.Kind)
		assert.Equal(t, "other", e.Op)
		assert.Equal(t, "receiver", e.Side)
		seen[e.Kind] = true
	}
	assert.Len(t, seen, int(probe.Panicked))
}

func TestAGoroutineHasTheNameItTookAndItsNumber(t *testing.T) {
	defer observe.Enable(observe.Options{Events: 100})()
	done := make(chan struct{})
	go func() {
		defer close(done)
		observe.Name("collector")
		probe.Emit(probe.Event{Kind: probe.Made, Actor: probe.Self()})
	}()
	<-done
	r := observe.Recorded()
	require.Len(t, r.Actors, 1)
	assert.Equal(t, "collector", r.Actors[0].Name)
	assert.NotZero(t, r.Actors[0].Goroutine)
	assert.False(t, r.Actors[0].Task)

	outer := observe.Name("outer")
	inner := observe.Name("inner")
	named := func() string { return probe.Actors([]uint64{probe.Self()})[0].Name }
	assert.Equal(t, "inner", named())
	inner()
	assert.Equal(t, "outer", named())
	outer()
	assert.Empty(t, named())
}

// A task of a recording that has ended is not shown by the next one.
func TestARecordingBeginsWithoutTheTasksThatHaveEnded(t *testing.T) {
	rt, err := task.New()
	require.NoError(t, err)
	defer rt.Shutdown(context.Background())
	run := func(name string) {
		task.Go(rt.Context(context.Background()), func(context.Context) error { return nil }, task.Named(name)).Await(context.Background())
	}
	stop := observe.Enable(observe.Options{})
	run("first")
	stop()
	assert.Len(t, observe.Snapshot().Tasks, 1)
	defer observe.Enable(observe.Options{})()
	run("second")
	tasks := observe.Snapshot().Tasks
	require.Len(t, tasks, 1)
	assert.Equal(t, "second", tasks[0].Name)
	assert.True(t, slices.ContainsFunc(observe.Snapshot().Actors, func(a observe.Actor) bool { return a.Name == "second" && a.Task }))
}

// A name may come from the users of a program, and it goes to every page in every snapshot.
func TestOfAVeryLongNameTheBeginningIsKept(t *testing.T) {
	defer observe.Enable(observe.Options{Events: 100})()
	long := "orders of " + strings.Repeat("ä", 1<<20)
	defer observe.Name(long)()
	tx, rx := mpsc.Channel[int](mpsc.Named(long))
	defer tx.Drop()
	defer rx.Drop()
	task.Go(t.Context(), func(context.Context) error { return nil }, task.Named(long)).Await(t.Context())
	var all []string
	s := observe.Snapshot()
	for _, c := range s.Channels {
		all = append(all, c.Name)
	}
	for _, k := range s.Tasks {
		all = append(all, k.Name)
	}
	for _, a := range s.Actors {
		all = append(all, a.Name)
	}
	for _, e := range observe.Events(observe.Filter{}) {
		all = append(all, e.Text)
	}
	cut := 0
	for _, name := range all {
		assert.LessOrEqual(t, len(name), 1100)
		if strings.HasPrefix(name, "orders of ") {
			cut++
			assert.True(t, utf8.ValidString(name))
		}
	}
	assert.GreaterOrEqual(t, cut, 6, "the channel, the task, both actors, and two events")
}
