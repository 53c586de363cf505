package docs_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A forge shows a diagram with a mistake in it as an error, and shows that only to its
// readers. The real parser is a program for a browser, which Go does not have at hand: it
// reads the pages in test/diagrams, where there is node. So here is the small part of the
// language that the pages use; who needs more of it adds a line, and looks at the page once.
var diagrams = map[string][]*regexp.Regexp{
	"sequenceDiagram": lines(
		`autonumber`,
		`(?:participant|actor) \w+(?: as .+)?`,
		`\w+ ?--?(?:>>?|x|\)) ?[+-]?\w+ ?: ?`+message,
		`[Nn]ote (?:over|left of|right of) \w+(?:, ?\w+)? ?: ?`+message,
		`(?:activate|deactivate) \w+`,
		`(?:loop|alt|opt|par|critical|break|rect)(?: [^;#]+)?`, `(?:else|and|option)(?: [^;#]+)?`, `end`,
	),
	"stateDiagram-v2": lines(
		`direction (?:LR|RL|TB|BT)`,
		`state "[^"]+" as \w+`,
		`(?:\[\*\]|\w+) --> (?:\[\*\]|\w+)(?: ?: ?[^;:#]+)?`,
		`state \w+ \{`, `\}`,
		`\w+ ?: ?[^;:#]+`,
	),
	"flowchart": lines(
		node+`(?: (?:-->|---|-\.->|==>)(?:\|[^|]+\|)? `+node+`)*`,
		`subgraph .+`, `direction (?:LR|RL|TB|BT)`, `end`,
	),
	// Written by the command in benchmarks/cmd/compare, which has a test of its own.
	"xychart-beta": lines(`.*`),
}

// message is the text of an arrow or a note. #NUMBER; stands for a character.
const message = `(?:[^;#]|#\d+;)+`

// node is a node of a flowchart, with its text in one of the shapes.
const node = `\w+(?:\["[^"]+"\]|\[[^\[\]"(){}]+\]|\("[^"]+"\)|\([^\[\]"(){}]+\)|\{"[^"]+"\}|\{[^\[\]"(){}]+\})?`

func lines(forms ...string) []*regexp.Regexp {
	var all []*regexp.Regexp
	for _, form := range forms {
		all = append(all, regexp.MustCompile("^(?:"+form+")$"))
	}
	return all
}

// Blocks that an end, or a brace, closes.
var (
	opens  = regexp.MustCompile(`^(?:loop|alt|opt|par|critical|break|rect|subgraph)\b|\{$`)
	closes = regexp.MustCompile(`^(?:end|\})$`)
)

// checkDiagram returns what is wrong with a diagram.
func checkDiagram(text string) error {
	first, rest, _ := strings.Cut(text, "\n")
	kind, direction, _ := strings.Cut(strings.TrimSpace(first), " ")
	known := diagrams[kind]
	switch {
	case known == nil:
		return fmt.Errorf("%q is no diagram that is known here", first)
	case kind == "flowchart" && !regexp.MustCompile(`^(?:TD|TB|BT|LR|RL)$`).MatchString(direction):
		return fmt.Errorf("a flowchart has a direction, not %q", direction)
	}
	var all []error
	depth, count := 0, 0
	for l := range strings.Lines(rest) {
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "%%") {
			continue
		}
		count++
		fits := false
		for _, form := range known {
			fits = fits || form.MatchString(l)
		}
		if !fits {
			all = append(all, fmt.Errorf("%s has no line such as %q", kind, l))
		}
		switch {
		case opens.MatchString(l):
			depth++
		case closes.MatchString(l):
			if depth--; depth < 0 {
				all = append(all, fmt.Errorf("%q closes nothing", l))
			}
		}
	}
	if depth > 0 {
		all = append(all, errors.New("something is not closed"))
	}
	if count == 0 {
		all = append(all, errors.New("an empty diagram"))
	}
	return errors.Join(all...)
}

func TestDiagramsAreWellFormed(t *testing.T) {
	checked := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.lang == "mermaid" {
				checked++
				assert.NoError(t, checkDiagram(b.text), b.where())
			}
		}
	}
	assert.Greater(t, checked, 5)
}

func TestADiagramThatIsWrongIsFound(t *testing.T) {
	for _, text := range []string{
		"sequenceDiagrm\n    A->>B: x\n",
		"sequenceDiagram\n",
		"sequenceDiagram\n    A->>B x\n",
		"sequenceDiagram\n    A->B: x\n    participant\n",
		"sequenceDiagram\n    A->>B: one; two\n",
		"sequenceDiagram\n    alt x\n    A->>B: x\n",
		"sequenceDiagram\n    A->>B: x\n    end\n",
		"stateDiagram-v2\n    A -> B\n",
		"stateDiagram-v2\n    state \"x as A\n",
		"flowchart\n    A --> B\n",
		"flowchart XY\n    A --> B\n",
		"flowchart TD\n    A{x} --> B[y\n",
		"flowchart TD\n    A{x} -->|no B[y]\n",
		"flowchart TD\n    A[f(x)] --> B\n",
	} {
		require.Error(t, checkDiagram(text), text)
	}
	for _, text := range []string{
		"sequenceDiagram\n    participant A as some name\n    A->>+B: x\n    B-->>-A: y\n    Note over A,B: z\n    loop w\n    A->>A: v\n    end\n",
		"stateDiagram-v2\n    state \"x y\" as A\n    [*] --> A\n    A --> [*]: z\n",
		"flowchart LR\n    A{x?} -->|no| B[y]\n    B --> C[\"f(x)\"] --> D\n",
	} {
		require.NoError(t, checkDiagram(text), text)
	}
}
