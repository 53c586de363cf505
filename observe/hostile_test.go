package observe_test

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// hostile are texts that mean something to some part of what draws a diagram.
var hostile = []string{
	"", " ", "end", "END", "end\nend", "a\nb", "a;b", "#35;", "&lt;", "a#b", `"`, `'`, `\n`, "<br>", "<script>alert(1)</script>",
	"%%", "%%{init: {}}%%", "a -->> b: x", "as b", "Note over a: b", "participant x", "wrap: x", ":::class", "fa:fa-car",
	"`code`", "**x**", "1. x", "2) x", "- x", "+ x", "$$x$$", "|", "}{", "[]", "()", "@{ shape: x }", "---", "style a fill:#fff;",
	"ﬂ°°60¶ß", "\u202eevil", "\u200b", "\u0000\u001b[31m", "\xff\xfe", "日本語", "👩‍🚀", "e\u0301", "javascript:alert(1)",
	"https://example.com", strings.Repeat("long ", 2000), strings.Repeat("\xff", 10000), strings.Repeat("é", 61), "\u2028\u2029",
}

// random returns a recording of a program that does anything at all, under such names.
// Numbers repeat and leave gaps, so that the events often contradict each other.
func random(rng *rand.Rand) observe.Recording {
	text := func() string {
		t := hostile[rng.IntN(len(hostile))]
		if rng.IntN(3) == 0 {
			t += hostile[rng.IntN(len(hostile))]
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

// The lines of the diagrams. Mermaid takes more; anything else is a mistake of ours.
var (
	safe          = regexp.MustCompile(`^(?:[^\x00-\x1f\x7f"<>&;#%{}|\[\]\\:*@$` + "`" + `]|#\d+;)+$`)
	sequenceLine  = regexp.MustCompile(`^    (?:participant (?:[ac]\d+|o0|none) as|Note over (?:[aco]\d+|none)(?:,[aco]\d+)?:|[aco]\d+(?:->>|-x|-\)|-->>|--x)[aco]\d+:) (.+)$`)
	flowchartLine = regexp.MustCompile(`^    (?:(?:[ao]\d+|none)\["(.+)"\]|c\d+\("(.+)"\)|[aco]\d+ -\.-> [aco]\d+|[aco]\d+ -->\|"(.+)"\| [aco]\d+)$`)
)

// checkLines checks that a diagram has lines of these forms, and that their texts are safe.
func checkLines(t *testing.T, text, first string, form *regexp.Regexp) {
	t.Helper()
	require.True(t, strings.HasSuffix(text, "\n"))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	require.Equal(t, first, lines[0])
	for _, l := range lines[1:] {
		m := form.FindStringSubmatch(l)
		require.NotNil(t, m, "%q", l)
		for _, part := range m[1:] {
			if part != "" {
				require.Regexp(t, safe, part)
				require.Less(t, len(part), 60*len("#1114111;")+1)
			}
		}
	}
}

func TestNoTextBreaksOutOfADiagram(t *testing.T) {
	rounds := 500
	if testing.Short() {
		rounds = 50
	}
	for seed := range uint64(rounds) {
		rng := rand.New(rand.NewPCG(seed, 0))
		r := random(rng)
		f := observe.Filter{Participants: rng.IntN(4), Last: rng.IntN(2) * rng.IntN(20), Since: rng.Uint64N(2) * rng.Uint64N(40)}
		ok := t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			checkLines(t, sequence(t, r, f), "sequenceDiagram", sequenceLine)
			var b bytes.Buffer
			require.NoError(t, r.Topology(&b, f))
			checkLines(t, b.String(), "flowchart LR", flowchartLine)
			trace(t, r, f)
		})
		if !ok {
			return // one is enough
		}
	}
}

// count is how many messages an arrow shows, from its first and its last number.
func count(first, last string) int {
	from, _ := strconv.Atoi(first)
	if last == "" {
		return 1
	}
	to, _ := strconv.Atoi(last)
	return to - from + 1
}

func TestAMessageIsInADiagramOnce(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		// Several senders and receivers, with batches of any size, of which the last are
		// still in the channel. Both sides tell of it in any order.
		const messages = 50
		var events []observe.Event
		for from := 1; from <= messages; {
			n := min(1+rng.IntN(7), messages+1-from)
			events = append(events, observe.Event{Kind: observe.Sent, Actor: 1 + rng.Uint64N(3), Channel: 10, Message: uint64(from), Count: n})
			from += n
		}
		taken := rng.IntN(messages + 1)
		for from := 1; from <= taken; {
			n := min(1+rng.IntN(7), taken+1-from)
			events = append(events, observe.Event{Kind: observe.Received, Actor: 4 + rng.Uint64N(2), Channel: 10, Message: uint64(from), Count: n})
			from += n
		}
		rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		got := make(map[string]int) // how many messages went into which kind of place
		text := sequence(t, recording(events...), observe.Filter{})
		for _, m := range regexp.MustCompile(`(?m)^ +a[123](->>|-\))([ac])\d+: orders #35;(\d+)(?:-(\d+))?$`).FindAllStringSubmatch(text, -1) {
			got[m[1]+m[2]] += count(m[3], m[4])
		}
		want := map[string]int{"->>a": taken, "-)c": messages - taken}
		for k, n := range want {
			assert.Equal(t, n, got[k], "seed %d, %s in\n%s", seed, k, text)
		}
	}
}
