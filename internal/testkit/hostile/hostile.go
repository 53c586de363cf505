// Package hostile has names and recordings for tests of what package observe shows: names
// that try to be more than names, and events in any order that contradict each other.
package hostile

import (
	"math/rand/v2"
	"strings"
	"time"

	"github.com/handoff-go/handoff/observe"
)

// Texts mean something to some part of what shows them: a diagram, a page, a terminal.
var Texts = []string{
	"", " ", "end", "END", "end\nend", "a\nb", "a;b", "#35;", "&lt;", "a#b", `"`, `'`, `\n`, "<br>", "<script>alert(1)</script>",
	"%%", "%%{init: {}}%%", "a -->> b: x", "as b", "Note over a: b", "participant x", "wrap: x", "nowrap: x", "x: y", "style: #fff;", ":::class", "fa:fa-car",
	"`code`", "**x**", "1. x", "2) x", "- x", "+ x", "$$x$$", "|", "}{", "[]", "()", "@{ shape: x }", "---", "style a fill:#fff;",
	"ﬂ°°60¶ß", "\u202eevil", "\u200b", "\u0000\u001b[31m", "\xff\xfe", "日本語", "👩‍🚀", "e\u0301", "javascript:alert(1)",
	"https://example.com", strings.Repeat("long ", 2000), strings.Repeat("\xff", 10000), strings.Repeat("é", 61), "\u2028\u2029",
}

// start is when recordings begin.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Recording returns what a program has done that does anything at all, under such names.
// Numbers repeat and leave gaps, so that the events often contradict each other.
func Recording(rng *rand.Rand) observe.Recording {
	text := func() string {
		t := Texts[rng.IntN(len(Texts))]
		if rng.IntN(3) == 0 {
			t += Texts[rng.IntN(len(Texts))]
		}
		return t
	}
	kinds := []observe.Kind{
		observe.Made, observe.Cloned, observe.Dropped, observe.Collected, observe.Closed, observe.Sent, observe.Sent, observe.Sent,
		observe.Received, observe.Received, observe.Received, observe.Evicted, observe.Discarded, observe.Blocked, observe.Blocked,
		observe.Resumed, observe.Resumed, observe.Spawned, observe.Started, observe.Finished, observe.Cancelled, observe.Panicked, "other",
	}
	r := observe.Recording{Lost: rng.Uint64N(3)}
	seq, now := rng.Uint64N(3), start
	for range rng.IntN(60) {
		seq += 1 + rng.Uint64N(2)*rng.Uint64N(2)
		now = now.Add(time.Duration(rng.IntN(3000)) - 100)
		r.Events = append(r.Events, observe.Event{
			Seq: seq, Time: now, Kind: kinds[rng.IntN(len(kinds))], Actor: rng.Uint64N(5), Channel: 10 + rng.Uint64N(3), Task: rng.Uint64N(5),
			Side: []string{"sender", "receiver", ""}[rng.IntN(3)], Op: []string{"send", "recv", "reserve", "close", "join", "sleep", "other", ""}[rng.IntN(8)],
			Message: rng.Uint64N(20), Count: rng.IntN(5), Text: text(),
		})
		if rng.IntN(50) == 0 {
			r.Events[len(r.Events)-1].Message -= 5 // from the end of the numbers
		}
	}
	for id := range uint64(4) {
		r.Actors = append(r.Actors, observe.Actor{ID: id, Name: text(), Task: rng.IntN(2) == 0, Goroutine: rng.Uint64N(2)})
		r.Channels = append(r.Channels, observe.Channel{ID: 10 + id, Name: text(), Handles: []observe.Handle{{Side: "sender", User: id}, {Side: "receiver", User: 4 - id}}})
	}
	return r
}
