package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ourName is a name of this library in a code span: a package's, or a method or field of a type.
var ourName = regexp.MustCompile(`\b(mpsc|async|future|task|tasktest|leaks|observe|console)\.([A-Z]\w*)(?:\[[\w, ]+\])?(?:\.([A-Z]\w*))?`)

// packagesByName are those of this library, with their exported names.
func packagesByName(t *testing.T) map[string]*types.Package {
	t.Helper()
	c := newChecker(t)
	all := make(map[string]*types.Package)
	for _, importPath := range ours {
		pkg, err := c.importer.Import(importPath)
		require.NoError(t, err)
		all[path.Base(importPath)] = pkg
	}
	return all
}

func TestNamesOfThisLibraryExist(t *testing.T) {
	packages := packagesByName(t)
	for _, p := range pages(t) {
		for _, s := range p.spans() {
			for _, m := range ourName.FindAllStringSubmatch(s.text, -1) {
				pkg := packages[m[1]]
				obj := pkg.Scope().Lookup(m[2])
				if !assert.NotNil(t, obj, "%s:%d: %s", p.path, s.line, m[0]) || m[3] == "" {
					continue
				}
				member, _, _ := types.LookupFieldOrMethod(obj.Type(), true, pkg, m[3])
				assert.NotNil(t, member, "%s:%d: %s", p.path, s.line, m[0])
			}
		}
	}
}

// testName is a test, a benchmark or an example that a page cites.
var testName = regexp.MustCompile(`^(Test|Example|Fuzz|Benchmark)[A-Z]\w*$`)

// tests returns the names of all tests and the folders they are in.
func tests(t *testing.T) map[string][]string {
	t.Helper()
	all := make(map[string][]string)
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && testName.MatchString(f.Name.Name) {
				all[f.Name.Name] = append(all[f.Name.Name], filepath.ToSlash(rel))
			}
		}
		return nil
	})
	require.NoError(t, err)
	return all
}

func TestTestsThatPagesCiteExist(t *testing.T) {
	known := tests(t)
	cited := 0
	for _, p := range pages(t) {
		for _, s := range p.spans() {
			name, _, _ := strings.Cut(s.text, "/") // a subtest is not in the source
			if !testName.MatchString(name) || standIn.MatchString(name) {
				continue
			}
			cited++
			files := known[name]
			if assert.NotEmpty(t, files, "%s:%d: there is no %s", p.path, s.line, s.text) && s.target != "" {
				file := path.Join(path.Dir(p.path), s.target)
				assert.Contains(t, files, file, "%s:%d: %s is somewhere else", p.path, s.line, s.text)
			}
		}
	}
	assert.NotZero(t, cited)
}

// Each of the ten answers says which test proves it.
func TestEveryAnswerOfTheQuizHasItsProof(t *testing.T) {
	p := pageOf(t, "docs/quiz.md")
	var questions []proseLine
	for _, l := range p.prose {
		if strings.HasPrefix(l.text, "## ") {
			questions = append(questions, l)
		}
	}
	require.Len(t, questions, 10)
	proofs := make([]int, len(questions))
	for _, s := range p.spans() {
		if testName.MatchString(s.text) && s.target != "" {
			for i := len(questions) - 1; i >= 0; i-- {
				if questions[i].line < s.line {
					proofs[i]++
					break
				}
			}
		}
	}
	for i, n := range proofs {
		assert.NotZero(t, n, "%q has no proof", questions[i].text)
	}
}
