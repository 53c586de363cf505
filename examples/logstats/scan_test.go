package main

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// texts are the cases that are easy to get wrong.
var texts = map[string]string{
	"empty":                      "",
	"only a newline":             "\n",
	"no newline at the end":      "a\nb",
	"carriage returns":           "a\r\nb\r\n",
	"lone carriage return":       "a\rb",
	"empty lines":                "\n\n\n",
	"no identifier":              "1 0x1F 2e5 + -",
	"digits inside":              "a1 _2 1a 1_a __",
	"letters of many scripts":    "größe 変数 имя ﬂag ªb",
	"digits of many scripts":     "٣a a٣ ९x",
	"combining mark separates":   "e\u0301a",
	"no valid UTF-8":             "a\xffb \xc3( \xe2\x82 end",
	"cut character at the end":   "word\xe5\xa4",
	"replacement character":      "a\uFFFDb",
	"binary":                     "\x00\x01ELF\x7f\x00GLIBC_2\x00\xfe\xff",
	"longest that counts":        strings.Repeat("x", maxIdentifier),
	"one byte too long":          strings.Repeat("x", maxIdentifier+1),
	"much too long":              strings.Repeat("x", 200_000) + " y",
	"cut in a character":         strings.Repeat("x", maxIdentifier-1) + "é",
	"long number":                strings.Repeat("9", 300) + "x y",
	"huge line":                  strings.Repeat("one two_2 變 ", 20_000),
	"character across two reads": strings.Repeat("-", 64<<10-1) + "變數 x\n",
	"identifier across reads":    strings.Repeat("-", 64<<10-2) + "four x",
	"newline begins a read":      strings.Repeat("a", 64<<10) + "\nb",
}

// scanText reads text through wrap, which decides how it is cut into pieces.
func scanText(t testing.TB, text string, wrap func(io.Reader) io.Reader) fileStats {
	t.Helper()
	var s scanner
	stats, ok := s.scanFile(t.Context(), fixedOpener(wrap(strings.NewReader(text))), "text")
	require.True(t, ok)
	require.NoError(t, stats.err)
	return stats
}

func fixedOpener(r io.Reader) opener {
	return func(string) (io.ReadCloser, error) { return io.NopCloser(r), nil }
}

// pieces are ways to cut a file into reads.
var pieces = map[string]func(io.Reader) io.Reader{
	"whole":           func(r io.Reader) io.Reader { return r },
	"byte by byte":    iotest.OneByteReader,
	"half reads":      iotest.HalfReader,
	"end with data":   iotest.DataErrReader,
	"bytes, then end": func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
}

func assertSameStats(t *testing.T, want, got fileStats) {
	t.Helper()
	assert.Equal(t, want.lines, got.lines, "lines")
	assert.Equal(t, want.bytes, got.bytes, "bytes")
	assert.Equal(t, wordMap(want), wordMap(got), "identifiers")
	assert.Len(t, got.words, len(want.words), "each identifier once")
}

func wordMap(s fileStats) map[string]int64 {
	m := make(map[string]int64)
	for _, w := range s.words {
		m[w.word] = w.n
	}
	return m
}

func TestScannerCountsWhatTheReferenceCountsHoweverAFileIsCut(t *testing.T) {
	for name, text := range texts {
		want := referenceFile(fixedOpener(strings.NewReader(text)), "text")
		for how, wrap := range pieces {
			t.Run(name+"/"+how, func(t *testing.T) {
				assertSameStats(t, want, scanText(t, text, wrap))
			})
		}
	}
}

// The reference has to be right itself.
func TestIdentifiersAreRunsThatDoNotBeginWithADigit(t *testing.T) {
	for text, want := range map[string][]string{
		"a1 _2 1a 1_a __":           {"_2", "__", "a1"},
		"größe 変数":                  {"größe", "変数"},
		"٣a a٣":                     {"a٣"},
		"e\u0301a":                  {"a", "e"},
		"a\xffb":                    {"a", "b"},
		strings.Repeat("x", 256):    nil,
		strings.Repeat("9x", 1<<10): nil,
	} {
		got := referenceFile(fixedOpener(strings.NewReader(text)), "text")
		assert.Equal(t, want, slices.Sorted(maps.Keys(wordMap(got))), "%q", text)
	}
}

func TestAReaderKeepsNoMoreOfARunThanItNeeds(t *testing.T) {
	var s scanner
	long := strings.NewReader(strings.Repeat("x", 1<<20))
	_, ok := s.scanFile(t.Context(), fixedOpener(long), "text")
	require.True(t, ok)
	assert.LessOrEqual(t, cap(s.run), 2*maxIdentifier)
}

func TestAFileThatFailsHalfWayIsNotCountedAndLeavesNothingBehind(t *testing.T) {
	var s scanner
	broken := io.MultiReader(strings.NewReader("half a wor"), iotest.ErrReader(errBroken))
	stats, ok := s.scanFile(t.Context(), fixedOpener(broken), "text")
	require.True(t, ok)
	require.Equal(t, fileStats{err: errBroken}, stats)

	stats, ok = s.scanFile(t.Context(), fixedOpener(strings.NewReader("d")), "text")
	require.True(t, ok)
	require.Equal(t, map[string]int64{"d": 1}, wordMap(stats))
}

func TestAnEndlessFileStopsWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	reads := 0
	endless := readerFunc(func(p []byte) (int, error) {
		if reads++; reads == 3 {
			cancel()
		}
		return copy(p, "word "), nil
	})
	var s scanner
	_, ok := s.scanFile(ctx, fixedOpener(endless), "text")
	assert.False(t, ok)
	assert.Equal(t, 3, reads)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func FuzzScannerCountsWhatTheReferenceCounts(f *testing.F) {
	for _, text := range texts {
		if len(text) < 4<<10 {
			f.Add([]byte(text), byte(3))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, size byte) {
		cut := func(r io.Reader) io.Reader {
			return readerFunc(func(p []byte) (int, error) { return r.Read(p[:min(len(p), int(size)+1)]) })
		}
		want := referenceFile(fixedOpener(strings.NewReader(string(text))), "text")
		assertSameStats(t, want, scanText(t, string(text), cut))
	})
}
