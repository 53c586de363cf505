package main

import (
	"io"
	"io/fs"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/testsize"
)

// The channel kinds and reader counts that have to make no difference.
var (
	bounds  = []int{-1, 0, 1, 16}
	readers = []int{1, 2, 7}
)

func flags(bound, readers int) []string {
	return []string{"-top", "1000", "-ext", "", "-bound", strconv.Itoa(bound), "-readers", strconv.Itoa(readers)}
}

// assertEqualsReference compares whole runs: table, messages and exit code.
func assertEqualsReference(t *testing.T, open opener, paths ...string) result {
	t.Helper()
	args := append(flags(0, 1), "-reference")
	want := runWith(t.Context(), open, false, append(args, paths...)...).sorted()
	for _, bound := range bounds {
		for _, n := range readers {
			got := runWith(t.Context(), open, false, append(flags(bound, n), paths...)...).sorted()
			assert.Equal(t, want, got, "bound %d, %d readers", bound, n)
		}
	}
	return want
}

func TestEveryChannelKindPrintsWhatTheReferencePrintsForGoSources(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	net := filepath.Join(strings.TrimSpace(string(out)), "src", "net")
	if !testsize.Long() {
		net = filepath.Join(net, "url")
	}
	want := assertEqualsReference(t, openFile, net)
	assert.Equal(t, exitOK, want.code)
	assert.NotContains(t, want.stdout, "files                  0\n")
}

func TestEveryChannelKindPrintsWhatTheReferencePrintsForOddFiles(t *testing.T) {
	files := make(map[string]string)
	for name, text := range texts {
		files[name] = text
		files["below/"+name+".txt"] = text
	}
	// Many words that are equally frequent, so that ties decide which are in the
	// table, and bytes that mean nothing.
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 20 {
		var words strings.Builder
		noise := make([]byte, 1000)
		for j := range noise {
			words.WriteString("w" + strconv.Itoa(random.IntN(500)) + " ")
			noise[j] = byte(random.Uint32())
		}
		files["words/"+strconv.Itoa(i)] = words.String()
		files["noise/"+strconv.Itoa(i)] = string(noise)
	}
	root := writeFiles(t, files)
	paths := []string{
		root,
		filepath.Join(root, "empty"), // a second time
		filepath.Join(root, "missing"),
		filepath.Join(root, "below"),
	}

	want := assertEqualsReference(t, obstacles, paths...)
	assert.Equal(t, exitSkipped, want.code)
	assert.Equal(t, 1+10+1, strings.Count(want.stderr, "logstats: "))
	for _, reason := range []string{"words/13", errBroken.Error(), "missing"} {
		assert.Contains(t, filepath.ToSlash(want.stderr), reason)
	}
}

// obstacles opens files like openFile, but some may not be opened, and one
// breaks after its first half. Permission bits would not do: they do not stop
// root, which tests in a container often are.
func obstacles(path string) (io.ReadCloser, error) {
	dir, name := filepath.Split(path)
	switch filepath.Base(dir) {
	case "words":
		if strings.HasPrefix(name, "1") && len(name) == 2 { // 10 to 19
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
	case "noise":
		if name == "7" {
			half := io.MultiReader(strings.NewReader("half a wor"), iotest.ErrReader(errBroken))
			return io.NopCloser(half), nil
		}
	}
	return openFile(path)
}

// goleak in TestMain shows that no goroutine is left behind.
func TestAConsumerThatPanicsEndsItsProducers(t *testing.T) {
	root := writeFiles(t, map[string]string{"a": "", "b": "", "c": "", "d": "", "e": "", "f": ""})
	for _, bound := range bounds {
		opt := options{paths: []string{root, root + "/missing", root}, readers: 3, bound: bound}
		require.PanicsWithError(t, errBroken.Error(), func() {
			collect(t.Context(), opt, openFile, func(fileStats) { panic(errBroken) })
		})
	}
}

func TestNothingToReadIsComplete(t *testing.T) {
	root := t.TempDir()
	for _, bound := range bounds {
		opt := options{paths: []string{root}, readers: 3, bound: bound}
		complete := collect(t.Context(), opt, openFile, func(fileStats) {
			assert.Fail(t, "there is no file")
		})
		assert.True(t, complete)
	}
}
