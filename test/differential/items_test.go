package differential

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var write = flag.Bool("write", false, "write docs/testdata/rust-items.txt again")

const itemsFile = "../../docs/testdata/rust-items.txt"

// mapped are the modules whose items docs/from-rust.md maps, each with its section there and
// what its items are called by.
var mapped = []struct{ section, prefix, crate, file string }{
	{"async-channel", "", "async-channel", "src/lib.rs"},
	{"tokio::sync::mpsc", "", "tokio", "src/sync/mpsc/mod.rs"},
	{"async_std::task", "", "async-std", "src/task/mod.rs"},
	{"Other parts of tokio", "oneshot::", "tokio", "src/sync/oneshot.rs"},
	{"crossbeam, flume and kanal", "crossbeam.", "crossbeam-channel", "src/lib.rs"},
	{"crossbeam, flume and kanal", "flume.", "flume", "src/lib.rs"},
	{"crossbeam, flume and kanal", "kanal.", "kanal", "src/lib.rs"},
	{"futures::channel::mpsc", "", "futures-channel", "src/mpsc/mod.rs"},
}

// The list that the map for those who come from Rust is checked against is what the crates
// export, at the versions of the lock file. With -write it is made again.
func TestTheListOfRustItemsIsWhatTheCratesExport(t *testing.T) {
	if _, err := exec.LookPath("cargo"); err != nil {
		t.Skip("not run: cargo is missing")
	}
	_, err := built()
	require.NoError(t, err)
	crates := sources(t)
	var args []string
	for _, m := range mapped {
		require.Contains(t, crates, m.crate)
		args = append(args, filepath.Join(crates[m.crate].dir, m.file))
	}
	out, err := exec.Command(filepath.Join("rust", "target", "debug", "handoff-items"), args...).Output()
	require.NoError(t, err)
	items := map[string][]string{}
	blocks := strings.Split(string(out), "# ")[1:]
	require.Len(t, blocks, len(mapped))
	for i, m := range mapped {
		names := strings.Fields(blocks[i])[1:]
		assert.Greater(t, len(names), 10, m.crate)
		for _, n := range names {
			items[m.section] = append(items[m.section], m.prefix+n)
		}
	}
	before := readItems(t)
	if items["std::sync::mpsc"] = stdItems(t); items["std::sync::mpsc"] == nil {
		t.Log("not checked: the documentation of std is not installed")
		items["std::sync::mpsc"] = before["std::sync::mpsc"]
	}
	if *write {
		writeItems(t, items, crates)
		return
	}
	for section, names := range items {
		assert.Equal(t, names, before[section], "%s: run this test with -write, and give docs/from-rust.md its rows", section)
	}
}

type crate struct{ version, dir string }

// sources finds the sources of the crates in cargo's registry.
func sources(t *testing.T) map[string]crate {
	t.Helper()
	cmd := exec.Command("cargo", "metadata", "--format-version", "1", "--locked")
	cmd.Dir = "rust"
	out, err := cmd.Output()
	require.NoError(t, err)
	var metadata struct {
		Packages []struct {
			Name, Version string
			Manifest      string `json:"manifest_path"`
		}
	}
	require.NoError(t, json.Unmarshal(out, &metadata))
	crates := map[string]crate{}
	for _, p := range metadata.Packages {
		crates[p.Name] = crate{p.Version, filepath.Dir(p.Manifest)}
	}
	return crates
}

var (
	itemPage = regexp.MustCompile(`^(?:struct|enum|fn)\.(\w+)\.html$`)
	itemID   = regexp.MustCompile(`id="(method|variant)\.(\w+)"`)
)

// stdItems reads the items of std::sync::mpsc from the documentation that comes with a
// toolchain, for its sources do not. It returns nil where that is not installed.
func stdItems(t *testing.T) []string {
	t.Helper()
	sysroot, err := exec.Command("rustc", "--print", "sysroot").Output()
	require.NoError(t, err)
	dir := filepath.Join(strings.TrimSpace(string(sysroot)), "share", "doc", "rust", "html", "std", "sync", "mpsc")
	pages, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var items []string
	for _, page := range pages {
		name := itemPage.FindStringSubmatch(page.Name())
		if name == nil {
			continue
		}
		items = append(items, name[1])
		html, err := os.ReadFile(filepath.Join(dir, page.Name()))
		require.NoError(t, err)
		own, _, _ := strings.Cut(string(html), `id="trait-implementations"`)
		for _, id := range itemID.FindAllStringSubmatch(own, -1) {
			items = append(items, name[1]+"::"+id[2])
		}
	}
	slices.Sort(items)
	return slices.Compact(items)
}

func readItems(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(itemsFile)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	items, section := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch title, ok := strings.CutPrefix(line, "## "); {
		case ok:
			section = title
		case line != "" && line[0] != '#':
			items[section] = append(items[section], line)
		}
	}
	return items
}

func writeItems(t *testing.T, items map[string][]string, crates map[string]crate) {
	t.Helper()
	var b strings.Builder
	b.WriteString("# What the crates export, by the section of docs/from-rust.md that maps it. Written by\n" +
		"# go test -run TestTheListOfRustItems -write in test/differential, from the sources of\n# ")
	var names []string
	for _, m := range mapped {
		if v := m.crate + " " + crates[m.crate].version; !slices.Contains(names, v) {
			names = append(names, v)
		}
	}
	b.WriteString(strings.Join(names, ", ") + ",\n# and for std from the documentation of the toolchain.\n")
	for _, section := range slices.Sorted(maps.Keys(items)) {
		b.WriteString("\n## " + section + "\n")
		for _, item := range items[section] {
			b.WriteString(item + "\n")
		}
	}
	require.NoError(t, os.WriteFile(itemsFile, []byte(b.String()), 0o644))
}
