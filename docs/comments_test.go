package docs_test

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// packageDoc is the documentation of one of our packages as pkg.go.dev shows it: without
// what is not exported.
func packageDoc(t *testing.T, importPath string) (*doc.Package, *token.FileSet) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, strings.TrimPrefix(importPath, module), "*.go"))
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, f)
	}
	pkg, err := doc.NewFromFiles(fset, files, importPath)
	require.NoError(t, err)
	return pkg, fset
}

// explained calls fn for each exported name of pkg with the comment that explains it: of
// its own, or else, for a member of a struct or a group, the one beside it.
func explained(pkg *doc.Package, fn func(name, text string, at token.Pos)) {
	funcs := func(of string, all []*doc.Func) {
		for _, f := range all {
			fn(of+f.Name, f.Doc, f.Decl.Pos())
		}
	}
	values := func(all []*doc.Value) {
		for _, v := range all {
			for _, spec := range v.Decl.Specs {
				spec := spec.(*ast.ValueSpec)
				for _, name := range spec.Names {
					fn(name.Name, spec.Doc.Text()+spec.Comment.Text(), name.Pos())
				}
			}
		}
	}
	funcs("", pkg.Funcs)
	values(pkg.Vars)
	values(pkg.Consts)
	for _, typ := range pkg.Types {
		fn(typ.Name, typ.Doc, typ.Decl.Pos())
		funcs("", typ.Funcs)
		funcs(typ.Name+".", typ.Methods)
		values(typ.Vars)
		values(typ.Consts)
		members := new(ast.FieldList)
		switch def := typ.Decl.Specs[0].(*ast.TypeSpec).Type.(type) {
		case *ast.StructType:
			members = def.Fields
		case *ast.InterfaceType:
			members = def.Methods
		}
		for _, m := range members.List {
			for _, name := range m.Names {
				if name.IsExported() {
					fn(typ.Name+"."+name.Name, m.Doc.Text()+m.Comment.Text(), name.Pos())
				}
			}
		}
	}
}

// The linter wants a comment on each declaration, but not on the members of structs,
// interfaces and groups.
func TestEveryExportedNameIsExplained(t *testing.T) {
	for _, importPath := range ours {
		pkg, fset := packageDoc(t, importPath)
		seen := 0
		explained(pkg, func(name, text string, at token.Pos) {
			seen++
			assert.NotEmpty(t, strings.TrimSpace(text), "%s: %s.%s", fset.Position(at), pkg.Name, name)
		})
		assert.NotZero(t, seen, importPath)
	}
}

// unlinked is what pkg.go.dev shows in brackets because it leads nowhere. A single letter
// is a type parameter.
var unlinked = regexp.MustCompile(`\[\*?(?:\w+\.)?[A-Z]\w+(?:\.\w+)?\]`)

func TestEveryLinkInACommentLeadsSomewhere(t *testing.T) {
	packages := packagesByName(t)
	for _, importPath := range ours {
		pkg, fset := packageDoc(t, importPath)
		check := func(name, text string, at token.Pos) {
			for _, block := range pkg.Parser().Parse(text).Content {
				for _, span := range spans(block) {
					switch s := span.(type) {
					case comment.Plain:
						assert.Empty(t, unlinked.FindAllString(string(s), -1), "%s: %s", fset.Position(at), name)
					case *comment.DocLink:
						// Names of other packages become links without a look.
						if other := packages[path.Base(s.ImportPath)]; other != nil {
							assert.True(t, has(other, s.Recv, s.Name), "%s: %s: %s.%s.%s", fset.Position(at), name, s.ImportPath, s.Recv, s.Name)
						}
					}
				}
			}
		}
		check(pkg.Name, pkg.Doc, token.NoPos)
		explained(pkg, check)
	}
}

// has reports whether pkg has the name, which is a method if recv is not empty.
func has(pkg *types.Package, recv, name string) bool {
	if recv == "" {
		return name == "" || pkg.Scope().Lookup(name) != nil
	}
	typ := pkg.Scope().Lookup(recv)
	if typ == nil {
		return false
	}
	member, _, _ := types.LookupFieldOrMethod(typ.Type(), true, pkg, name)
	return member != nil
}

// spans are the texts and links of a block, without code.
func spans(block comment.Block) (all []comment.Text) {
	switch b := block.(type) {
	case *comment.Heading:
		return b.Text
	case *comment.Paragraph:
		return b.Text
	case *comment.List:
		for _, item := range b.Items {
			for _, inner := range item.Content {
				all = append(all, spans(inner)...)
			}
		}
	}
	return all
}
