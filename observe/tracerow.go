package observe

import (
	"cmp"
	"slices"
	"time"
)

// shortest is how long a point is drawn, if there is room. An arrow needs a slice at either
// end, and one without length is nothing to point at.
const shortest = time.Microsecond

// layOut gives points their length and each slice its lane. Slices of one lane lie apart or
// one within the other, because a viewer takes them for calls: see
// https://www.perfetto.dev/docs/reference/synthetic-track-event on thread-scoped slices.
func (row *traceRow) layOut() {
	row.stretch()
	slices.SortStableFunc(row.slices, func(a, b *slice) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	var lanes [][]time.Duration // of each, the ends of the slices that are open
	for _, s := range row.slices {
		s.lane = slices.IndexFunc(lanes, func(open []time.Duration) bool { return fits(s, open) })
		if s.lane < 0 {
			s.lane = len(lanes)
			lanes = append(lanes, nil)
		}
		open := lanes[s.lane]
		for len(open) > 0 && open[len(open)-1] <= s.from {
			open = open[:len(open)-1]
		}
		lanes[s.lane] = append(open, s.to)
	}
	row.lanes = max(len(lanes), 1) // marks need one
}

// fits reports whether s lies within the innermost slice that is open when it begins.
func fits(s *slice, open []time.Duration) bool {
	for _, end := range slices.Backward(open) {
		if end > s.from {
			return s.to <= end
		}
	}
	return true
}

// stretch lets a point last until the next thing happens on the row, and not for long.
// Anything else lasts for a nanosecond at least, as there may be an arrow to it as well.
func (row *traceRow) stretch() {
	var bounds []time.Duration
	for _, s := range row.slices {
		bounds = append(bounds, s.from)
		s.to = max(s.to, s.from+1)
		if !s.point {
			bounds = append(bounds, s.to)
		}
	}
	slices.Sort(bounds)
	for _, s := range row.slices {
		if !s.point {
			continue
		}
		s.to = s.from + shortest
		// The first bound after it.
		if i, _ := slices.BinarySearch(bounds, s.from+1); i < len(bounds) {
			s.to = min(s.to, bounds[i])
		}
	}
}
