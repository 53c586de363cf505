package observe_test

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/hostile"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/observe"
)

// The lines of the diagrams. Mermaid takes more; anything else is a mistake of ours.
var (
	safe          = regexp.MustCompile(`^(?:[^\x00-\x1f\x7f"<>&;#%{}|\[\]\\:*@$` + "`" + `]|: |#\d+;)+$`)
	sequenceLine  = regexp.MustCompile(`^    (?:participant (?:p\d+|none) as|Note over (?:p\d+|none)(?:,p\d+)?:|p\d+(?:->>|-x|-\)|-->>|--x)p\d+:) (.+)$`)
	flowchartLine = regexp.MustCompile(`^    (?:(?:p\d+|none)\["(.+)"\]|p\d+\("(.+)"\)|p\d+ -\.-> p\d+|p\d+ -->\|"(.+)"\| p\d+)$`)
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
	if !testsize.Long() {
		rounds = 50
	}
	for seed := range uint64(rounds) {
		rng := rand.New(rand.NewPCG(seed, 0))
		r := hostile.Recording(rng)
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
		// still in the channel. Both sides record it in any order.
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
		for _, m := range regexp.MustCompile(`(?m)^ +p\d+(->>|-\))p\d+: orders #35;(\d+)(?:-(\d+))?$`).FindAllStringSubmatch(text, -1) {
			got[m[1]] += count(m[2], m[3])
		}
		want := map[string]int{"->>": taken, "-)": messages - taken}
		for k, n := range want {
			assert.Equal(t, n, got[k], "seed %d, %s in\n%s", seed, k, text)
		}
	}
}
