package docs_test

import (
	"go/types"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// obvious are the methods that every type of their kind has; the port map explains them
// once.
var obvious = map[string]bool{"Drop": true, "Clone": true, "String": true, "Error": true, "Unwrap": true, "Poll": true, "Await": true}

// The port map is complete on our side: each exported name says what it is
// the port of, or that Rust has nothing like it.
func TestThePortMapHasEveryExportedName(t *testing.T) {
	mentioned := make(map[string]bool)
	for _, s := range pageOf(t, "docs/from-rust.md").spans() {
		for _, m := range ourName.FindAllStringSubmatch(s.text, -1) {
			mentioned[m[1]+"."+m[2]] = true
			if m[3] != "" {
				mentioned[m[1]+"."+m[2]+"."+m[3]] = true
			}
		}
	}
	const hint = "docs/from-rust.md does not mention %s: say what it ports, or add it to what is only here"
	for pkg, p := range packagesByName(t) {
		for _, name := range p.Scope().Names() {
			obj := p.Scope().Lookup(name)
			if !obj.Exported() {
				continue
			}
			name = pkg + "." + name
			assert.True(t, mentioned[name], hint, name)
			if _, ok := obj.(*types.TypeName); !ok || obj.(*types.TypeName).IsAlias() || types.IsInterface(obj.Type()) {
				continue
			}
			methods := types.NewMethodSet(types.NewPointer(obj.Type()))
			for m := range methods.Methods() {
				method := m.Obj()
				if method.Exported() && !obvious[method.Name()] && method.Pkg().Path() == p.Path() {
					assert.True(t, mentioned[name+"."+method.Name()], hint, name+"."+method.Name())
				}
			}
		}
	}
}

// rustRow is a row of a table that says where items of Rust went.
type rustRow struct {
	line                   int
	section                string // the heading of the second level above it
	rust, here, difference string // its cells
}

// rustRows returns the rows of all tables that have three columns, the first of which is
// called Rust.
func rustRows(p *page) []rustRow {
	var rows []rustRow
	section, inTable := "", false
	for _, l := range p.prose {
		if title, ok := strings.CutPrefix(l.text, "## "); ok {
			section = title
		}
		c := cells(l.text)
		switch {
		case len(c) != 3:
			inTable = false
		case c[0] == "Rust":
			inTable = true
		case inTable && !strings.HasPrefix(c[0], "---"):
			rows = append(rows, rustRow{l.line, section, c[0], c[1], c[2]})
		}
	}
	return rows
}

// cells splits a row of a table, and returns nil for what is none.
func cells(line string) []string {
	line, ok := strings.CutPrefix(line, "|")
	if !ok {
		return nil
	}
	const bar = "\x00"
	all := strings.Split(strings.TrimSuffix(strings.ReplaceAll(line, `\|`, bar), "|"), "|")
	for i := range all {
		all[i] = strings.ReplaceAll(strings.TrimSpace(all[i]), bar, `\|`)
	}
	return all
}

var (
	rustArguments = regexp.MustCompile(`[(<].*[)>]$`)
	rustGroup     = regexp.MustCompile(`^(.*::)\{(.*)\}$`)
)

// items are the items of Rust that the row is about, in full: Poll::{Ready, Pending} are
// two, and after Receiver::is_closed, is_empty is Receiver::is_empty as well. The whole
// cell without marks is one too, for what has no name.
func (r rustRow) items() map[string]bool {
	all := map[string]bool{strings.ReplaceAll(r.rust, "`", ""): true}
	owner := ""
	for _, s := range codeSpan.FindAllString(r.rust, -1) {
		name := rustArguments.ReplaceAllString(strings.Trim(s, "`"), "")
		if group := rustGroup.FindStringSubmatch(name); group != nil {
			for member := range strings.SplitSeq(group[2], ",") {
				all[group[1]+strings.TrimSpace(member)] = true
			}
			continue
		}
		all[name] = true
		if i := strings.LastIndex(name, "::"); i >= 0 {
			owner = name[:i+2]
		} else {
			all[owner+name] = true
		}
	}
	return all
}

// rustItems reads a list of items of Rust: testdata/rust-items.txt has what the crates
// export, made from their sources by module test/differential, and testdata/rust.txt what
// has no place there.
func rustItems(t *testing.T, file string, sections map[string]bool) map[string][]string {
	t.Helper()
	list, err := os.ReadFile(file)
	require.NoError(t, err)
	items, section := make(map[string][]string), ""
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSpace(line)
		title := strings.TrimPrefix(line, "## ")
		switch {
		case line == "" || strings.HasPrefix(line, "# "): // #[tokio::main] is an item
		case sections[title]:
			section = title
		case strings.HasPrefix(line, "* "):
			items[section] = append(items[section], line[len("* "):])
		default:
			items[section] = append(items[section], strings.Fields(line)...)
		}
	}
	return items
}

// twin gives the types that mirror others the names of these.
var twin = strings.NewReplacer("WeakUnbounded", "Weak", "Unbounded", "", "AsyncSender", "Sender", "AsyncReceiver", "Receiver")

// has reports whether the row is about an item: by its whole name, as a method that several
// types have, by its last part, or as a type, by one of its methods. In front of the name may
// be a crate's, and a dot.
func (r rustRow) has(item string) bool {
	if _, after, ok := strings.Cut(item, "."); ok && after != "await" {
		item = after
	}
	all := r.items()
	if i := strings.LastIndex(item, "::"); all[item] || i >= 0 && all[item[i+2:]] {
		return true
	}
	for one := range all {
		if strings.HasPrefix(one, item+"::") {
			return true
		}
	}
	return false
}

// about returns the rows that are about an item, or about what it mirrors.
func about(rows []rustRow, item string) (in []int) {
	for _, name := range []string{item, twin.Replace(item)} {
		for i, r := range rows {
			if r.has(name) {
				in = append(in, i)
			}
		}
		if len(in) > 0 {
			return in
		}
	}
	return nil
}

// The port map is complete on the other side too: each item that a crate exports is in a
// row of its section. And each row has something that no other has, so that none can go
// without notice.
func TestThePortMapHasEveryRustItem(t *testing.T) {
	p := pageOf(t, "docs/from-rust.md")
	rows := make(map[string][]rustRow)
	sections := make(map[string]bool)
	for _, r := range rustRows(p) {
		rows[r.section] = append(rows[r.section], r)
		sections[r.section] = true
	}
	found := 0
	list := rustItems(t, "testdata/rust-items.txt", sections)
	for section, more := range rustItems(t, "testdata/rust.txt", sections) {
		list[section] = append(list[section], more...)
	}
	for section, items := range list {
		only := make([]int, len(rows[section])) // how many items no other row has
		for _, item := range items {
			in := about(rows[section], item)
			found += len(in)
			if assert.NotEmpty(t, in, "%s does not have %s in the section %q", p.path, item, section) && len(in) == 1 {
				only[in[0]]++
			}
		}
		for i, r := range rows[section] {
			assert.NotZero(t, only[i], "%s:%d: the list has nothing that only this row is about: %s", p.path, r.line, r.rust)
		}
	}
	assert.Greater(t, found, 500)
	for _, section := range []string{
		"What every type has", "std::sync::mpsc", "async-channel", "tokio::sync::mpsc", "async_std::task",
		"Other parts of tokio", "crossbeam, flume and kanal", "futures::channel::mpsc",
	} {
		assert.NotEmpty(t, list[section], section)
	}
}

// A reader who misses something wants the reason, and what to do instead.
func TestWhatIsNotPortedHasAReason(t *testing.T) {
	p := pageOf(t, "docs/from-rust.md")
	missing := 0
	for _, r := range rustRows(p) {
		assert.NotEmpty(t, r.here, "%s:%d: %s", p.path, r.line, r.rust)
		if strings.HasPrefix(r.here, "not ") {
			missing++
			assert.True(t, r.difference != "" || link.MatchString(r.here), "%s:%d: %s is %s, and why?", p.path, r.line, r.rust, r.here)
		}
	}
	assert.NotZero(t, missing)
}

// What the two tests above go by.
func TestARowOfThePortMapIsTakenApart(t *testing.T) {
	p := parse(t, "docs/some.md", "## Some\n\n| Rust | here | difference |\n|---|---|---|\n"+
		"| `A::f(x)`, `g`, `B` | `x.Y` | a \\| b |\n| dropping a `C<T>` | not ported | |\n| `E::{P, Q}` | | |\n\n| you | here |\n|---|---|\n| `h` | |\n")
	rows := rustRows(p)
	require.Len(t, rows, 3)
	assert.Equal(t, rustRow{5, "Some", "`A::f(x)`, `g`, `B`", "`x.Y`", `a \| b`}, rows[0])
	assert.Equal(t, []string{"A::B", "A::f", "A::f(x), g, B", "A::g", "B", "g"}, sorted(rows[0].items()))
	assert.Equal(t, []string{"C", "dropping a C<T>"}, sorted(rows[1].items()))
	assert.Equal(t, []string{"E::P", "E::Q", "E::{P, Q}"}, sorted(rows[2].items()))
}

func sorted(set map[string]bool) []string {
	var all []string
	for s := range set {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}
