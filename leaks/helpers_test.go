package leaks_test

import (
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/leak"
	"github.com/handoff-go/handoff/leaks"
)

// fakeT is a test that may fail.
type fakeT struct {
	errors   []string
	cleanups []func()
}

func (*fakeT) Helper() {}
func (t *fakeT) Errorf(format string, args ...any) {
	t.errors = append(t.errors, fmt.Sprintf(format, args...))
}
func (t *fakeT) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

func (t *fakeT) end() {
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
}

// found returns what Check reports of program.
func found(program func()) []string {
	t := new(fakeT)
	leaks.Check(t)
	program()
	t.end()
	return t.errors
}

// assertLeaks checks that each report names one of handles, all of them in any order, and
// the file in which they were made.
func assertLeaks(t *testing.T, reports []string, handles ...string) {
	t.Helper()
	var got []string
	form := regexp.MustCompile(`^leaks: (.*) made at .*/leaks/(\w+_test\.go):\d+ by .*\.Test.* was garbage and had not been dropped$`)
	for _, r := range reports {
		m := form.FindStringSubmatch(r)
		require.NotNil(t, m, r)
		got = append(got, m[1])
	}
	assert.ElementsMatch(t, handles, got)
}

// collectUntil collects garbage until cond holds, and reports whether it did in time. It
// counts rounds, for in a bubble there is no other time.
func collectUntil(cond func() bool) bool {
	for range 300 {
		if cond() {
			return true
		}
		runtime.GC()
	}
	return false
}

// collect shows that something is not collected.
func collect() {
	for range 3 {
		runtime.GC()
	}
}

// setPatience changes how long a check waits for cleanups, until undo is called.
func setPatience(d time.Duration) (undo func()) {
	before := leak.Patience
	leak.Patience = d
	return func() { leak.Patience = before }
}
