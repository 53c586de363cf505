package differential

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

// reason names an error as the Rust program does.
func reason(err error) string {
	switch {
	case errors.Is(err, async.ErrClosed):
		return "closed"
	case errors.Is(err, async.ErrFull):
		return "full"
	case errors.Is(err, async.ErrEmpty):
		return "empty"
	case errors.Is(err, async.ErrCapacity):
		return "capacity"
	case errors.Is(err, future.ErrConsumed):
		return "consumed"
	case timedOut(err):
		return "timeout"
	}
	return "error " + strings.ReplaceAll(err.Error(), "\t", " ")
}

func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// sent renders the result of a send. A failed one has its value back.
func sent(err error) string {
	if err == nil {
		return "ok"
	}
	failed, ok := errors.AsType[*async.SendError[message]](err)
	if !ok {
		return "error without a value: " + err.Error()
	}
	return fmt.Sprintf("%s(%d)", reason(err), failed.Value.n)
}

// received renders the result of a receive.
func received(m message, err error) string {
	if err != nil {
		return reason(err)
	}
	return "v" + strconv.Itoa(m.n)
}

func batch(ms []message) string {
	all := make([]string, len(ms))
	for i, m := range ms {
		all[i] = strconv.Itoa(m.n)
	}
	return "[" + strings.Join(all, " ") + "]"
}

func receivedMany(ms []message, err error) string {
	if err != nil {
		return reason(err)
	}
	return batch(ms)
}
