package docs_test

import (
	"cmp"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

var (
	// Other ways to write a link: [text][name], [name][], and what name stands for; and HTML.
	byName     = regexp.MustCompile(`\[([^\]]+)\]\[([^\]]*)\]`)
	definition = regexp.MustCompile(`^\s{0,3}\[([^\]]+)\]:\s*<?([^\s>]+)>?`)
	attribute  = regexp.MustCompile(`(?i)<[a-z][^>]*?\b(?:href|src|srcset)\s*=\s*["']?([^"'\s>]+)`)
)

// targets are what the links of a line lead to.
func targets(p *page, l proseLine) []string {
	var all []string
	for _, form := range []*regexp.Regexp{link, definition, attribute} {
		for _, m := range form.FindAllStringSubmatchIndex(l.masked, -1) {
			n := len(m) - 2 // the last group
			all = append(all, l.text[m[n]:m[n+1]])
		}
	}
	for _, m := range byName.FindAllStringSubmatch(l.masked, -1) {
		// What it stands for is checked where that is said.
		if name := cmp.Or(m[2], m[1]); !p.defines(name) {
			all = append(all, "no definition of ["+name+"]")
		}
	}
	return all
}

// defines reports whether a line of the page says what name stands for in a link.
func (p *page) defines(name string) bool {
	return slices.ContainsFunc(p.prose, func(l proseLine) bool {
		m := definition.FindStringSubmatch(l.masked)
		return m != nil && strings.EqualFold(m[1], name)
	})
}

// A link that is written in a way that the test below does not know would not be checked.
func TestEveryFormOfALinkIsSeen(t *testing.T) {
	for text, want := range map[string][]string{
		"a [b](c.md) and [d](<e.md>)": {"c.md", "e.md"},
		`a [b](c.md "title") (d)`:     {"c.md"},
		"![b](c.svg)":                 {"c.svg"},
		"[b][c]":                      {"no definition of [c]"},
		"[b][]":                       {"no definition of [b]"},
		"[b][c]\n\n[C]: d.md":         {"d.md"},
		`<a class="x" href="b.md">`:   {"b.md"},
		"<img src='b.svg'>":           {"b.svg"},
		"`[b](c.md)` and `[b][c]`":    nil,
		"`x[i]` is x[i], a slice":     nil,
	} {
		p := parse(t, "docs/some.md", text)
		var got []string
		for _, l := range p.prose {
			got = append(got, targets(p, l)...)
		}
		assert.Equal(t, want, got, text)
	}
}

func TestLinksAndAnchorsResolve(t *testing.T) {
	all := pages(t)
	byPath := make(map[string]*page)
	for _, p := range all {
		byPath[p.path] = p
	}
	checked := 0
	for _, p := range all {
		for _, l := range p.prose {
			for _, target := range targets(p, l) {
				if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
					continue
				}
				checked++
				file, anchor, _ := strings.Cut(target, "#")
				to := p
				if file != "" {
					file = path.Join(path.Dir(p.path), file)
					_, err := os.Stat(filepath.Join(root, filepath.FromSlash(file)))
					if !assert.NoError(t, err, "%s:%d links to %s", p.path, l.line, target) {
						continue
					}
					to = byPath[file]
				}
				if anchor != "" && assert.NotNil(t, to, "%s:%d: %s: an anchor in what is no page", p.path, l.line, target) {
					assert.True(t, to.anchors[anchor], "%s:%d: no heading has the anchor of %s", p.path, l.line, target)
				}
			}
		}
	}
	assert.Greater(t, checked, 10)
}

// A row with another number of cells than the header loses them on the page. A bar counts
// in a code span too, unless it is escaped.
func TestTablesHaveAsManyCellsInEachRow(t *testing.T) {
	for _, p := range pages(t) {
		want, last := 0, -1
		for _, l := range p.prose {
			if !strings.HasPrefix(l.text, "|") {
				continue
			}
			cells := strings.Count(strings.ReplaceAll(l.text, `\|`, ""), "|")
			if l.line != last+1 {
				want = cells
			}
			last = l.line
			assert.Equal(t, want, cells, "%s:%d: %s", p.path, l.line, l.text)
		}
	}
}
