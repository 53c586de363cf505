package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// visited runs walk and returns what it visited, with the errors apart.
func visited(t *testing.T, exts []string, paths ...string) (files []string, errs []error) {
	t.Helper()
	atEnd := walk(options{paths: paths, exts: exts}, func(path string, err error) bool {
		if err != nil {
			errs = append(errs, err)
		} else {
			files = append(files, path)
		}
		return true
	})
	require.True(t, atEnd)
	return files, errs
}

// tree is a directory with a little of everything.
func tree(t *testing.T) string {
	return writeFiles(t, map[string]string{
		"a.go":              "",
		"b.txt":             "",
		"dir/c.go":          "",
		"dir/deep/d.tar.gz": "",
		"dir.go/e":          "",
		"noext":             "",
	})
}

func TestADirectoryContributesItsWantedFilesInOrder(t *testing.T) {
	root := tree(t)
	for _, tt := range []struct {
		exts []string
		want []string
	}{
		{[]string{".go"}, []string{"a.go", "dir/c.go"}},
		{[]string{".txt", ".tar.gz"}, []string{"b.txt", "dir/deep/d.tar.gz"}},
		{nil, []string{"a.go", "b.txt", "dir/c.go", "dir/deep/d.tar.gz", "dir.go/e", "noext"}},
		{[]string{".none"}, nil},
	} {
		var want []string
		for _, name := range tt.want {
			want = append(want, filepath.Join(root, filepath.FromSlash(name)))
		}
		files, errs := visited(t, tt.exts, root)
		assert.Equal(t, want, files, "%q", tt.exts)
		assert.Empty(t, errs)
	}
}

func TestANamedFileIsReadWhateverItsNameAndAsOftenAsItIsNamed(t *testing.T) {
	file := filepath.Join(tree(t), "b.txt")
	files, errs := visited(t, []string{".go"}, file, file)
	assert.Equal(t, []string{file, file}, files)
	assert.Empty(t, errs)
}

func TestWhatCannotBeReadIsAnErrorAndTheWalkGoesOn(t *testing.T) {
	root := tree(t)
	missing := filepath.Join(root, "missing")
	file := filepath.Join(root, "a.go")
	files, errs := visited(t, nil, missing, file)
	assert.Equal(t, []string{file}, files)
	require.Len(t, errs, 1)
	assert.ErrorIs(t, errs[0], os.ErrNotExist)
	assert.ErrorContains(t, errs[0], missing)
}

// The null device stands for everything that is neither a file nor a directory.
func TestADeviceIsRefused(t *testing.T) {
	files, errs := visited(t, nil, os.DevNull)
	assert.Empty(t, files)
	require.Len(t, errs, 1)
	assert.ErrorContains(t, errs[0], "neither a regular file nor a directory")
}

func TestALinkIsFollowedIfItIsNamedAndOnlyThen(t *testing.T) {
	root := tree(t)
	links := t.TempDir()
	toDir, toFile := filepath.Join(links, "dir"), filepath.Join(links, "file.go")
	if err := os.Symlink(filepath.Join(root, "dir"), toDir); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	require.NoError(t, os.Symlink(filepath.Join(root, "a.go"), toFile))

	files, errs := visited(t, []string{".go"}, toDir, toFile)
	require.Empty(t, errs)
	require.Len(t, files, 2)
	assert.Equal(t, "c.go", filepath.Base(files[0]))
	assert.Equal(t, toFile, files[1])

	files, errs = visited(t, nil, links)
	assert.Empty(t, files)
	assert.Empty(t, errs)
}

func TestTheWalkStopsWhenItsVisitorDoes(t *testing.T) {
	root := tree(t)
	for limit := 1; limit <= 7; limit++ {
		visits := 0
		atEnd := walk(options{paths: []string{root, filepath.Join(root, "a.go")}},
			func(string, error) bool { visits++; return visits < limit })
		assert.False(t, atEnd)
		assert.Equal(t, limit, visits)
	}
}
