package main

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// progress is what a scenario has come to in all its rounds.
type progress struct {
	scenario  *scenario
	rounds    atomic.Int64
	messages  atomic.Int64 // received, or results of tasks
	returned  atomic.Int64
	discarded atomic.Int64
	latest    atomic.Int64 // when it moved last, in nanoseconds of the clock
	begun     atomic.Int64 // when its round began, likewise
	current   atomic.Pointer[round]

	counts struct {
		sync.Mutex
		faults   map[string]int
		breaches map[string]int
		first    map[string]string // the first breach of each kind
	}
}

func newProgress(s *scenario) *progress {
	p := &progress{scenario: s}
	p.counts.faults = make(map[string]int)
	p.counts.breaches = make(map[string]int)
	p.counts.first = make(map[string]string)
	p.moved()
	return p
}

// moved says that the scenario is not stuck.
func (p *progress) moved() { p.latest.Store(time.Now().UnixNano()) }

// idle is for how long it has not moved.
func (p *progress) idle() time.Duration { return time.Since(time.Unix(0, p.latest.Load())) }

// A round takes milliseconds. One that takes longSince times as long as a stall is stuck
// however much it moves: part of it is not notified of the end.
const longSince = 6

// stuck says why the scenario is stuck, if it is.
func (p *progress) stuck(stall time.Duration) (why string) {
	switch running := time.Since(time.Unix(0, p.begun.Load())); {
	case p.current.Load() == nil:
	case p.idle() > stall:
		return fmt.Sprintf("no progress for %v", stall)
	case running > longSince*stall:
		return fmt.Sprintf("a round does not end after %v", running.Round(time.Millisecond))
	}
	return ""
}

func (p *progress) fault(kind string) {
	p.counts.Lock()
	p.counts.faults[kind]++
	p.counts.Unlock()
}

// breach notes a rule that was broken.
func (p *progress) breach(kind, format string, args ...any) {
	p.counts.Lock()
	defer p.counts.Unlock()
	if p.counts.breaches[kind]++; p.counts.breaches[kind] == 1 {
		where := ""
		if r := p.current.Load(); r != nil {
			where = fmt.Sprintf("round %d: ", r.number)
		}
		p.counts.first[kind] = where + fmt.Sprintf(format, args...)
	}
}

func (p *progress) broken() bool {
	p.counts.Lock()
	defer p.counts.Unlock()
	return len(p.counts.breaches) > 0
}

// report writes one line, and one for each kind of breach.
func (p *progress) report(w io.Writer) {
	p.counts.Lock()
	defer p.counts.Unlock()
	fmt.Fprintf(w, "%-10s %8d rounds %10d messages %8d returned %7d discarded  %s\n", p.scenario.name,
		p.rounds.Load(), p.messages.Load(), p.returned.Load(), p.discarded.Load(), tally(p.counts.faults))
	for _, kind := range sorted(p.counts.breaches) {
		fmt.Fprintf(w, "  BROKEN: %s %d times; the first: %s\n", kind, p.counts.breaches[kind], p.counts.first[kind])
	}
}

func tally(counts map[string]int) string {
	var parts []string
	for _, kind := range sorted(counts) {
		parts = append(parts, fmt.Sprintf("%s %d", kind, counts[kind]))
	}
	return strings.Join(parts, ", ")
}

func sorted(counts map[string]int) []string {
	var keys []string
	for k := range counts {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
