package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Pages named walk-*.md list calls in tables: the function, an arrow and what it calls, and the
// file. The tests here keep them as the code is.

// step is a row of such a table.
type step struct {
	function, calls string // "Chan.Push"; calls may be empty
	file            string
}

var walkRow = regexp.MustCompile("^\\| `([\\w.]+)`(?: -> `([\\w.]+)`)? \\| ([\\w/.]+\\.go) \\|")

func steps(page string) (all []step) {
	for line := range strings.Lines(page) {
		if m := walkRow.FindStringSubmatch(line); m != nil {
			all = append(all, step{m[1], m[2], m[3]})
		}
	}
	return all
}

// check returns what is wrong with s in the tree at root, or nil.
func (s step) check(root string) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, s.file), nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || walkName(f) != s.function {
			continue
		}
		if s.calls == "" || calls(f, s.calls) {
			return nil
		}
		return fmt.Errorf("%s in %s does not call %s", s.function, s.file, s.calls)
	}
	return fmt.Errorf("there is no %s in %s", s.function, s.file)
}

// walkName returns "Type.Method" or "function".
func walkName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	return of.(*ast.Ident).Name + "." + f.Name.Name
}

// calls reports whether f calls a function or method of that name. The type before the name is
// for the reader: the source alone does not show of which type a method is.
func calls(f *ast.FuncDecl, name string) (found bool) {
	_, method, ok := strings.Cut(name, ".")
	if !ok {
		method = name
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fun := call.Fun
		if generic, ok := fun.(*ast.IndexExpr); ok {
			fun = generic.X
		}
		switch fun := fun.(type) {
		case *ast.SelectorExpr:
			found = found || fun.Sel.Name == method
		case *ast.Ident:
			found = found || fun.Name == method
		}
		return true
	})
	return found
}

func TestWalksAreAsTheCodeIs(t *testing.T) {
	walks, err := filepath.Glob("design/walk-*.md")
	require.NoError(t, err)
	require.NotEmpty(t, walks)
	for _, page := range walks {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		assert.LessOrEqual(t, strings.Count(string(text), "\n"), 60, "%s: a walk is one page", page)
		all := steps(string(text))
		assert.NotEmpty(t, all, page)
		for _, s := range all {
			assert.NoError(t, s.check(".."), page)
		}
	}
}

func TestAWalkThatLeavesTheCodeIsFound(t *testing.T) {
	right := steps("| `Chan.Push` -> `List.Push` | internal/channel/send.go | x |\n")
	require.Len(t, right, 1)
	assert.NoError(t, right[0].check(".."))
	for _, wrong := range []string{
		"| `Chan.Push` -> `List.Pop` | internal/channel/send.go | x |\n",
		"| `Chan.Push` | internal/channel/recv.go | x |\n",
		"| `Sender.Push` | internal/channel/send.go | x |\n",
		"| `Chan.Push` | internal/channel/none.go | x |\n",
	} {
		assert.Error(t, steps(wrong)[0].check(".."), wrong)
	}
}
