package remote

import "github.com/handoff-go/handoff/future"

// phase is how far a future of this package has come.
type phase uint8

const (
	pending phase = iota
	consumed
	dropped
)

// over is the error of a poll that comes too late, or nil.
func (p *phase) over() error {
	switch *p {
	case consumed:
		return future.ErrConsumed
	case dropped:
		return ErrDropped
	}
	return nil
}

// drop ends a future that is pending, and reports whether it was.
func (p *phase) drop() bool {
	if *p != pending {
		return false
	}
	*p = dropped
	return true
}
