package differential

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fault is a mistake in a copy of the library: a method is renamed, and what takes its place
// calls it, with the mistake if the variable planted has the name of the fault.
type fault struct {
	name     string
	receiver string // of the method in package async, without type parameters
	method   string
	instead  string // with %s for the method's new name
	pair     string // whose programs find it
}

var planted = []fault{
	{
		name: "a wake too many", receiver: "RecvFuture", method: "Poll", pair: "tokio",
		instead: `
type twice struct{ w future.Waker }

func (t twice) Wake() { t.w.Wake(); t.w.Wake() }

func (f *RecvFuture[T]) Poll(cx *future.Context) (T, bool, error) {
	if planted == "a wake too many" {
		cx = future.NewContext(cx, twice{cx.Waker()})
	}
	return f.%s(cx)
}`,
	},
	{
		name: "a wake too few", receiver: "SendFuture", method: "Poll", pair: "async-channel",
		instead: `
type seldom struct{ w future.Waker }

var wakes int

func (s seldom) Wake() {
	if wakes++; wakes%%10 != 0 {
		s.w.Wake()
	}
}

func (f *SendFuture[T]) Poll(cx *future.Context) (struct{}, bool, error) {
	if planted == "a wake too few" {
		cx = future.NewContext(cx, seldom{cx.Waker()})
	}
	return f.%s(cx)
}`,
	},
	{
		name: "a wrong count", receiver: "handle", method: "SenderCount", pair: "tokio",
		instead: `
func (s *handle[T]) SenderCount() int {
	n := s.%s()
	if planted == "a wrong count" {
		n = min(n, 2)
	}
	return n
}`,
	},
	{
		name: "a value dropped twice", receiver: "Receiver", method: "Drop", pair: "tokio-unbounded",
		instead: `
func (r *Receiver[T]) Drop() {
	if planted == "a value dropped twice" && r.ReceiverCount() == 1 {
		v, err := r.TryRecv()
		if d, ok := any(v).(Discarder); ok && err == nil {
			d.Discarded()
			d.Discarded()
		}
	}
	r.%s()
}`,
	},
	{
		name: "an order swapped", receiver: "Receiver", method: "TryRecvMany", pair: "flume",
		instead: `
func (r *Receiver[T]) TryRecvMany(buf []T) (int, error) {
	n, err := r.%s(buf)
	if planted == "an order swapped" && n > 2 {
		buf[1], buf[2] = buf[2], buf[1]
	}
	return n, err
}`,
	},
}

const variable = "HANDOFF_PLANTED"

// Five mistakes in a copy of package async are found within seconds each, and without one of
// them the copy does what the library does.
func TestPlantedFaultsAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the library with the faults")
	}
	o := originals(t) // builds the Rust program first
	require.NoError(t, o.Close())
	binary := filepath.Join(t.TempDir(), "planted.test")
	out, err := exec.Command("go", "test", "-c", "-overlay", overlay(t), "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	run := func(name, pair string, programs int) (string, error) {
		cmd := exec.Command(binary, "-test.run", "^TestOursDoesWhatTheOriginalsDo$/^"+pair+"$", "-programs", strconv.Itoa(programs))
		cmd.Env = append(os.Environ(), variable+"="+name)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	text, err := run("", "tokio", 50)
	require.NoError(t, err, "no fault is switched on:\n%s", text)
	for _, f := range planted {
		t.Run(f.name, func(t *testing.T) {
			begin := time.Now()
			text, err := run(f.name, f.pair, 2000)
			require.Error(t, err, "not found:\n%s", text)
			assert.Contains(t, text, "differs in")
			assert.Contains(t, text, "-program '"+f.pair)
			t.Logf("found after %v:\n%s", time.Since(begin).Round(time.Millisecond), text)
		})
	}
}

// overlay writes copies of the files of package async with all faults in them, and returns
// what the go command replaces them by.
func overlay(t *testing.T) string {
	t.Helper()
	async, err := filepath.Abs("../../async")
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(async, "*.go"))
	require.NoError(t, err)
	dir, replace, found := t.TempDir(), map[string]string{}, 0
	write := func(file string, text []byte) {
		replace[file] = filepath.Join(dir, filepath.Base(file))
		require.NoError(t, os.WriteFile(replace[file], text, 0o644))
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, parser.ParseComments)
		require.NoError(t, err)
		var instead strings.Builder
		for _, f := range planted {
			if method := f.find(parsed); method != nil {
				method.Name.Name = "unplanted" + f.method
				fmt.Fprintf(&instead, f.instead+"\n", method.Name.Name)
				found++
			}
		}
		if instead.Len() > 0 {
			var b bytes.Buffer
			require.NoError(t, format.Node(&b, set, parsed))
			b.WriteString(instead.String())
			write(file, b.Bytes())
		}
	}
	require.Len(t, planted, found, "package async lacks a method that a fault replaces")
	write(filepath.Join(async, "planted.go"), []byte("package async\n\nimport \"os\"\n\nvar planted = os.Getenv(\""+variable+"\")\n"))
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	list := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(list, text, 0o644))
	return list
}

func (f fault) find(file *ast.File) *ast.FuncDecl {
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv == nil || fn.Name.Name != f.method {
			continue
		}
		of := fn.Recv.List[0].Type
		if star, ok := of.(*ast.StarExpr); ok {
			of = star.X
		}
		if generic, ok := of.(*ast.IndexExpr); ok {
			of = generic.X
		}
		if name, ok := of.(*ast.Ident); ok && name.Name == f.receiver {
			return fn
		}
	}
	return nil
}
