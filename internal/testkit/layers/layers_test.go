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
	"internal/bubble":  `^$`,
	"internal/sched":   `^$`,
	"internal/site":    `^$`,
	"internal/probe":   `^internal/bubble$`,
	"internal/queue":   `^internal/sched$`,
	"internal/each":    `^$`,
	"internal/discard": `^internal/(each|probe|bubble)$`,
	"internal/waitq":   `^internal/(queue|park|each|sched)$`,
	"internal/leak":    `^internal/(bubble|site)$`,
	"internal/channel": `^internal/(queue|waitq|park|each|discard|errs|sched|leak|bubble|probe|site)$`,
	"internal/park":    `^$`,
	"internal/once":    `^internal/(errs|sched)$`,
	"future":           `^internal/(park|once|each|errs|sched|bubble|discard|probe)$`,
	"task":             `^(future|internal/(park|once|each|errs|sched|bubble|discard|probe|site)|github.com/panjf2000/ants/v2(/.*)?|golang.org/x/sync/errgroup)$`,
	"task/tasktest":    `^(task|future|internal/(park|once|each|errs|sched|bubble|discard|probe|site)|github.com/panjf2000/ants/v2(/.*)?|golang.org/x/sync/errgroup|go.uber.org/goleak(/.*)?)$`,
	"async":            `^(future|sync/mpsc|internal/(channel|queue|waitq|each|discard|errs|park|once|sched|leak|bubble|probe|site))$`,
	"sync/mpsc":        `^internal/(channel|queue|waitq|park|once|each|discard|errs|sched|leak|bubble|probe|site)$`,
	"leaks":            `^internal/(leak|bubble|site)$`,
	"observe":          `^internal/(bubble|leak|probe|site)$`,
	"observe/console":  `^(observe|internal/(bubble|leak|probe|site))$`,
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...).Output()
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
		case strings.HasPrefix(pkg, "examples/"), strings.HasPrefix(pkg, "internal/testkit/"), strings.HasPrefix(pkg, "test/"),
			pkg == "docs", pkg == "internal/queue/designs":
		default:
			assert.Contains(t, allowed, pkg)
		}
	}
}

// The tag is for compilers and processors that the assembly is not for, and for tests that want
// to know whether a fault is in it.
func TestABuildWithPuregoHasNoAssembly(t *testing.T) {
	const files = "{{range .SFiles}}{{$.Dir}}/{{.}} {{end}}"
	for _, arch := range []string{"amd64", "arm64"} {
		t.Setenv("GOARCH", arch)
		assert.NotEmpty(t, goList(t, "-f", files, module+"..."), "%s: there is assembly without the tag", arch)
		assert.Empty(t, goList(t, "-tags", "purego", "-f", files, module+"..."), "%s", arch)
	}
}
