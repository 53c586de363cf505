package diagrams

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/internal/testkit/hostile"
	"github.com/handoff-go/handoff/observe"
)

// ants, which comes with what package observe watches, may start two goroutines.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// Mermaid has to see as many boxes and arrows as were written, with the texts that were
// meant: a text that breaks out of its place may still leave a diagram that parses.
func TestMermaidUnderstandsWhatObserveWrites(t *testing.T) {
	diagrams := append(draw(t, observe.Filter{}, recordings()...), draw(t, observe.Filter{Participants: 2, Last: 20}, random()...)...)
	for i, got := range parse(t, diagrams) {
		require.Empty(t, got.Error, diagrams[i])
		want := written(t, diagrams[i])
		require.Equal(t, want.Boxes, got.Boxes, diagrams[i])
		require.Equal(t, want.Arrows, got.Arrows, diagrams[i])
	}
}

// draw returns both diagrams of each recording.
func draw(t *testing.T, f observe.Filter, all ...observe.Recording) []string {
	t.Helper()
	var diagrams []string
	for _, r := range all {
		var sequence, topology bytes.Buffer
		require.NoError(t, r.Sequence(&sequence, f))
		require.NoError(t, r.Topology(&topology, f))
		diagrams = append(diagrams, sequence.String(), topology.String())
	}
	return diagrams
}

func random() []observe.Recording {
	var all []observe.Recording
	for seed := range uint64(15) {
		all = append(all, hostile.Recording(rand.New(rand.NewPCG(seed, 2))))
	}
	return all
}

// recordings are random ones, and each text in each place by itself.
func recordings() []observe.Recording {
	all := append(random(), observe.Recording{})
	for _, text := range hostile.Texts {
		all = append(all, observe.Recording{
			Events: []observe.Event{
				{Seq: 1, Kind: observe.Sent, Actor: 1, Channel: 3, Message: 1, Count: 1, Text: text},
				{Seq: 2, Kind: observe.Received, Actor: 2, Channel: 3, Message: 1, Count: 1},
				{Seq: 3, Kind: observe.Closed, Channel: 3, Text: text},
			},
			Actors:   []observe.Actor{{ID: 1, Name: text}, {ID: 2, Name: "x" + text}},
			Channels: []observe.Channel{{ID: 3, Name: text}},
		})
	}
	return all
}

var (
	participant = regexp.MustCompile(`^participant (\w+) as (.+)$`)
	note        = regexp.MustCompile(`^Note over (\w+)(?:,(\w+))?: (.+)$`)
	message     = regexp.MustCompile(`^(\w+?)(?:->>|-x|-\)|-->>|--x)(\w+): (.+)$`)
	node        = regexp.MustCompile(`^(\w+)(?:\["|\(")(.+)(?:"\]|"\))$`)
	edge        = regexp.MustCompile(`^(\w+) (?:-\.->|-->\|"(.+)"\|) (\w+)$`)
)

// written reads a diagram of ours line by line, as it was meant.
func written(t *testing.T, text string) understood {
	t.Helper()
	u := understood{Boxes: []box{}, Arrows: []arrow{}}
	first, rest, _ := strings.Cut(text, "\n")
	for l := range strings.Lines(rest) {
		l = strings.TrimSpace(l)
		flowchart := first == "flowchart LR"
		if m := participant.FindStringSubmatch(l); m != nil && !flowchart {
			u.Boxes = append(u.Boxes, box{m[1], decoded(m[2])})
		} else if m := note.FindStringSubmatch(l); m != nil && !flowchart {
			to := m[2]
			if to == "" {
				to = m[1]
			}
			u.Arrows = append(u.Arrows, arrow{m[1], to, decoded(m[3])})
		} else if m := message.FindStringSubmatch(l); m != nil && !flowchart {
			u.Arrows = append(u.Arrows, arrow{m[1], m[2], decoded(m[3])})
		} else if m := node.FindStringSubmatch(l); m != nil && flowchart {
			u.Boxes = append(u.Boxes, box{m[1], decoded(m[2])})
		} else if m := edge.FindStringSubmatch(l); m != nil && flowchart {
			u.Arrows = append(u.Arrows, arrow{m[1], m[3], decoded(m[2])})
		} else {
			require.Fail(t, "a line that is unknown here", "%q", l)
		}
	}
	return u
}

// decoded puts the characters back for their numbers.
func decoded(text string) string {
	return regexp.MustCompile(`#\d+;`).ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.Atoi(s[1 : len(s)-1])
		return string(rune(n))
	})
}

func TestMermaidDrawsTheDiagramsOfThePages(t *testing.T) {
	var diagrams, where []string
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && file != root:
			return filepath.SkipDir
		case filepath.Ext(file) != ".md":
			return nil
		}
		text, err := os.ReadFile(file)
		for _, m := range regexp.MustCompile("(?ms)^```mermaid\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
			diagrams = append(diagrams, m[1])
			where = append(where, file)
		}
		return err
	})
	require.NoError(t, err)
	require.Greater(t, len(diagrams), 5)
	for i, got := range parse(t, diagrams) {
		assert.Empty(t, got.Error, "%s:\n%s", where[i], diagrams[i])
	}
}

func TestMermaidFindsMistakes(t *testing.T) {
	diagrams := []string{
		"sequenceDiagram\n    A->>B x\n", "sequenceDiagram\n    participant\n", "sequenceDiagram\n    A->>B: one; two\n",
		"flowchart LR\n    a[\"x\"y\"]\n", "flowchart LR\n    end --> b\n", "sequenceDigram\n",
	}
	for i, got := range parse(t, diagrams) {
		assert.NotEmpty(t, got.Error, diagrams[i])
	}
}
