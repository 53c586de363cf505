package layers

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/handoff-go/handoff/"

// allowed says what a package may reach besides the standard library and itself.
var allowed = map[string]string{
	"internal/errs":    `^$`,
	"internal/sched":   `^$`,
	"internal/queue":   `^internal/sched$`,
	"internal/waitq":   `^internal/(queue|park|sched)$`,
	"internal/leak":    `^$`,
	"internal/channel": `^internal/(queue|waitq|park|errs|sched|leak)$`,
	"internal/park":    `^$`,
	"future":           `^internal/(park|errs|sched)$`,
	"task":             `^(future|internal/(park|errs|sched)|github.com/panjf2000/ants/v2(/.*)?|golang.org/x/sync/errgroup)$`,
	"task/tasktest":    `^(task|future|internal/(park|errs|sched)|github.com/panjf2000/ants/v2(/.*)?|golang.org/x/sync/errgroup|go.uber.org/goleak(/.*)?)$`,
	"async":            `^(future|sync/mpsc|internal/(channel|queue|waitq|errs|park|sched|leak))$`,
	"sync/mpsc":        `^internal/(channel|queue|waitq|park|errs|sched|leak)$`,
	"leaks":            `^internal/leak$`,
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	require.NoError(t, err, "go list %s", strings.Join(args, " "))
	return strings.Fields(string(out))
}

func TestImportsOnlyPointDown(t *testing.T) {
	for pkg, pattern := range allowed {
		t.Run(pkg, func(t *testing.T) {
			ok := regexp.MustCompile(pattern)
			for _, dep := range goList(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", module+pkg) {
				inside := strings.TrimPrefix(dep, module)
				assert.True(t, inside == pkg || ok.MatchString(inside), "%s reaches %s", pkg, dep)
			}
		})
	}
}

// A library package that the table above does not know would be unchecked.
func TestEveryLibraryPackageHasItsLayer(t *testing.T) {
	for _, path := range goList(t, module+"...") {
		pkg := strings.TrimPrefix(path, module)
		switch {
		case strings.HasPrefix(pkg, "examples/"), pkg == "docs", pkg == "internal/layers", pkg == "internal/conformance", pkg == "internal/methods", pkg == "internal/queue/designs":

		case strings.HasPrefix(pkg, "examples/"), pkg == "docs", pkg == "internal/layers", pkg == "internal/conformance", pkg == "internal/queue/designs", pkg == "internal/soak":
		default:
			assert.Contains(t, allowed, pkg)
		}
	}
}
