package mutant

import (
	"os"
	"os/exec"
	"testing"
)

// Variable has the name of the mutant in the tests of one.
const Variable = "HANDOFF_MUTANT"

// Find runs one test of the package of the caller in the mutant of that name, with a build tag.
// That test has to find the mistake, so Find fails unless it passes. It calls [Running].
func Find(t *testing.T, name, tag, test string) {
	t.Helper()
	m, ok := Named(name)
	if !ok {
		t.Fatalf("there is no mutant %q", name)
	}
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := m.Overlay(root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-tags", tag, "-overlay", overlay, "-vet=off", "-count=1", "-v", "-run", "^"+test+"$", ".")
	cmd.Env = append(os.Environ(), Variable+"="+name)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("%s did not find %q: %v", test, name, err)
	}
}

// Running returns the name of the mutant that this process tests. It skips a test that runs in
// the code as it is.
func Running(t *testing.T) string {
	t.Helper()
	name := os.Getenv(Variable)
	if name == "" {
		t.Skip("runs in mutants only")
	}
	return name
}
