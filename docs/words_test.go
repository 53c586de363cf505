package docs_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// retired are words that CONTRIBUTING.md retires, each with one to write instead. They are
// looked for in comments, in strings and in pages.
var retired = []struct{ words, instead string }{
	{`nobody|somebody|anybody|whoever|he|his|him`, "the waiter, the sender, the caller, ..."},
	{`told|tells? of|hears? of`, "is notified; reports; returns"},
	{`in line|stands? in`, "is queued; is in"},
	{`gives? .{0,20} away`, "releases"},
	{`is gone|are gone|at home|under way`, "was dropped; is outstanding; has not returned"},
	{`comes to`, "returns; ends with"},
	{`let go of`, "abandoned, unreachable"},
	{`anew`, "again"},
	{`meanwhile|all the same|of its own accord`, "say which event comes before which"},
	{`mending|mended`, "fixing, fixed"},
}

// retiredWords has a group for each of the retired.
var retiredWords = func() *regexp.Regexp {
	var groups []string
	for _, r := range retired {
		groups = append(groups, "("+r.words+")")
	}
	return regexp.MustCompile(`(?i)\b(?:` + strings.Join(groups, "|") + `)\b`)
}()

// retiredIn returns the first retired word in text, and what to write.
func retiredIn(text string) (word, instead string) {
	m := retiredWords.FindStringSubmatchIndex(text)
	for i, r := range retired {
		if m != nil && m[2*i+2] >= 0 {
			return text[m[0]:m[1]], r.instead
		}
	}
	return "", ""
}

// prose calls fn with each line of a file that is prose, and its number: of a page what is not
// in a code block, of a program its comments and strings.
func prose(name string, text []byte, fn func(line int, text string)) {
	switch filepath.Ext(name) {
	case ".md":
		code := false
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				code = !code
			} else if !code {
				fn(n, line)
			}
		}
	case ".s":
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			if _, comment, ok := strings.Cut(line, "//"); ok {
				fn(n, comment)
			}
		}
	case ".go":
		set := token.NewFileSet()
		file := set.AddFile(name, -1, len(text))
		var s scanner.Scanner
		s.Init(file, text, nil, scanner.ScanComments)
		for {
			pos, kind, literal := s.Scan()
			if kind == token.EOF {
				return
			}
			if kind == token.COMMENT || kind == token.STRING {
				fn(file.Line(pos), literal)
			}
		}
	}
}

func TestWordsThatAreRetiredAreNotUsed(t *testing.T) {
	unread := []string{"docs/benchmarks.md", "docs/words_test.go"} // written by a command; this file
	read := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "testdata", "node_modules", "target"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if rel = filepath.ToSlash(rel); slices.Contains(unread, rel) || !slices.Contains([]string{".go", ".md", ".s"}, filepath.Ext(rel)) {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		read++
		prose(name, text, func(line int, text string) {
			if word, instead := retiredIn(text); word != "" {
				t.Errorf("%s:%d: %q; write: %s", rel, line, word, instead)
			}
		})
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, read, 100, "files were read")
}

func TestRetiredWordsAreFoundInProseAndNotInCode(t *testing.T) {
	find := func(name, text string) (lines []int) {
		prose(name, []byte(text), func(line int, text string) {
			if word, _ := retiredIn(text); word != "" {
				lines = append(lines, line)
			}
		})
		return lines
	}
	assert.Equal(t, []int{3, 4}, find("a.go", "package a\nvar told = 1\n// A waiter is told.\nvar s = \"Nobody\"\n"))
	assert.Equal(t, []int{1, 5}, find("a.md", "Whoever waits\n```\ntold\n```\nstands in a queue\n"))
	assert.Equal(t, []int{1}, find("a.s", "RET // it comes to this\nTOLD R1\n"))
	assert.Empty(t, find("a.go", "package a\n// The theme of this line is here: history, behind.\n"))
}

// The words that the test knows are in the table for people, too.
func TestEachRetiredWordIsInContributing(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(text), "## Words")
	require.True(t, ok)
	for _, word := range []string{"nobody", "somebody", "anybody", "whoever", "his", "him", "told", "in line", "anew", "meanwhile", "all the same", "let go of", "comes to", "mending", "mended", "under way"} {
		found, _ := retiredIn(word)
		assert.NotEmpty(t, found, word)
		assert.Contains(t, table, word)
	}
}
