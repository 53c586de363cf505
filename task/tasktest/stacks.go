package tasktest

import (
	"regexp"
	"runtime"
	"strings"
)

var (
	bubbleOf     = regexp.MustCompile(`synctest bubble \d+`)
	housekeeping = regexp.MustCompile(`(ants/v2\.\(\*poolCommon\)\.(purgeStaleWorkers|ticktock)|testing/synctest\.(Test|testingSynctestTest))\(`)
)

// goroutines returns the stacks of those that wait in the bubble of this goroutine,
// without those of the pool and of the test itself. Polled tasks have none.
func goroutines() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	stacks := strings.Split(string(buf), "\n\n")
	here := bubbleOf.FindString(stacks[0]) // its own stack comes first
	var waiting []string
	for _, s := range stacks[1:] {
		header, _, _ := strings.Cut(s, "\n")
		if bubbleOf.FindString(header) == here && !housekeeping.MatchString(s) {
			waiting = append(waiting, s)
		}
	}
	if len(waiting) == 0 {
		return "no goroutine waits: what is left are polled tasks"
	}
	return "what waits there:\n\n" + strings.Join(waiting, "\n\n")
}
