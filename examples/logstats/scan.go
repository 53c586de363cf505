package main

import (
	"context"
	"errors"
	"io"
	"unicode"
	"unicode/utf8"
)

// maxIdentifier is the length in bytes of the longest identifier that counts.
// It bounds what a reader holds in memory of a file without separators.
const maxIdentifier = 255

// fileStats is the message of the pipeline: what one file holds, or err if it
// could not be read to its end. Half a file is not counted.
type fileStats struct {
	err          error
	lines, bytes int64
	words        []wordCount // each identifier once, in no particular order
}

type wordCount struct {
	word string
	n    int64
}

// scanner counts what is in files, one after the other, in pieces of fixed
// size, so the size of a file or of a line does not matter.
type scanner struct {
	buf   [64 << 10]byte
	run   []byte         // the run of word characters that is not finished yet, cut at maxIdentifier+1
	index map[string]int // the index of an identifier in stats.words
	stats fileStats
}

// scanFile returns false if ctx ended before the file did.
func (s *scanner) scanFile(ctx context.Context, open opener, path string) (fileStats, bool) {
	f, err := open(path)
	if err != nil {
		return fileStats{err: err}, true
	}
	// An error of Close says nothing about what was read.
	defer func() { _ = f.Close() }()

	s.reset()
	var last byte = '\n'
	carry := 0 // so many bytes at the start of buf are the beginning of a character
	for {
		if ctx.Err() != nil {
			return fileStats{}, false
		}
		n, err := f.Read(s.buf[carry:])
		s.stats.bytes += int64(n)
		if n > 0 {
			last = s.buf[carry+n-1]
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fileStats{err: err}, true
		}
		rest := s.scan(s.buf[:carry+n], err != nil)
		carry = copy(s.buf[:], rest)
		if err != nil {
			break
		}
	}
	s.endRun()
	if last != '\n' {
		s.stats.lines++ // the last line has no newline
	}
	return s.stats, true
}

// reset makes new containers rather than clearing the old ones: the words go
// away with the message, and a map that one large file has blown up would be
// slow to clear for every small file after it.
func (s *scanner) reset() {
	s.run = s.run[:0]
	s.index = make(map[string]int)
	s.stats = fileStats{}
}

// scan counts what is in text. If there is more text to come, it may leave an
// incomplete character at the end, and returns that.
func (s *scanner) scan(text []byte, atEOF bool) (rest []byte) {
	for len(text) > 0 {
		n := 0
		for n < len(text) && asciiWord[text[n]] {
			n++
		}
		s.extendRun(text[:n])
		text = text[n:]
		switch {
		case len(text) == 0:
			return nil
		case text[0] < utf8.RuneSelf:
			s.endRun()
			if text[0] == '\n' {
				s.stats.lines++
			}
			text = text[1:]
		case !atEOF && !utf8.FullRune(text):
			return text
		default:
			r, size := utf8.DecodeRune(text)
			if isWord(r) {
				s.extendRun(text[:size])
			} else {
				s.endRun()
			}
			text = text[size:]
		}
	}
	return nil
}

// extendRun drops what makes the run longer than maxIdentifier+1, which is
// enough for endRun to see that it is too long.
func (s *scanner) extendRun(text []byte) {
	room := maxIdentifier + 1 - len(s.run)
	s.run = append(s.run, text[:min(len(text), room)]...)
}

// endRun counts the run if it is an identifier, and begins a new one.
func (s *scanner) endRun() {
	run := s.run
	s.run = s.run[:0]
	if len(run) == 0 || len(run) > maxIdentifier {
		return
	}
	if first, _ := utf8.DecodeRune(run); unicode.IsDigit(first) {
		return
	}
	// The compiler looks a converted []byte up without copying it, so only the
	// first occurrence in a file allocates a string.
	if i, ok := s.index[string(run)]; ok {
		s.stats.words[i].n++
		return
	}
	word := string(run)
	s.index[word] = len(s.stats.words)
	s.stats.words = append(s.stats.words, wordCount{word, 1})
}

// isWord reports whether r belongs into a run. For bytes that are not valid UTF-8
// r is utf8.RuneError, which is no letter.
func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// asciiWord is isWord for the bytes that are characters by themselves.
var asciiWord = func() (table [256]bool) {
	for c := range utf8.RuneSelf {
		table[c] = isWord(rune(c))
	}
	return table
}()
