package observe

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A flight is messages with numbers in a row that have been sent by one call and taken out
// of the channel by one call. What two calls of different sizes share is a flight for each
// pair of calls.
type flight struct {
	channel uint64
	first   uint64 // the number of the first message; 0: not known
	count   int
	sent    *Event // nil: not recorded
	taken   *Event // Received, Evicted or Discarded; nil: not recorded, so they may be there still
}

// label is what the program says of the message, if it has said it.
func (f flight) label() string {
	if f.sent == nil || f.sent.Message != f.first {
		return "" // it is the label of another message of the batch
	}
	return f.sent.Text
}

// numbers is what a diagram shows of them.
func (f flight) numbers() string {
	switch {
	case f.first == 0:
		return ""
	case f.count > 1:
		return fmt.Sprintf(" #%d-%d", f.first, f.first+uint64(f.count)-1)
	}
	return fmt.Sprintf(" #%d", f.first)
}

// flights finds the sender and the receiver of each message. It returns them in the order of
// the calls that took them, and those that have not been taken in the order of the sends.
//
// The numbers decide, and not the order of the events: the receive of a message
// may be recorded before its send.
func flights(events []Event) []flight {
	sent := make(map[uint64][]span)
	taken := make(map[uint64][]span)
	for i := range events {
		switch e := &events[i]; e.Kind {
		case Sent:
			sent[e.Channel] = append(sent[e.Channel], spanOf(e))
		case Received, Evicted, Discarded:
			taken[e.Channel] = append(taken[e.Channel], spanOf(e))
		}
	}
	var all []flight
	for channel, spans := range sent {
		all = pair(all, channel, spans, taken[channel])
	}
	for channel, spans := range taken {
		if sent[channel] == nil {
			all = pair(all, channel, nil, spans)
		}
	}
	slices.SortFunc(all, func(a, b flight) int {
		return cmp.Or(cmp.Compare(a.seq(), b.seq()), cmp.Compare(a.first, b.first))
	})
	return all
}

// seq is when the flight has ended, or has begun if no end is known.
func (f flight) seq() uint64 {
	if f.taken != nil {
		return f.taken.Seq
	}
	return f.sent.Seq
}

// span is the numbers of the messages of one event, without the end.
type span struct {
	from, to uint64
	event    *Event
}

func spanOf(e *Event) span {
	count := uint64(max(e.Count, 1))
	if e.Message > math.MaxUint64-count {
		return span{e.Message, math.MaxUint64, e}
	}
	return span{e.Message, e.Message + count, e}
}

// pair adds the flights of one channel. It walks over both sides in the order of their
// numbers, so each number is in one flight, even if the events were to contradict each other.
func pair(all []flight, channel uint64, sent, taken []span) []flight {
	byNumber := func(a, b span) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.event.Seq, b.event.Seq))
	}
	slices.SortFunc(sent, byNumber)
	slices.SortFunc(taken, byNumber)
	at := uint64(0)
	for {
		sent, taken = after(sent, at), after(taken, at)
		if len(sent) == 0 && len(taken) == 0 {
			return all
		}
		// The next number that either side has, and how far that goes with the same events.
		from, to := uint64(math.MaxUint64), uint64(math.MaxUint64)
		for _, side := range [][]span{sent, taken} {
			if len(side) > 0 {
				from = min(from, max(at, side[0].from))
			}
		}
		f := flight{channel: channel, first: from}
		for _, side := range [][]span{sent, taken} {
			switch {
			case len(side) == 0:
			case side[0].from > from:
				to = min(to, side[0].from)
			default:
				to = min(to, side[0].to)
				if e := side[0].event; e.Kind == Sent {
					f.sent = e
				} else {
					f.taken = e
				}
			}
		}
		f.count = max(int(min(to-from, math.MaxInt)), 1)
		all = append(all, f)
		at = to
	}
}

// after drops the spans that are over at this number.
func after(spans []span, at uint64) []span {
	for len(spans) > 0 && spans[0].to <= at {
		spans = spans[1:]
	}
	return spans
}
