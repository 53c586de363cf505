package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/handoff-go/handoff/async"
)

// event is what the loop handles, one at a time. Each kind comes through a channel of its
// own type.
type event interface{ String() string }

type line string

func (l line) String() string { return "line: " + string(l) }

type tick struct {
	n  int
	at time.Time
}

func (t tick) String() string { return fmt.Sprintf("tick %d", t.n) }

type sig struct{ os.Signal }

func (s sig) String() string { return "signal: " + s.Signal.String() }

type change struct {
	what string // created, changed, removed
	path string
}

func (c change) String() string { return c.what + " " + c.path }

// ended says that a source has come to its end, and why.
type ended struct{ cause error }

func (ended) String() string { return "" }

// failed reports whether there was a cause but that nothing more comes.
func (e ended) failed() bool { return !errors.Is(e.cause, async.ErrClosed) }
