// Package mutant runs tests against production code with a mistake in it, to show that they
// find it.
//
// A [Mutant] is a change of text in one production file. The changed file goes to a temporary
// directory and into the tests by the flag -overlay of the go command, so production files
// contain nothing for the sake of these tests. Rejected: a condition in the production file,
// which is compiled away in a normal build, but is read by everyone who reads the file.
package mutant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// DirVariable is the environment variable that names a directory which keeps the changed files
// and the overlays, named by their mutants, for use with tests of other packages.
const DirVariable = "HANDOFF_MUTANTS"

// Mutant is a mistake in a production file.
type Mutant struct {
	// Name says what is wrong.
	Name string
	// File is the path of the file from the root of the library's module.
	File string
	// Old is text that occurs exactly once in the file, and New is what replaces it.
	Old, New string
}

// apply returns src with the mistake.
func (m Mutant) apply(src string) (string, error) {
	if m.Old == m.New {
		return "", fmt.Errorf("the mutant %q changes nothing", m.Name)
	}
	if n := strings.Count(src, m.Old); n != 1 {
		return "", fmt.Errorf("the mutant %q no longer applies: its old text occurs %d times in %s and must occur once:\n%s", m.Name, n, m.File, m.Old)
	}
	return strings.Replace(src, m.Old, m.New, 1), nil
}

// Overlay writes the changed file and returns the path of the overlay that puts it in place of
// the original. It fails the test if the mutant does not apply.
func (m Mutant) Overlay(t testing.TB) string {
	t.Helper()
	root := run(t, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/handoff-go/handoff")
	file := filepath.Join(strings.TrimSpace(root), filepath.FromSlash(m.File))
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := m.apply(string(src))
	if err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv(DirVariable)
	if dir == "" {
		dir = t.TempDir()
	}
	base := filepath.Join(dir, strings.ReplaceAll(m.Name, " ", "-"))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: base + ".go"}})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string][]byte{base + ".go": []byte(changed), base + ".json": overlay} {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return base + ".json"
}

// Tests is the test binary of the package in the current directory, with a mistake in what it
// tests.
type Tests struct{ binary string }

// Build compiles the tests of the package in the current directory with an overlay. The flags
// are those of go test. It fails the test if they do not compile: go test would report that in
// the same way as tests that fail, and the mutant would count as found.
func Build(t testing.TB, overlay string, flags ...string) Tests {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "mutant.test")
	args := append([]string{"test", "-c", "-overlay", overlay, "-o", binary}, flags...)
	run(t, "go", append(args, ".")...)
	return Tests{binary}
}

// Find runs the tests, with variables of the environment, and returns their output. It fails
// the test if they pass, or if the process ends in another way than by a failed test.
func (b Tests) Find(t testing.TB, env []string, flags ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), b.binary, flags...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err = found(out, err); err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// found returns nil if a test binary, with its output and the error of its process, has reported
// a failed test.
func found(out []byte, err error) error {
	if err == nil {
		return fmt.Errorf("the tests pass with the mutant:\n%s", out)
	}
	if exit := new(exec.ExitError); !errors.As(err, &exit) || !bytes.Contains(out, []byte("--- FAIL: ")) {
		return fmt.Errorf("no test failed: %w\n%s", err, out)
	}
	return nil
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
