package docs_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	// repositoryPath is a code span that can only be a file or a folder.
	repositoryPath = regexp.MustCompile(`^\.?[\w-]+(?:/[\w.-]+)+/?$`)
	// fileName is a file without the folder it is in.
	fileName = regexp.MustCompile(`^[\w.-]+\.(?:go|md|yml|mod|sum)$`)
	// ourImport is a package of this module, in a span, a command or a program.
	ourImport = regexp.MustCompile(`github\.com/handoff-go/handoff((?:/[\w.-]+)*)`)
)

// written are files that a command writes, and that need not be there.
var written = []string{"docs/benchmarks.md", "docs/benchmarks.json", "testdata/fuzz/FuzzName"}

// others are paths in other modules whose first folder we have too.
var others = append(slices.Clone(imports), "sync/semaphore")

// repository is what is in it.
type repository struct {
	top   map[string]bool // folders of the root
	names map[string]bool // base names of all files
}

func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{make(map[string]bool), make(map[string]bool)}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return filepath.SkipDir
		case d.IsDir() && filepath.Dir(file) == root:
			r.top[d.Name()] = true
		case !d.IsDir():
			r.names[d.Name()] = true
		}
		return nil
	})
	require.NoError(t, err)
	return r
}

// has reports whether a code span of a page, if it is a path of this repository, leads
// somewhere. isPath is false for what is no such path.
func (r repository) has(pageName, text string) (isPath, ok bool) {
	switch {
	case slices.Contains(written, text) || slices.Contains(others, text) || strings.Contains(text, "NAME"):
		return false, false
	case fileName.MatchString(text):
		return true, r.names[text]
	case !repositoryPath.MatchString(text):
		return false, false
	}
	first, _, _ := strings.Cut(text, "/")
	// A file of Go or a page can be meant from where the page is, or from a folder that
	// the text is about.
	isFile := fileName.MatchString(path.Base(text))
	if !r.top[first] && (!isFile || first == "runtime") { // the one of Go
		return false, false
	}
	for _, base := range []string{".", path.Dir(pageName)} {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(path.Join(base, text)))); err == nil {
			return true, true
		}
	}
	if isFile && !r.top[first] {
		found, _ := filepath.Glob(filepath.Join(root, "*", filepath.FromSlash(text)))
		deeper, _ := filepath.Glob(filepath.Join(root, "*", "*", filepath.FromSlash(text)))
		return true, len(found)+len(deeper) > 0
	}
	return true, false
}

func TestPathsThatPagesNameExist(t *testing.T) {
	r := newRepository(t)
	seen := 0
	for _, p := range pages(t) {
		for _, s := range p.spans() {
			if isPath, ok := r.has(p.path, s.text); isPath {
				seen++
				assert.True(t, ok, "%s:%d: there is no %s", p.path, s.line, s.text)
			}
		}
	}
	assert.Greater(t, seen, 30)
}

func TestImportPathsThatPagesNameExist(t *testing.T) {
	seen := 0
	for _, p := range pages(t) {
		check := func(line int, text string) {
			for _, m := range ourImport.FindAllStringSubmatch(text, -1) {
				seen++
				_, err := os.Stat(filepath.Join(root, filepath.FromSlash(strings.TrimSuffix(m[1], "."))))
				assert.NoError(t, err, "%s:%d: %s", p.path, line, m[0])
			}
		}
		for _, b := range p.blocks {
			check(b.line, b.text)
		}
		for _, l := range p.prose {
			check(l.line, l.text)
		}
	}
	assert.Greater(t, seen, 10)
}

// What the test of paths takes for one, and what it finds.
func TestAPathThatIsWrongIsFound(t *testing.T) {
	r := newRepository(t)
	for text, want := range map[string][2]bool{
		"internal/queue/list.go":  {true, true},
		"internal/nosuch/x.go":    {true, false},
		"internal/nosuch":         {true, false},
		".ci/run":                 {true, true},
		"vary.go":                 {true, true},
		"nosuch.go":               {true, false},
		"markdown_test.go":        {true, true},
		"designs/blocks_test.go":  {true, true},
		"designs/nosuch_test.go":  {true, false},
		"sync/atomic":             {},
		"sync/nosuch":             {true, false},
		"runtime/chan.go":         {},
		"examples/NAME":           {},
		"text/template":           {},
		"go test ./docs":          {},
		"async.Sender.Reserve":    {},
		"golang.org/x/time/rate":  {},
		"container/heap":          {},
		"internal/queue/designs/": {true, true},
	} {
		isPath, ok := r.has("docs/some.md", text)
		assert.Equal(t, want, [2]bool{isPath, ok}, text)
	}
}
