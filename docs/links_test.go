package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLinksAndAnchorsResolve(t *testing.T) {
	all := pages(t)
	byPath := make(map[string]*page)
	for _, p := range all {
		byPath[p.path] = p
	}
	checked := 0
	for _, p := range all {
		for _, l := range p.prose {
			for _, m := range link.FindAllStringSubmatchIndex(l.masked, -1) {
				target := l.text[m[4]:m[5]]
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

var goCommand = regexp.MustCompile(`\bgo (?:run|test|doc|build|vet)\b[^\n|]*`)

// changeFolder is a command that those after it are run in another folder by.
var changeFolder = regexp.MustCompile(`(?m)^cd ([a-z][\w/-]*)`)

// A command that is shown names folders that exist.
func TestCommandsNameFoldersThatExist(t *testing.T) {
	for _, p := range pages(t) {
		check := func(line int, text string) {
			folder := root
			if cd := changeFolder.FindStringSubmatch(text); cd != nil {
				folder = filepath.Join(root, filepath.FromSlash(cd[1]))
			}
			for _, command := range goCommand.FindAllString(text, -1) {
				for word := range strings.FieldsSeq(command) {
					if !strings.HasPrefix(word, "./") {
						continue
					}
					word = strings.TrimSuffix(strings.TrimRight(word, "`;)'"), "...")
					_, err := os.Stat(filepath.Join(folder, filepath.FromSlash(word)))
					assert.NoError(t, err, "%s:%d: %s", p.path, line, command)
				}
			}
		}
		for _, b := range p.blocks {
			if b.lang == "sh" {
				check(b.line, b.text)
			}
		}
		for _, s := range p.spans() {
			check(s.line, s.text)
		}
	}
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
