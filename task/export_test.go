package task

import (
	"context"
	"errors"
	"fmt"

	"github.com/handoff-go/handoff/internal/park"
)

// SlotHere returns which slot the task has that the calling goroutine runs: "worker",
// "blocking", or "" if it has none.
func SlotHere(ctx context.Context) string {
	t, _ := park.Of(ctx).(*core)
	if t == nil {
		return ""
	}
	t.rt.mu.Lock()
	defer t.rt.mu.Unlock()
	switch t.slot {
	case workerSlot | held:
		return "worker"
	case blockingSlot | held:
		return "blocking"
	case noSlot:
		return ""
	}
	return fmt.Sprintf("a task that runs has slot %b", t.slot)
}

// CheckIdle returns what a runtime still counts that has nothing to do. Its spares have to
// have left.
func CheckIdle(rt *Runtime) error {
	rt.mu.Lock()
	counts := map[string]int{
		"slots": rt.active, "lent slots": rt.lent, "tasks in the run queue or in lanes": rt.backlog(), "workers": rt.hosts, "spares": rt.spares,
		"waking": rt.waking, "searching": rt.searching, "polling": rt.polling, "blocking slots": rt.block.running, "blocking work queued": rt.block.queued,
		"live tasks": rt.live(),
	}
	if rt.watching && !rt.quiet {
		counts["timers"] = 1
	}
	if t := rt.block.first(); t != nil {
		counts["tasks in the blocking queue"]++
	}
	rt.mu.Unlock()
	for i := range rt.runners {
		s := &rt.runners[i]
		s.mu.Lock()
		counts["runners"] += s.n
		s.mu.Unlock()
	}
	var err error
	for name, n := range counts {
		if n != 0 {
			err = fmt.Errorf("%d %s; %w", n, name, orNothing(err))
		}
	}
	return err
}

func orNothing(err error) error {
	if err == nil {
		return errors.New("nothing else")
	}
	return err
}
