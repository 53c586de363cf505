package console

import "github.com/handoff-go/handoff/observe"

// source is where the console looks. Tests have one of their own.
type source struct {
	snapshot func() *observe.State
	recorded func() observe.Recording
}

// program is the program that this package is part of.
func program() source { return source{observe.Snapshot, observe.Recorded} }
