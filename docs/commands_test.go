package docs_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// command is a go command that a page shows.
type command struct {
	page   string
	line   int
	folder string // that it is run in, from the root
	verb   string
	args   []string
}

// changeFolder is a command that those after it are run in another folder by.
var changeFolder = regexp.MustCompile(`(?m)^cd ([a-z][\w/-]*)`)

// commands returns the go commands of a page, those in its prose too.
func (p *page) commands() []command {
	var all []command
	add := func(line int, text string) {
		folder := "."
		if cd := changeFolder.FindStringSubmatch(text); cd != nil {
			folder = cd[1]
		}
		for _, words := range shellCommands(text) {
			for i, w := range words {
				if w == "go" && i+1 < len(words) { // behind a variable, or a do
					all = append(all, command{p.path, line, folder, words[i+1], words[i+2:]})
					break
				}
			}
		}
	}
	for _, b := range p.blocks {
		if b.lang == "sh" {
			add(b.line, b.text)
		}
	}
	for _, s := range p.spans() {
		add(s.line, strings.ReplaceAll(s.text, `\|`, "|")) // as a table wants it
	}
	return all
}

// shellCommands splits a text into commands, and these into words, as a shell does with
// quotes, comments and separators. Nothing is expanded.
func shellCommands(text string) [][]string {
	var (
		all    [][]string
		words  []string
		word   strings.Builder
		inWord bool
		quote  rune
	)
	endWord := func() {
		if inWord {
			words = append(words, word.String())
			word.Reset()
			inWord = false
		}
	}
	endCommand := func() {
		endWord()
		if words != nil {
			all = append(all, words)
			words = nil
		}
	}
	comment := false
	for _, r := range text {
		switch {
		case comment && r != '\n':
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == '\n' || r == ';' || r == '|' || r == '&' || r == '>':
			comment = false
			endCommand()
		case r == ' ' || r == '\t':
			endWord()
		case r == '#' && !inWord:
			comment = true
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	endCommand()
	return all
}

func TestACommandIsSplitAsAShellDoes(t *testing.T) {
	assert.Equal(t, [][]string{
		{"X=1", "go", "test", "-run", "A|B", "./a"},
		{"head", "-1"},
		{"go", "run", "./b", "-m", "two words", ""},
		{"cd", "c"},
		{"ls"},
	}, shellCommands("X=1 go test -run 'A|B' ./a | head -1\ngo run ./b -m \"two words\" '' # a; b\ncd c && ls\n"))
}

// A command that is shown names folders that exist.
func TestCommandsNameFoldersThatExist(t *testing.T) {
	seen := 0
	for _, p := range pages(t) {
		for _, c := range p.commands() {
			for _, arg := range c.args {
				if strings.HasPrefix(arg, "./") {
					seen++
					_, err := os.Stat(filepath.Join(root, c.folder, filepath.FromSlash(strings.TrimSuffix(arg, "..."))))
					assert.NoError(t, err, "%s:%d: %s", c.page, c.line, arg)
				}
			}
		}
	}
	assert.Greater(t, seen, 20)
}

// choosing are the flags of go test whose value chooses among the functions that begin so.
var choosing = map[string][]string{
	"run": {"Test", "Example", "Fuzz"}, "skip": {"Test", "Example", "Fuzz"}, "fuzz": {"Fuzz"}, "bench": {"Benchmark"},
	"list": {"Test", "Example", "Fuzz", "Benchmark"},
}

// standIn is a word for a name of the reader's.
var standIn = regexp.MustCompile(`^(?:NAME|TestName)$`)

// What a command chooses is there, in the packages that it names. An anchor alone chooses
// nothing, and that on purpose.
func TestTestsThatCommandsChooseExist(t *testing.T) {
	known := tests(t)
	chosen := 0
	for _, p := range pages(t) {
		for _, c := range p.commands() {
			if c.verb != "test" {
				continue
			}
			for i, arg := range c.args {
				name, pattern, ok := strings.Cut(strings.TrimLeft(arg, "-"), "=")
				kinds := choosing[name]
				if !strings.HasPrefix(arg, "-") || kinds == nil {
					continue
				}
				if !ok {
					require.Less(t, i+1, len(c.args), "%s:%d", c.page, c.line)
					pattern = c.args[i+1]
				}
				for part := range strings.SplitSeq(pattern, "|") {
					part, _, _ = strings.Cut(part, "/") // a subtest is not in the source
					if plain := strings.Trim(part, "^$"); plain == "" || standIn.MatchString(plain) {
						continue
					}
					chosen++
					assert.True(t, c.choose(t, known, kinds, part), "%s:%d: go test -%s %s finds no %s in %v", c.page, c.line, name, pattern, part, c.args)
				}
			}
		}
	}
	assert.NotZero(t, chosen)
}

// choose reports whether a pattern chooses a function of the packages of c.
func (c command) choose(t *testing.T, known map[string][]string, kinds []string, pattern string) bool {
	t.Helper()
	want, err := regexp.Compile(pattern)
	require.NoError(t, err, "%s:%d", c.page, c.line)
	var folders []string
	for _, arg := range c.args {
		if strings.HasPrefix(arg, "./") || arg == "." {
			folders = append(folders, path.Join(c.folder, arg))
		}
	}
	if folders == nil {
		folders = []string{c.folder}
	}
	for name, files := range known {
		kind := testName.FindStringSubmatch(name)
		if kind == nil || !slices.Contains(kinds, kind[1]) || !want.MatchString(name) {
			continue
		}
		for _, file := range files {
			for _, folder := range folders {
				above, all := strings.CutSuffix(folder, "...")
				if path.Dir(file) == folder || all && strings.HasPrefix(file, path.Clean(above)+"/") || folder == "..." {
					return true
				}
			}
		}
	}
	return false
}

var (
	example    = regexp.MustCompile(`^\./examples/(\w+)$`)
	flagWord   = regexp.MustCompile(`^--?([a-z][\w-]*)`)
	flagOfHelp = regexp.MustCompile(`(?m)^  -([\w-]+)`)
)

// flagsOf returns the flags that -h of each example prints.
var flagsOf = sync.OnceValues(func() (map[string]map[string]bool, error) {
	dir, err := os.MkdirTemp("", "handoff-docs-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", dir+string(filepath.Separator), "./examples/...")
	build.Dir = root
	if err := build.Run(); err != nil {
		return nil, err
	}
	programs, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	all := make(map[string]map[string]bool)
	for _, program := range programs {
		help, err := exec.Command(filepath.Join(dir, program.Name()), "-h").Output()
		if err != nil {
			return nil, err
		}
		flags := map[string]bool{"h": true}
		for _, m := range flagOfHelp.FindAllStringSubmatch(string(help), -1) {
			flags[m[1]] = true
		}
		all[strings.TrimSuffix(program.Name(), ".exe")] = flags
	}
	return all, nil
})

// A flag of an example that a page shows is one that the example has.
func TestFlagsOfExamplesExist(t *testing.T) {
	if !testsize.Long() {
		t.Skip("builds programs")
	}
	known, err := flagsOf()
	require.NoError(t, err)
	require.True(t, known["tour"]["list"])
	seen := 0
	check := func(where string, line int, name string, words []string) {
		for _, w := range words {
			if m := flagWord.FindStringSubmatch(w); m != nil {
				seen++
				assert.True(t, known[name][m[1]], "%s:%d: %s has no flag -%s", where, line, name, m[1])
			}
		}
	}
	for _, p := range pages(t) {
		for _, c := range p.commands() {
			if c.verb != "run" || len(c.args) == 0 || c.folder != "." { // other modules have their own
				continue
			}
			if m := example.FindStringSubmatch(c.args[0]); m != nil {
				check(c.page, c.line, m[1], c.args[1:])
			}
		}
		for _, b := range p.blocks {
			words := strings.Fields(strings.TrimPrefix(b.comment, "go run "))
			if m := example.FindStringSubmatch(strings.Join(words[:min(1, len(words))], "")); m != nil {
				check(p.path, b.line, m[1], words[1:])
			}
		}
	}
	// The list of the examples has flags without their command.
	readme := pageOf(t, "examples/README.md")
	for _, l := range readme.prose {
		c := cells(l.text)
		if c == nil {
			continue
		}
		if m := link.FindStringSubmatch(c[0]); m != nil {
			for _, s := range codeSpan.FindAllString(c[len(c)-1], -1) {
				for _, words := range shellCommands(strings.Trim(s, "`")) {
					check(readme.path, l.line, m[2], words)
				}
			}
		}
	}
	assert.Greater(t, seen, 40)
}
