package differential

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	programs = flag.Int("programs", 2000, "how many programs of each pair")
	seed     = flag.Uint64("seed", 1, "the seed of the first of them")
	program  = flag.String("program", "", "a program for TestProgram, as a failure prints it")
)

// built compiles the Rust program once for all tests.
var built = sync.OnceValues(func() (string, error) { return Build("rust") })

// originals starts the Rust program, or skips the test where there is no cargo.
func originals(t testing.TB) *Originals {
	t.Helper()
	if _, err := exec.LookPath("cargo"); err != nil {
		t.Skip("not run: cargo is missing")
	}
	if runtime.GOOS != "linux" {
		t.Skip("not run: the Rust program sees in /proc which of its threads sleep")
	}
	path, err := built()
	require.NoError(t, err)
	o, err := Start(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = o.Close() })
	return o
}

// runBoth runs a program on both sides.
func runBoth(t *testing.T, o *Originals, p Program) (rust, ours []Step) {
	t.Helper()
	rust, err := o.Run(p)
	require.NoError(t, err)
	return rust, Run(t, p)
}

func judge(t *testing.T, o *Originals, p Program) Verdict {
	t.Helper()
	rust, ours := runBoth(t, o, p)
	v := Judge(p, rust, ours)
	if fault := Faults(p, ours); v.Unknown == nil && fault != nil {
		v.Unknown = fault
	}
	return v
}

// Each program does the same here as in Rust, but for the divergences that are intended.
func TestOursDoesWhatTheOriginalsDo(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(Pairs)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := originals(t)
			met := map[string]int{}
			compared, all := 0, 0
			for i := range uint64(*programs) {
				p := Generate(name, *seed+i)
				v := judge(t, o, p)
				for _, c := range v.Classes {
					met[c]++
				}
				compared, all = compared+v.Steps, all+len(p.Ops)
				if v.Unknown != nil {
					t.Fatal(report(t, o, v.Unknown, *seed+i))
				}
			}
			t.Logf("%d programs, %d of %d steps compared; %v", *programs, compared, all, met)
			assert.Greater(t, compared, all/2, "intended divergences end most programs early")
		})
	}
}

// report shrinks a program that failed and says how to run it.
func report(t *testing.T, o *Originals, d *Difference, from uint64) string {
	t.Helper()
	p := Shrink(d.Program.prefix(min(d.At, len(d.Program.Ops)-1)), func(p Program) bool { return judge(t, o, p).Unknown != nil })
	if v := judge(t, o, p); v.Unknown != nil {
		d = v.Unknown
	}
	return fmt.Sprintf("seed %d:\n%s\ncd test/differential && go test -run '^TestProgram$' -program '%s' .", from, d, p)
}

// A program by hand, or one that a failure has printed.
func TestProgram(t *testing.T) {
	if *program == "" {
		t.Skip("there is no -program")
	}
	p, err := ParseProgram(*program)
	require.NoError(t, err)
	o := originals(t)
	rust, ours := runBoth(t, o, p)
	for i := range max(len(rust), len(ours)) {
		op := ""
		if i < len(p.Ops) {
			op = p.Ops[i]
		}
		before := max(i-1, 0)
		t.Logf("%3d %s\n    %-12s %s\n    %-12s %s", i, op, Pairs[p.Pair].Library, at(rust, i).since(at(rust, before)), "ours", at(ours, i).since(at(ours, before)))
	}
	v := judge(t, o, p)
	t.Log("intended:", v.Classes)
	if v.Unknown != nil {
		t.Errorf("step %d differs in %v", v.Unknown.At, v.Unknown.Fields)
	}
}

// A divergence that no longer occurs has no place in the list, and neither has a program
// that is larger than it must be. The page for those who come from Rust has each.
func TestEachIntendedDivergenceOccursAndIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "from-rust.md"))
	require.NoError(t, err)
	o := originals(t)
	for _, c := range Classes {
		t.Run(c.Name, func(t *testing.T) {
			p, err := ParseProgram(c.Smallest)
			require.NoError(t, err)
			shows := func(p Program) bool {
				v := judge(t, o, p)
				return v.Unknown == nil && slices.Contains(v.Classes, c.Name)
			}
			if assert.True(t, shows(p), "it no longer occurs, or is another one now: %v", judge(t, o, p)) {
				assert.Equal(t, p, Shrink(p, shows), "its program can be smaller")
			}
			assert.True(t, strings.Contains(string(page), c.Says), "docs/from-rust.md does not say %q", c.Says)
			assert.Contains(t, c.Pairs, p.Pair)
		})
	}
}
