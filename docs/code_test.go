package docs_test

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
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

	// The go command has to know that these tests depend on what the pages are about, or it
	// would not run them again after a change.
	_ "github.com/handoff-go/handoff/async"
	_ "github.com/handoff-go/handoff/sync/mpsc"
	_ "github.com/handoff-go/handoff/task/tasktest"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

const module = "github.com/handoff-go/handoff/"

// ours are the packages whose names the pages use.
var ours = []string{module + "sync/mpsc", module + "async", module + "future", module + "task", module + "task/tasktest", module + "leaks", module + "observe", module + "observe/console"}

// imports are the packages that a fragment may use by their names, beside ours.
var imports = []string{
	"bufio", "bytes", "cmp", "context", "errors", "expvar", "flag", "fmt", "io", "log", "maps", "math/rand/v2", "net/http",
	"os", "os/signal", "slices", "sort", "strings", "sync", "sync/atomic", "testing", "testing/synctest", "time",
	"go.uber.org/goleak", "golang.org/x/sync/errgroup",
}

// packageName returns the name under which a package is used.
func packageName(importPath string) string {
	name := path.Base(importPath)
	if name == "v2" {
		name = path.Base(path.Dir(importPath))
	}
	return name
}

// exports maps the packages above, and what they import, to their export data, which the
// go command compiles if it has to.
var exports = sync.OnceValues(func() (map[string]string, error) {
	args := append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, append(slices.Clone(ours), imports...)...)
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, failed.Stderr)
		}
		return nil, err
	}
	files := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		if pkg, file, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			files[pkg] = file
		}
	}
	return files, nil
})

// checker checks types, all with one set of imported packages.
type checker struct {
	fset     *token.FileSet
	importer types.Importer
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	files, err := exports()
	require.NoError(t, err)
	fset := token.NewFileSet()
	return &checker{fset, importer.ForCompiler(fset, "gc", func(pkg string) (io.ReadCloser, error) {
		file, ok := files[pkg]
		if !ok {
			return nil, fmt.Errorf("no export data of %s: is it in the list of imports?", pkg)
		}
		return os.Open(file)
	})}
}

// plainName is the error about a name that a fragment leaves to its reader.
var plainName = regexp.MustCompile(`^undefined: \w+$`)

// check returns what is wrong with a file.
func (c *checker) check(src string, tolerated func(types.Error) bool) error {
	file, err := parser.ParseFile(c.fset, "page.go", src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	var all []error
	conf := types.Config{Importer: c.importer, Error: func(err error) {
		if e, ok := errors.AsType[types.Error](err); ok && tolerated(e) {
			return
		}
		all = append(all, err)
	}}
	conf.Check("page", c.fset, []*ast.File{file}, nil) // reports through conf.Error
	return errors.Join(all...)
}

// fragment checks a block that is no program, in the forms that it may have.
func (c *checker) fragment(b *block) error {
	text := fmt.Sprintf("//line %s:%d\n%s", b.page.path, b.line, b.text)
	given := fmt.Sprintf("//line %s:%d\n%s", b.page.path, max(b.givenLine, 1), b.given)
	var all []error
	for _, form := range []string{"%s", "func _() {\n%s}", "func _() error {\n%s\nreturn nil\n}"} {
		src := c.withImports(fmt.Sprintf(form, text) + "\n" + given)
		err := c.check(src, func(e types.Error) bool {
			return e.Soft || !b.page.strict() && plainName.MatchString(e.Msg)
		})
		if err == nil {
			return nil
		}
		if form == "%s" && !strings.Contains(err.Error(), "expected declaration") {
			return err // these are declarations
		}
		all = append(all, err)
	}
	return errors.Join(all[1:]...)
}

var selector = regexp.MustCompile(`\b(\w+)\.\w`)

// withImports makes a file of declarations. It may import too much, which is a soft error.
func (c *checker) withImports(decls string) string {
	var src strings.Builder
	src.WriteString("package page\n")
	used := make(map[string]bool)
	for _, m := range selector.FindAllStringSubmatch(decls, -1) {
		used[m[1]] = true
	}
	for _, pkg := range append(slices.Clone(ours), imports...) {
		if used[packageName(pkg)] {
			fmt.Fprintf(&src, "import %q\n", pkg)
		}
	}
	return src.String() + decls
}

var isProgram = regexp.MustCompile(`(?m)^package \w+$`)

func TestGoBlocksCompile(t *testing.T) {
	c := newChecker(t)
	checked := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.lang != "go" {
				continue
			}
			checked++
			formatted, err := format.Source([]byte(b.text))
			if assert.NoError(t, err, b.where()) {
				assert.Equal(t, string(formatted), b.text, "%s is not formatted with gofmt", b.where())
			}
			switch {
			case isExcerpt.MatchString(b.comment): // its file is compiled
			case isProgram.MatchString(b.text):
				src := fmt.Sprintf("//line %s:%d\n%s", p.path, b.line, b.text)
				assert.NoError(t, c.check(src, func(types.Error) bool { return false }), b.where())
			default:
				assert.NoError(t, c.fragment(b), b.where())
			}
		}
	}
	assert.Greater(t, checked, 3)
}

// What is wrong in a fragment has to be found.
func TestAFragmentThatIsWrongIsFound(t *testing.T) {
	c := newChecker(t)
	for _, text := range []string{
		"tx, rx := mpsc.Channel[int]()\ntx.Send(\"text\")\nrx.Drop()\n",
		"tx, rx := mpsc.Channel[int]()\ntx.Close()\nrx.Drop()\n",
		"mpsc.Nothing()\n",
		"func f(tx *async.Sender[int]) error { return tx.Send(1) }\n",
		"func f() { undeclared() }\n",
	} {
		p := &page{path: "docs/some.md"}
		require.Error(t, c.fragment(&block{page: p, line: 1, text: text}), text)
	}
	lenient := &page{path: "README.md"}
	require.NoError(t, c.fragment(&block{page: lenient, line: 1, text: "func f() { undeclared() }\n"}))
	require.NoError(t, c.fragment(&block{page: lenient, line: 1, text: "tx, rx := mpsc.Channel[int]()\nif err := tx.Send(1); err != nil {\n\treturn err\n}\nrx.Drop()\n"}))
	require.Error(t, c.fragment(&block{page: lenient, line: 1, text: "mpsc.Nothing()\n"}))
}

var isExcerpt = regexp.MustCompile(`^([\w./-]+\.go)(?:#([\w.,]+))?$`)

func TestExcerptsEqualTheirSource(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			m := isExcerpt.FindStringSubmatch(b.comment)
			if m == nil {
				continue
			}
			want, err := excerpt(m[1], m[2])
			if assert.NoError(t, err, b.where()) {
				assert.Equal(t, want, b.text, "%s: the page and %s differ", b.where(), b.comment)
			}
		}
	}
}

// excerpt returns declarations of a file as they stand there.
func excerpt(file, names string) (string, error) {
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil || names == "" {
		return string(src), err
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	text := make(map[string]string)
	for _, decl := range parsed.Decls {
		name, doc := nameOf(decl)
		start := decl.Pos()
		if doc != nil {
			start = doc.Pos()
		}
		text[name] = string(src[fset.Position(start).Offset:fset.Position(decl.End()).Offset])
	}
	var parts []string
	for name := range strings.SplitSeq(names, ",") {
		if text[name] == "" {
			return "", fmt.Errorf("%s declares no %s", file, name)
		}
		parts = append(parts, text[name])
	}
	return strings.Join(parts, "\n\n") + "\n", nil
}

// nameOf returns the name of a declaration, the first one of a group.
func nameOf(decl ast.Decl) (string, *ast.CommentGroup) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return d.Name.Name, d.Doc
		}
		on := d.Recv.List[0].Type
		for {
			switch x := on.(type) {
			case *ast.StarExpr:
				on = x.X
				continue
			case *ast.IndexExpr:
				on = x.X
				continue
			case *ast.Ident:
				return x.Name + "." + d.Name.Name, d.Doc
			}
			return d.Name.Name, d.Doc
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				return s.Name.Name, d.Doc
			case *ast.ValueSpec:
				return s.Names[0].Name, d.Doc
			}
		}
	}
	return "", nil
}

// output is what a command printed.
type output struct {
	stdout string
	err    error // with what it printed beside
}

// ran has the outputs of programs by where their page shows them. What they are does not
// change while the tests run, so each is built and run once in a process however often they
// are repeated. A comparison is made each time.
var ran struct {
	sync.Mutex
	outputs map[string]func() output
}

// goRun runs a program of a page with go run.
func goRun(where string, args []string) output {
	ran.Lock()
	if ran.outputs == nil {
		ran.outputs = make(map[string]func() output)
	}
	run, ok := ran.outputs[where]
	if !ok {
		run = sync.OnceValue(func() output {
			cmd := exec.Command("go", append([]string{"run"}, args...)...)
			cmd.Dir = root
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				err = fmt.Errorf("%w: %s", err, stderr.String())
			}
			return output{string(out), err}
		})
		ran.outputs[where] = run
	}
	ran.Unlock()
	return run()
}

// Programs print what the page says. Each is a process of its own, built by go run, so they
// wait for one another no longer than they have to.
func TestProgramsPrintWhatThePageSays(t *testing.T) {
	if !testsize.Long() {
		t.Skip("builds programs")
	}
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			var args []string
			var want string
			command, isCommand := strings.CutPrefix(b.comment, "go run ")
			switch {
			case b.comment == "run":
				require.NotNil(t, b.next, b.where())
				require.Equal(t, "text", b.next.lang, "%s: a program that is run has its output behind it", b.where())
				file := filepath.Join(t.TempDir(), "main.go")
				require.NoError(t, os.WriteFile(file, []byte(b.text), 0o600))
				args, want = []string{file}, b.next.text
			case isCommand:
				args, want = strings.Fields(command), b.text
			default:
				continue
			}
			t.Run(b.where(), func(t *testing.T) {
				t.Parallel()
				got := goRun(b.where(), args)
				require.NoError(t, got.err)
				require.Equal(t, want, got.stdout)
			})
		}
	}
}

// Comments that no rule knows are mistakes.
func TestEveryCommentBeforeABlockIsKnown(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.lang == "go" && b.comment == "" && isProgram.MatchString(b.text) && b.next != nil {
				assert.NotEqual(t, "text", b.next.lang, "%s: a program with an output behind it wants <!-- run --> before it", b.where())
			}
			known := b.comment == "" || b.comment == "run" || strings.HasPrefix(b.comment, "go run ") || isExcerpt.MatchString(b.comment)
			assert.True(t, known, "%s: %q", b.where(), b.comment)
			assert.Contains(t, []string{"go", "rust", "sh", "text", "mermaid", "diff"}, cmp.Or(b.lang, "none"), b.where())
		}
	}
}
