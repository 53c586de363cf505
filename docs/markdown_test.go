// Package docs_test checks the Markdown of this repository: links, code, outputs and
// names. What the author of a page has to know:
//
//   - A block marked as go is a complete program, or a fragment: declarations, or
//     statements of a function. A fragment imports the packages whose names it uses, and
//     finds what else it needs in the <!-- given ... --> comment before it, which holds up
//     to the next one. Pages other than docs/*.md may leave out declarations of plain
//     names.
//   - <!-- examples/hello_channel/main.go#run --> before a go block says that the block is
//     that declaration of that file, with its comment; several are separated by commas, a
//     method is Type.Method, and without a # it is the whole file.
//   - <!-- run --> before a program says that it prints the text block that follows;
//     <!-- go run ./examples/hello_channel --> before a text block, that this command does.
//   - What stands between <!-- benchmarks --> and <!-- /benchmarks --> is written by the
//     command in benchmarks/cmd/compare.
//   - A program before a text block is run: it has that comment, or is an excerpt.
//   - A code span such as `async.Sender.Reserve` names something that exists, and
//     one such as `TestMain` a test, in the package that it links to if it is a link. A
//     path of this repository exists, from its root or from the page.
//   - A command names folders that exist, tests that are there, and flags that the example
//     has. NAME and TestName stand for a name of the reader's.
//   - A mermaid block keeps to the part of that language that mermaid_test.go knows.
package docs_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// root is where the repository is, seen from this package.
const root = ".."

// page is a Markdown file.
type page struct {
	path    string // from the root, with slashes
	blocks  []*block
	prose   []proseLine
	anchors map[string]bool
}

// block is a fenced code block.
type block struct {
	page    *page
	line    int // of the first line of text
	lang    string
	text    string
	comment string // the HTML comment right before it
	next    *block

	given     string // the last given comment before it
	givenLine int
}

func (b *block) where() string { return b.page.path + ":" + strconv.Itoa(b.line) }

type proseLine struct {
	line         int
	text, masked string // masked has the same length and nothing inside of code spans
}

var (
	fence    = regexp.MustCompile("^\\s*(```+|~~~+)\\s*([^`]*?)\\s*$")
	heading  = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*$`)
	codeSpan = regexp.MustCompile("`[^`]+`")
	link     = regexp.MustCompile(`\[([^\]]*)\]\(\s*<?([^)\s>]+)>?(?:\s+(?:"[^"]*"|'[^']*'|\([^)]*\)))?\s*\)`)
)

// strict says that a fragment of this page declares all that it uses.
func (p *page) strict() bool { return path.Dir(p.path) == "docs" }

// pages returns every Markdown file of the repository.
func pages(t *testing.T) []*page {
	t.Helper()
	var all []*page
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && file != root && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(name, ".md") {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, file)
			if err != nil {
				return err
			}
			all = append(all, parse(t, filepath.ToSlash(rel), string(text)))
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(all), 5, "where are the pages?")
	return all
}

// pageOf returns one of the pages.
func pageOf(t *testing.T, name string) *page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	require.NoError(t, err)
	return parse(t, name, string(text))
}

func parse(t *testing.T, name, text string) *page {
	t.Helper()
	p := &page{path: name, anchors: make(map[string]bool)}
	var (
		open                    *block
		opened                  string // the fence that open began with
		comment, pending, given string
		givenLine, commentLine  int
		inComment               bool
		lines                   []string
	)
	for i, l := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		m := fence.FindStringSubmatch(l)
		switch {
		case open != nil:
			if m == nil || m[2] != "" || !strings.HasPrefix(m[1], opened) {
				lines = append(lines, l)
				continue
			}
			open.text = strings.Join(lines, "\n") + "\n"
			if n := len(p.blocks); n > 0 {
				p.blocks[n-1].next = open
			}
			p.blocks, open, lines = append(p.blocks, open), nil, nil
		case inComment || strings.HasPrefix(l, "<!--"):
			if comment == "" {
				commentLine = i + 1
			}
			comment += l + "\n"
			if inComment = !strings.HasSuffix(l, "-->"); inComment {
				continue
			}
			comment = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(comment), "<!--"), "-->"))
			if g, ok := strings.CutPrefix(comment, "given"); ok {
				given, givenLine = g, commentLine
			} else if strings.TrimPrefix(comment, "/") != "benchmarks" {
				pending = comment
			}
			comment = ""
		case m != nil:
			opened = m[1]
			open = &block{page: p, line: i + 2, lang: m[2], comment: pending, given: given, givenLine: givenLine}
			pending = ""
		case strings.TrimSpace(l) != "":
			require.Empty(t, pending, "%s:%d: a comment that stands before no block", name, i+1)
			if h := heading.FindStringSubmatch(l); h != nil {
				p.anchor(h[1])
			}
			masked := codeSpan.ReplaceAllStringFunc(l, func(s string) string { return strings.Repeat("x", len(s)) })
			p.prose = append(p.prose, proseLine{i + 1, l, masked})
		}
	}
	require.Nil(t, open, "%s: a block that does not end", name)
	require.False(t, inComment, "%s: a comment that does not end", name)
	return p
}

// anchor adds the anchor that a forge makes of a heading.
func (p *page) anchor(title string) {
	title = link.ReplaceAllString(title, "$1")
	slug := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, title)
	unique := slug
	for n := 1; p.anchors[unique]; n++ {
		unique = slug + "-" + strconv.Itoa(n)
	}
	p.anchors[unique] = true
}

// span is a code span in the prose of a page. target is where it links to, if it is the
// text of a link.
type span struct {
	line         int
	text, target string
	section      string // the heading of the second level above it
}

func (p *page) spans() []span {
	var all []span
	section := ""
	for _, l := range p.prose {
		if title, ok := strings.CutPrefix(l.text, "## "); ok {
			section = title
		}
		links := link.FindAllStringSubmatchIndex(l.masked, -1)
		for _, at := range codeSpan.FindAllStringIndex(l.text, -1) {
			s := span{line: l.line, text: l.text[at[0]+1 : at[1]-1], section: section}
			for _, m := range links {
				if m[2] <= at[0] && at[1] <= m[3] {
					s.target = l.text[m[4]:m[5]]
				}
			}
			all = append(all, s)
		}
	}
	return all
}
