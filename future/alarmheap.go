package future

// alarmHeap has the alarm whose time comes first at 0. It is a heap of four
// children a node with the times in it: half as deep as one of two, and comparing
// reads two cache lines of the heap and no alarm.
//
// The invariants: no alarm is before its parent; the alarm at i has place i+1, and
// one that left has 0; the memory behind the end is zero, so that it keeps nothing
// alive, and no more than four times what was needed, or small.
type alarmHeap []alarmSlot

type alarmSlot struct {
	at    int64
	alarm *alarm
}

const (
	children  = 4
	smallHeap = 1024
)

func (h *alarmHeap) push(a *alarm) {
	*h = append(*h, alarmSlot{})
	h.up(len(*h)-1, alarmSlot{a.at, a})
}

// remove takes out what is at i.
func (h *alarmHeap) remove(i int) {
	s := *h
	last := len(s) - 1
	s[i].alarm.place = 0
	moved := s[last]
	s[last] = alarmSlot{}
	*h = s[:last]
	if i < last {
		if i > 0 && moved.at < s[(i-1)/children].at {
			h.up(i, moved)
		} else {
			h.down(i, moved)
		}
	}
	if c := cap(s); c > smallHeap && last < c/4 {
		*h = append(make(alarmHeap, 0, c/2), *h...)
	}
}

// up puts s at i, which is free, or above.
func (h alarmHeap) up(i int, s alarmSlot) {
	for i > 0 {
		parent := (i - 1) / children
		if h[parent].at <= s.at {
			break
		}
		h.put(i, h[parent])
		i = parent
	}
	h.put(i, s)
}

// down puts s at i, which is free, or below.
func (h alarmHeap) down(i int, s alarmSlot) {
	for {
		first := children*i + 1
		if first >= len(h) {
			break
		}
		child := first
		for c := first + 1; c < min(first+children, len(h)); c++ {
			if h[c].at < h[child].at {
				child = c
			}
		}
		if s.at <= h[child].at {
			break
		}
		h.put(i, h[child])
		i = child
	}
	h.put(i, s)
}

func (h alarmHeap) put(i int, s alarmSlot) {
	h[i] = s
	s.alarm.place = int32(i + 1)
}
