package remote

import (
	"fmt"
	"strings"
	"unicode"
)

// maxName leaves room for the prefixes of streams and keys in the 255 bytes that a file
// name has.
const maxName = 128

// checkName refuses what would mean something else to NATS: dots separate the parts of
// a subject, * and > are wildcards, and a stream is a folder on the server's disk.
func checkName(name string) error {
	if name == "" {
		return fmt.Errorf("%w: it is empty", ErrName)
	}
	if len(name) > maxName {
		return fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrName, len(name), maxName)
	}
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		default:
			return fmt.Errorf("%w: %q contains %q; letters, digits, - and _ are allowed", ErrName, name, r)
		}
	}
	return nil
}

// fitsHeader reports whether a header brings s over as it is. The client replaces line
// breaks and trims, so that two ids could become one, of which the second is not stored.
func fitsHeader(s string) bool {
	return s != "" && s == strings.TrimSpace(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// The names on the server. A dead-letter channel has a prefix of its own, so that no
// user's name can be mistaken for one.
func streamName(name string) string     { return "handoff-ch-" + name }
func deadStreamName(name string) string { return "handoff-dead-" + name }
func subjectName(name string) string    { return "handoff.ch." + name }
func deadSubject(name string) string    { return "handoff.dead." + name }
func closedSubject(name string) string  { return "handoff.closed." + name }

// consumerName is the one consumer of a work queue that all receivers share.
const consumerName = "receivers"
