package channel

import (
	"fmt"
	"strings"

	"github.com/handoff-go/handoff/internal/errs"
)

// namedError is one of the errors of a channel that has a name. It is made with the channel, so
// that an operation that fails allocates nothing for it.
type namedError struct {
	name string
	err  error
}

// Error is such as `handoff: "jobs": channel full`.
func (e *namedError) Error() string { return withName(e.name, e.err.Error()) }

// Unwrap makes errors.Is find the error without the name.
func (e *namedError) Unwrap() error { return e.err }

func withName(name, text string) string {
	prefix, rest, _ := strings.Cut(text, ": ")
	return fmt.Sprintf("%s: %q: %s", prefix, name, rest)
}

// namedErrors are the errors of a channel with a name.
type namedErrors [4]namedError

func (n *namedErrors) init(name string) {
	for i, err := range []error{errs.ErrDisconnected, errs.ErrFull, errs.ErrEmpty, errs.ErrDropped} {
		n[i] = namedError{name, err}
	}
}

// Named returns err with the name of the channel, if it has one. c may be nil.
func (c *Chan[T]) Named(err error) error {
	if c == nil || c.about == nil || c.about.name == "" {
		return err
	}
	return c.about.errs.of(err)
}

func (n *namedErrors) of(err error) error {
	for i := range n {
		if n[i].err == err { //nolint:errorlint // only the values themselves are in the table
			return &n[i]
		}
	}
	return err
}
