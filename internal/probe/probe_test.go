package probe_test

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/probe"
)

func record(t *testing.T, size int) {
	t.Helper()
	probe.Set(probe.Events, size)
	t.Cleanup(func() { probe.Set(probe.Off, 0) })
}

func TestEventsAreReadInOrderAndOnce(t *testing.T) {
	record(t, 32)
	require.Empty(t, probe.Read(0))
	for i := range 5 {
		probe.Emit(probe.Event{Kind: probe.Sent, Message: uint64(i)})
	}
	got := probe.Read(0)
	require.Len(t, got, 5)
	for i, e := range got {
		assert.EqualValues(t, i, e.Message)
		assert.Equal(t, got[0].Seq+uint64(i), e.Seq)
		assert.False(t, e.Time.IsZero())
	}
	assert.Len(t, probe.Read(got[2].Seq), 2)
	assert.Empty(t, probe.Read(got[4].Seq))
	assert.Empty(t, probe.Read(1<<63), "a number that is still to come")
}

func TestARingForgetsTheOldestAndCountsThem(t *testing.T) {
	record(t, 16)
	for i := range 50 {
		probe.Emit(probe.Event{Kind: probe.Sent, Message: uint64(i)})
	}
	got := probe.Read(0)
	require.Len(t, got, 16)
	assert.EqualValues(t, 34, got[0].Message)
	assert.EqualValues(t, 49, got[15].Message)
	assert.EqualValues(t, 50, probe.Recorded())
	assert.EqualValues(t, 34, probe.Lost())

	last := got[15].Seq
	probe.Set(probe.Events, 64)
	assert.Empty(t, probe.Read(0), "a ring begins empty")
	assert.Zero(t, probe.Recorded())
	assert.Zero(t, probe.Lost())
	probe.Emit(probe.Event{Kind: probe.Sent})
	assert.Equal(t, last+1, probe.Read(0)[0].Seq, "numbers are never used again")
}

func TestWhileNoEventsAreRecordedThereAreNone(t *testing.T) {
	record(t, 16)
	for _, l := range []probe.Level{probe.Off, probe.Counts} {
		probe.Set(l, 16)
		assert.Equal(t, l, probe.On())
		probe.Emit(probe.Event{Kind: probe.Sent})
		assert.Empty(t, probe.Read(0))
	}
}

func TestEventsOfManyGoroutinesHaveDifferentNumbers(t *testing.T) {
	record(t, 4000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 500 {
				probe.Emit(probe.Event{Kind: probe.Sent})
				if i%100 == 0 {
					probe.Read(0)
					probe.Lost()
				}
			}
		})
	}
	wg.Wait()
	got := probe.Read(0)
	require.Len(t, got, 4000)
	for i, e := range got {
		require.Equal(t, got[0].Seq+uint64(i), e.Seq)
	}
}

func TestAnActorIsTheGoroutineOrItsTask(t *testing.T) {
	self := probe.Self()
	other := make(chan uint64)
	go func() { other <- probe.Self() }()
	assert.NotEqual(t, self, <-other)
	assert.Equal(t, self, probe.Self())
	g := probe.Goroutine()
	buf := make([]byte, 100)
	assert.Contains(t, string(buf[:runtime.Stack(buf, false)]), "goroutine "+itoa(g)+" ")

	probe.Name("here")
	assert.Equal(t, []probe.Actor{{ID: self, Name: "here", Goroutine: g}}, probe.Actors([]uint64{self}))

	task := probe.NextID()
	assert.Zero(t, probe.Adopt(g, task))
	assert.Equal(t, task, probe.Self())
	inner := probe.NextID()
	assert.Equal(t, task, probe.Adopt(g, inner))
	assert.Equal(t, inner, probe.Adopt(g, task))
	probe.Release(g)
	assert.Equal(t, self, probe.Self())
	assert.True(t, probe.Actors([]uint64{task})[0].IsTask)
}

func itoa(n uint64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func TestTellingTheGoroutineAllocatesNothing(t *testing.T) {
	assert.Less(t, testing.AllocsPerRun(100, func() { probe.Self() }), 0.9, "the race detector empties pools at random")
}

type thing struct {
	self *thing // a cycle, which a registry that held it would keep for ever
	n    int
}

func TestARecordIsGoneWithWhatItDescribes(t *testing.T) {
	a := &thing{n: 1}
	a.self = a
	id := probe.NextID()
	probe.AddChannel(a, id, func(a *thing) probe.Channel { return probe.Channel{ID: id, Len: a.n} })
	task := probe.NextID()
	probe.AddTask(a, task, "painter", func(*thing) probe.Task { return probe.Task{ID: task} })
	removed := probe.NextID()
	probe.AddTask(a, removed, "", func(*thing) probe.Task { return probe.Task{ID: removed} })
	probe.RemoveTask(removed)
	probe.RemoveTask(removed)
	require.Equal(t, []probe.Channel{{ID: id, Len: 1}}, channelsSince(id))
	require.Equal(t, []probe.Task{{ID: task}}, tasksSince(id))
	runtime.KeepAlive(a)
	a = nil
	assert.Eventually(t, func() bool {
		runtime.GC()
		return len(channelsSince(id)) == 0 && len(tasksSince(id)) == 0
	}, time.Minute, time.Millisecond)
	assert.Equal(t, "painter", probe.Actors([]uint64{task})[0].Name, "events still name it")
}

// channelsSince and tasksSince leave out what earlier tests made: it may not be collected yet.
func channelsSince(id uint64) []probe.Channel {
	return slices.DeleteFunc(probe.Channels(), func(c probe.Channel) bool { return c.ID < id })
}

func tasksSince(id uint64) []probe.Task {
	return slices.DeleteFunc(probe.Tasks(), func(t probe.Task) bool { return t.ID < id })
}

func TestALabelIsContained(t *testing.T) {
	t.Cleanup(func() { probe.SetLabel(nil) })
	assert.False(t, probe.Labels())
	assert.Empty(t, probe.Label("secret"))
	probe.SetLabel(func(v any) string { return v.(string) })
	assert.True(t, probe.Labels())
	assert.Equal(t, "hello", probe.Label("hello"))
	assert.Equal(t, "(panic: *runtime.TypeAssertionError)", probe.Label(7))
	long := probe.Label(strings.Repeat("ä", 5000))
	assert.Less(t, len(long), 250)
	assert.True(t, utf8.ValidString(long))
}

func TestTheTablesServeBubblesAndOthersAtOnce(t *testing.T) {
	record(t, 64)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				probe.Emit(probe.Event{Kind: probe.Sent})
				probe.Adopt(probe.Goroutine(), 1)
				probe.Release(probe.Goroutine())
				probe.Channels()
			}
		}
	})
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			a := new(thing)
			probe.AddChannel(a, probe.NextID(), func(*thing) probe.Channel { return probe.Channel{} })
			for range 50 {
				go probe.Emit(probe.Event{Kind: probe.Received})
			}
			synctest.Wait()
		})
	}
	close(stop)
	wg.Wait()
}
