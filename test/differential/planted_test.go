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
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fault is a mistake in a copy of the library: a method is renamed, and what takes its place
// calls it.
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
	return f.%s(future.NewContext(cx, twice{cx.Waker()}))
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
	return f.%s(future.NewContext(cx, seldom{cx.Waker()}))
}`,
	},
	{
		name: "a wrong count", receiver: "handle", method: "SenderCount", pair: "tokio",
		instead: `
func (s *handle[T]) SenderCount() int {
	if n := s.%s(); n < 3 {
		return n
	}
	return 2
}`,
	},
	{
		name: "a value dropped twice", receiver: "Receiver", method: "Drop", pair: "tokio-unbounded",
		instead: `
func (r *Receiver[T]) Drop() {
	last := r.ReceiverCount() == 1
	v, err := r.TryRecv()
	if d, ok := any(v).(Discarder); ok && err == nil && last {
		d.Discarded()
		d.Discarded()
	}
	r.%s()
}`,
	},
	{
		name: "an order swapped", receiver: "Receiver", method: "TryRecvMany", pair: "flume",
		instead: `
func (r *Receiver[T]) TryRecvMany(buf []T) (int, error) {
	n, err := r.%s(buf)
	if n > 2 {
		buf[1], buf[2] = buf[2], buf[1]
	}
	return n, err
}`,
	},
}

// Five mistakes, each in a copy of package async, are found within seconds.
func TestPlantedFaultsAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the library five times")
	}
	o := originals(t) // builds the Rust program first
	require.NoError(t, o.Close())
	for _, f := range planted {
		t.Run(f.name, func(t *testing.T) {
			overlay := f.plant(t)
			binary := filepath.Join(t.TempDir(), "planted.test")
			out, err := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", binary, ".").CombinedOutput()
			require.NoError(t, err, "%s", out)
			begin := time.Now()
			out, err = exec.Command(binary, "-test.run", "^TestOursDoesWhatTheOriginalsDo$/^"+f.pair+"$", "-programs", "2000").CombinedOutput()
			require.Error(t, err, "not found:\n%s", out)
			assert.Contains(t, string(out), "differs in")
			assert.Contains(t, string(out), "-program '"+f.pair)
			t.Logf("found after %v:\n%s", time.Since(begin).Round(time.Millisecond), out)
		})
	}
}

// plant writes a copy of the file that has the method, and returns an overlay of it.
func (f fault) plant(t *testing.T) string {
	t.Helper()
	async, err := filepath.Abs("../../async")
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(async, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, parser.ParseComments)
		require.NoError(t, err)
		method := f.find(parsed)
		if method == nil {
			continue
		}
		renamed := "unplanted" + f.method
		method.Name.Name = renamed
		var b bytes.Buffer
		require.NoError(t, format.Node(&b, set, parsed))
		fmt.Fprintf(&b, f.instead, renamed)
		copied := filepath.Join(t.TempDir(), filepath.Base(file))
		require.NoError(t, os.WriteFile(copied, b.Bytes(), 0o644))
		text, err := json.Marshal(map[string]map[string]string{"Replace": {file: copied}})
		require.NoError(t, err)
		overlay := filepath.Join(t.TempDir(), "overlay.json")
		require.NoError(t, os.WriteFile(overlay, text, 0o644))
		return overlay
	}
	require.Fail(t, "package async has no such method", "%s.%s", f.receiver, f.method)
	return ""
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
