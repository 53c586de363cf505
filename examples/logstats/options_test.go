package main

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrongUsageIsExplainedAndReadsNothing(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-nope"}, "-nope"},
		{[]string{"-top", "many"}, "-top"},
		{[]string{"-top", "-1"}, "-top -1"},
		{[]string{"-readers", "0"}, "-readers 0"},
		{[]string{"-readers", "1025"}, "from 1 to 1024"},
		{[]string{"-bound", "-2"}, "-bound -2"},
		{[]string{"-bound", "1048577"}, "-1 for no bound"},
		{[]string{"-bound"}, "needs an argument"},
		{[]string{"a.go", ""}, "empty file name"},
	} {
		got := runArgs(t, tt.args...)
		assert.Equal(t, exitUsage, got.code, "%q", tt.args)
		assert.Contains(t, got.stderr, tt.want, "%q", tt.args)
		assert.Contains(t, got.stderr, "-h explains the flags", "%q", tt.args)
		assert.Empty(t, got.stdout, "%q", tt.args)
	}
}

func TestHelpGoesToStdoutAndNamesEveryFlag(t *testing.T) {
	got := runArgs(t, "-h")
	assert.Equal(t, exitOK, got.code)
	assert.Empty(t, got.stderr)
	var opt options
	var ext string
	newFlags(&opt, &ext).VisitAll(func(f *flag.Flag) {
		assert.Contains(t, got.stdout, "\n  -"+f.Name)
	})
}

func TestExtensionsMayBeWrittenWithAndWithoutDot(t *testing.T) {
	for ext, want := range map[string][]string{
		"go":           {".go"},
		".go":          {".go"},
		".go, md,":     {".go", ".md"},
		"tar.gz":       {".tar.gz"},
		"":             nil,
		" , ":          nil,
		".go,.go,.txt": {".go", ".go", ".txt"},
	} {
		opt, err := parseOptions([]string{"-ext", ext})
		require.NoError(t, err)
		assert.Equal(t, want, opt.exts, "%q", ext)
	}
}
