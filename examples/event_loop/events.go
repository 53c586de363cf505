package main

import (
	"fmt"
	"os"
	"time"
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

// closed says that a source has come to its end.
type closed struct{ source int }

func (closed) String() string { return "" }
