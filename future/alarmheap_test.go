package future

import (
	"cmp"
	"container/heap"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func checkHeap(t *testing.T, h alarmHeap) {
	t.Helper()
	for i, s := range h { // a million of them: an assertion is made for what is wrong
		if s.alarm.place != int32(i+1) || s.alarm.at != s.at || h[max(i-1, 0)/children].at > s.at {
			require.Equal(t, int32(i+1), s.alarm.place)
			require.Equal(t, s.alarm.at, s.at)
			require.LessOrEqual(t, h[max(i-1, 0)/children].at, s.at)
		}
	}
	for _, s := range h[len(h):cap(h)] {
		if s != (alarmSlot{}) {
			require.Zero(t, s)
		}
	}
	require.LessOrEqual(t, cap(h), max(smallHeap, 8*len(h)))
}

// driveHeap does what ops say, one byte an operation, and compares with a slice
// that is kept sorted.
func driveHeap(t *testing.T, ops []byte) {
	var h alarmHeap
	var model []*alarm
	order := func(a, b *alarm) int { return cmp.Compare(a.at, b.at) }
	for _, op := range ops {
		switch v := int(op >> 2); op & 3 {
		case 0, 1: // with many that are equal
			a := &alarm{at: int64(v)}
			i, _ := slices.BinarySearchFunc(model, a, order)
			model = slices.Insert(model, i, a)
			h.push(a)
		case 2:
			if len(model) > 0 {
				i := v * len(model) / 64
				a := model[i]
				model = slices.Delete(model, i, i+1)
				h.remove(int(a.place) - 1)
				require.Zero(t, a.place)
			}
		case 3:
			if len(model) > 0 {
				a := h[0].alarm
				require.Equal(t, model[0].at, a.at)
				model = slices.DeleteFunc(model, func(b *alarm) bool { return a == b })
				h.remove(0)
			}
		}
		require.Len(t, h, len(model))
		checkHeap(t, h)
	}
	for _, a := range model {
		require.Equal(t, a.at, h[0].at)
		h.remove(0)
	}
	checkHeap(t, h)
}

func FuzzTheHeapAgreesWithASortedModel(f *testing.F) {
	f.Add([]byte{4, 8, 0, 2, 3, 3})
	f.Fuzz(func(t *testing.T, ops []byte) {
		// Each step looks at the whole heap, and Go takes an input of ten seconds for one
		// that hangs.
		driveHeap(t, ops[:min(len(ops), 1000)])
	})
}

func TestTheHeapAgreesWithASortedModel(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 0))
		ops := make([]byte, r.IntN(400))
		for i := range ops {
			ops[i] = byte(r.Uint32())
		}
		driveHeap(t, ops)
	}
}

func TestRemovingInRandomOrderKeepsTheHeapRightAndGivesMemoryBack(t *testing.T) {
	const n = 20_000
	var h alarmHeap
	all := make([]*alarm, n)
	for i := range all {
		all[i] = &alarm{at: rand.Int64N(n / 2)}
		h.push(all[i])
	}
	checkHeap(t, h)
	rand.Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i, a := range all {
		h.remove(int(a.place) - 1)
		if i%1000 == 0 {
			checkHeap(t, h)
		}
	}
	assert.Empty(t, h)
	assert.LessOrEqual(t, cap(h), smallHeap)
}

// libraryHeap is the same with container/heap.
type libraryHeap []alarmSlot

func (h libraryHeap) Len() int           { return len(h) }
func (h libraryHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h libraryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].alarm.place, h[j].alarm.place = int32(i+1), int32(j+1)
}
func (h *libraryHeap) Push(a any) {
	*h = append(*h, alarmSlot{a.(*alarm).at, a.(*alarm)})
	a.(*alarm).place = int32(len(*h))
}
func (h *libraryHeap) Pop() any {
	last := len(*h) - 1
	a := (*h)[last].alarm
	a.place = 0
	*h = (*h)[:last]
	return a
}

func BenchmarkHeap(b *testing.B) {
	const n = 100_000
	kinds := []struct {
		name string
		make func() (push func(*alarm), remove func(i int))
	}{
		{name: "own", make: func() (func(*alarm), func(int)) {
			var h alarmHeap
			return h.push, h.remove
		}},
		{name: "library", make: func() (func(*alarm), func(int)) {
			var h libraryHeap
			return func(a *alarm) { heap.Push(&h, a) }, func(i int) { heap.Remove(&h, i) }
		}},
	}
	all := make([]alarm, n)
	for i := range all {
		all[i].at = rand.Int64()
	}
	for _, kind := range kinds {
		b.Run("push and take in order/"+kind.name, func(b *testing.B) {
			push, remove := kind.make()
			for b.Loop() {
				for i := range all {
					push(&all[i])
				}
				for range all {
					remove(0)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N*n), "ns/alarm")
		})
		b.Run("push and remove at random/"+kind.name, func(b *testing.B) {
			push, remove := kind.make()
			for i := range all {
				push(&all[i])
			}
			for b.Loop() {
				a := &all[rand.IntN(n)]
				remove(int(a.place) - 1)
				push(a)
			}
		})
	}
}
