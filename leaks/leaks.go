// Package leaks finds handles that became garbage and were not dropped.
//
// In Rust the end of a scope drops a handle. In Go the program has to call Drop, and a
// channel with a handle that was not dropped never disconnects for the other side. If the
// garbage collector frees such a handle while tracking is on, the handle is reported with the
// place where it was made, and then dropped, so that no goroutine waits forever because of it.
// The report comes first, because the drop may end the last wait and with that the program;
// the drop waits at most a second for the logger.
//
// A program that hangs does not allocate, and then the garbage collector does not run. So while
// a goroutine or future waits on a tracked channel, garbage is collected half a second after a
// tracked handle was made or dropped, and again at intervals that double, for about a minute;
// after that only by the runtime, every two minutes. There is no goroutine between these
// collections, and together they take less than a hundredth of the time. Nothing is collected
// at the end of the program: tracking finds missing Drops and does not replace them.
//
// Tracking is off, and costs nothing, until it is switched on:
//
//   - HANDOFF_LEAKS=1 in the environment, for a whole program or for go test. Leaks are
//     logged to [log/slog.Default] as warnings.
//   - [Check] for one test, which then fails.
//   - [Track] for a part of a program.
//
// Tracked are the senders and receivers of packages mpsc and async, and the permits of
// async. Weak handles need no Drop. A promise is not tracked: its future leads to it.
//
// # What it does not find
//
// A handle is garbage when it is unreachable. These keep it reachable:
//
//   - A goroutine, also one that waits forever. goleak and the profile goroutineleak of
//     runtime/pprof look for those.
//   - A variable of a package, or anything else that is in use.
//   - A future that was polled and was neither completed nor dropped. It is in a wait queue,
//     and may still be woken.
//
// # A goroutine that waits for itself
//
// The usual hang is an undropped first sender: a goroutine makes a channel, passes clones of
// the sender on, ranges over the receiver, and still has the sender itself, which is in use and
// not garbage. Such a wait is logged when it has lasted for some seconds, once for
// each channel, as a warning with the place where the sender was made. The conditions are
// that the goroutine that waits has made every sender that is left, has used or cloned each,
// and that no other has used one; that others had senders, and dropped them; and that there
// is no timeout, no open permit and no weak handle. A send that waits is logged likewise, if
// the goroutine has made every receiver and no other has used one: it sends to itself.
//
// This is a suspicion. A handle that was passed on to a goroutine that has not used it yet
// looks the same, so the text says "if no other goroutine has one". Nothing is dropped.
// Futures that are polled are left out, because their owner may wait for other things too.
// Package observe has the same as a warning, for tasks as well.
//
// # With goleak and the leak profile
//
// They look for goroutines, this package for handles, and a leak is often both: a
// goroutine waits in a receive because the last sender was lost. When this package has
// disconnected that sender the goroutine goes on, and neither goleak nor the profile has
// anything to report afterwards. The leak of the sender is the report then; it names the
// cause. Where both ends are only known to goroutines that wait on each other nothing is
// garbage, and goleak reports them. Tracking does not keep a channel in use, so the
// profile sees the same with it and without it.
//
// # In a synctest bubble
//
// A handle that was made in a bubble, or cloned from one that was, is only reported and not
// dropped: the cleanup runs outside of every bubble, and must not wake a goroutine in one. A
// handle of a channel that was made outside and is used inside is dropped, which ends the
// process if a goroutine in the bubble waits on it; a Drop outside would do the same.
//
// # What it costs
//
// While it is on, each handle costs three allocations more, some 300 bytes, and the time
// for a stack trace of 16 frames and for the bookkeeping of the collector, when it is
// made and when it is dropped. A channel of async is three allocations and not one.
// Sends and receives cost some 10 ns more on the goroutine that made the handle, until another
// one uses it. Others cost the same as without it. Measure it with
//
//	go test -run '^$' -bench . ./leaks
package leaks

import (
	"sync"

	"github.com/handoff-go/handoff/internal/bubble"
	"github.com/handoff-go/handoff/internal/leak"
)

// Track makes handles tracked that are made from now on, until stop is called, and logs their
// leaks. Handles made before stop stay tracked after it. Calls may overlap; each needs its own
// stop, which may be called more than once. Neither blocks.
func Track() (stop func()) {
	leak.SwitchOn()
	return sync.OnceFunc(leak.SwitchOff)
}

// Count returns how many leaks were found since the program started, also by tests. It
// suits a metric.
func Count() uint64 { return leak.Count() }

// TestingT is what [Check] needs of a *testing.T.
type TestingT interface {
	// Helper is as in [testing.TB], and so are the others.
	Helper()
	// Errorf reports a leak.
	Errorf(format string, args ...any)
	// Cleanup calls f at the end of the test.
	Cleanup(f func())
}

// Check tracks the handles that are made during a test and makes the test fail if some of
// them were garbage at its end and had not been dropped. They are not logged. Call it at the
// beginning: it runs as a test cleanup, after those registered later, and runs the garbage
// collector then. If it gives up, because a cleanup function of the program blocks the others
// for ten seconds, the test fails with an error that says so: leaks may be missing.
//
// A handle that is still reachable, for instance from a goroutine that the test left behind, is
// not garbage; goleak finds such a goroutine. The test must not run in parallel with others
// that make handles, whose leaks it would report. It must not be called inside a synctest
// bubble; call it before, with the outer test, and it finds handles made in the bubble too.
func Check(t TestingT) {
	t.Helper()
	if bubble.Inside() {
		t.Errorf("leaks: Check inside a synctest bubble, where the collector cannot be waited for; call it outside, with the outer test")
		return
	}
	end := leak.Check()
	t.Cleanup(func() {
		t.Helper()
		leaks, err := end()
		for _, l := range leaks {
			t.Errorf("leaks: %v", l)
		}
		if err != nil {
			t.Errorf("leaks: %v", err)
		}
	})
}
