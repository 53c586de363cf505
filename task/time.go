package task

import (
	"context"
	"runtime"
	"time"

	"github.com/handoff-go/handoff/future"
)

// Sleep waits for d, never less, or until ctx ends, whose error it then returns.
func Sleep(ctx context.Context, d time.Duration) error {
	_, err := future.Await(ctx, future.After(d))
	return err
}

// YieldNow lets what is ready go first, and returns ctx's error if it has ended.
func YieldNow(ctx context.Context) error {
	if t, ok := ctx.Value(currentKey{}).(*core); ok && t.kind == function {
		t.yield()
	} else {
		runtime.Gosched()
	}
	return ctx.Err()
}
