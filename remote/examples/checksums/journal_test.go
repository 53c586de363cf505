package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheJournalKeepsEveryFileOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	odd := Result{Name: "line\nbreak \"\xff", Sum: "ab"}
	j, err := openJournal(path)
	require.NoError(t, err)
	n, err := j.add([]Result{odd, {Name: "b", Problem: "no\nway"}, odd})
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	run := j.run
	require.NotEmpty(t, run)
	require.NoError(t, j.close())

	j, err = openJournal(path)
	require.NoError(t, err)
	assert.Equal(t, run, j.run)
	n, err = j.add([]Result{odd, {Name: "a"}})
	require.NoError(t, err)
	assert.Equal(t, 1, n, "it has come before the restart")
	assert.Equal(t, []Result{{Name: "a"}, {Name: "b", Problem: "no\nway"}, odd}, j.sorted())
	require.NoError(t, j.close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, 1+3, strings.Count(string(text), "\n"))
}

func TestALineThatWasCutShortIsForgotten(t *testing.T) {
	whole := "checksums X\n" + Result{Name: "a", Sum: "1"}.record()
	torn := Result{Name: "b", Sum: "2"}.record()
	for n := range len(torn) {
		path := filepath.Join(t.TempDir(), "journal")
		require.NoError(t, os.WriteFile(path, []byte(whole+torn[:n]), 0o600))
		j, err := openJournal(path)
		require.NoError(t, err)
		assert.True(t, j.has("a"))
		assert.False(t, j.has("b"))
		_, err = j.add([]Result{{Name: "b", Sum: "2"}})
		require.NoError(t, err)
		require.NoError(t, j.close())
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, whole+torn, string(text))
	}
}

func TestATitleThatWasCutShortIsWrittenAnew(t *testing.T) {
	for n := range len(title) + 5 {
		path := filepath.Join(t.TempDir(), "journal")
		require.NoError(t, os.WriteFile(path, []byte((title + "ABCDE")[:n]), 0o600))
		j, err := openJournal(path)
		require.NoError(t, err)
		require.NoError(t, j.close())
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, title+j.run+"\n", string(text))
	}
}

func TestAFileThatIsNoJournalIsLeftAlone(t *testing.T) {
	for _, text := range []string{"Dear reader,\n", "Dear reader", title + "X\nDear reader,\n"} {
		path := filepath.Join(t.TempDir(), "letter")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := openJournal(path)
		require.Error(t, err)
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, text, string(got))
	}
}
