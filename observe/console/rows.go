package console

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/handoff-go/handoff/observe"
)

// A row of a table goes to the page in two parts: what never changes, which is sent once,
// and what does, which is sent when it has changed. Both are JSON arrays in the order of
// these columns, which a full frame carries, so that the page knows positions by name. The
// first column of each is the id.
//
// Times are milliseconds since 1970, or 0; spans of time are microseconds. A wait is sent
// by its beginning: the page counts on from there, and the row stays as it is.
var columns = map[string][]string{
	"channelMade": {"id", "name", "site", "message", "flavour", "capacity", "made"},
	"channelNow": {
		"id", "len", "highWater", "senders", "receivers", "weak", "reserved", "sent", "received",
		"discarded", "evicted", "timesFull", "closed", "cause", "waitingSenders", "waitingReceivers", "waitingSince",
	},
	"taskMade": {"id", "runtime", "number", "name", "parent", "site", "kind", "spawned"},
	"taskNow": {
		"id", "state", "since", "queueWait", "runTime", "polls", "longestPoll",
		"op", "awaitsChannel", "awaitsTask", "awaitsSince", "what", "err", "panic",
	},
	"remoteMade": {"id", "name", "site", "message", "flavour", "capacity", "opened"},
	"remoteNow": {
		"id", "where", "len", "lag", "pending", "redelivered", "dead", "senders", "receivers", "sent", "received",
		"waitingSenders", "waitingReceivers", "closed", "cause", "err", "known", "staleSince",
	},
}

// row is one row, encoded.
type row struct {
	id        uint64
	made, now []byte
}

// array writes a JSON array, value by value. Encoding ten thousand rows by reflection
// takes ten times as long, once in every interval.
type array []byte

func (a array) next() array {
	if len(a) == 0 {
		return append(a, '[')
	}
	return append(a, ',')
}

func (a array) uint(v uint64) array { return strconv.AppendUint(a.next(), v, 10) }

func (a array) int(v int) array { return strconv.AppendInt(a.next(), int64(v), 10) }

func (a array) span(d time.Duration) array {
	return strconv.AppendInt(a.next(), d.Microseconds(), 10)
}

func (a array) time(t time.Time) array {
	if t.IsZero() {
		return append(a.next(), '0')
	}
	return strconv.AppendInt(a.next(), t.UnixMilli(), 10)
}

func (a array) text(s string) array {
	quoted, _ := json.Marshal(s) // cannot fail: what is not UTF-8 is replaced
	return append(a.next(), quoted...)
}

func (a array) bool(v bool) array {
	if v {
		return append(a.next(), '1')
	}
	return append(a.next(), '0')
}

func (a array) end() []byte { return append(a, ']') }

func channelRow(c *observe.Channel) row {
	var senders, receivers int
	var since time.Time
	for _, w := range c.Waiting {
		switch w.Op {
		case "send", "reserve":
			senders++
		case "recv":
			receivers++
		}
		if since.IsZero() || w.Since.Before(since) {
			since = w.Since
		}
	}
	return row{
		id: c.ID,
		made: array(nil).uint(c.ID).text(c.Name).text(c.Site).text(c.Message).text(c.Flavour).
			int(c.Capacity).time(c.Made).end(),
		now: array(nil).uint(c.ID).int(c.Len).int(c.HighWater).int(c.Senders).int(c.Receivers).
			int(c.Weak).int(c.Reserved).uint(c.Sent).uint(c.Received).uint(c.Discarded).uint(c.Evicted).
			uint(c.TimesFull).bool(c.Closed).text(c.Cause).int(senders).int(receivers).time(since).end(),
	}
}

func taskRow(t *observe.Task) row {
	var awaits observe.Waiting
	if t.Awaits != nil {
		awaits = *t.Awaits
	}
	return row{
		id: t.ID,
		made: array(nil).uint(t.ID).text(t.Runtime).uint(t.Number).text(t.Name).uint(t.Parent).
			text(t.Site).text(t.Kind).time(t.Spawned).end(),
		now: array(nil).uint(t.ID).text(t.State).time(t.Since).span(t.QueueWait).span(t.RunTime).
			uint(t.Polls).span(t.LongestPoll).text(awaits.Op).uint(awaits.Channel).uint(awaits.Task).
			time(awaits.Since).text(awaits.What).text(t.Err).text(t.Panic).end(),
	}
}
