package report

import "regexp"

// Reason says why handoff takes longer than a peer. The first one that matches holds.
type Reason struct {
	Name                 string
	Scenario, Ours, Peer *regexp.Regexp // nil matches all
	Text                 string
	Link                 string // from docs
}

func (r *Reason) name() string {
	if r == nil {
		return "not known"
	}
	return r.Name
}

// Why is the reason for losing with something of ours to a peer in a scenario; nil if none is known.
func Why(scenario, ours, peer string) *Reason {
	for i := range Reasons {
		r := &Reasons[i]
		if matches(r.Scenario, scenario) && matches(r.Ours, ours) && matches(r.Peer, peer) {
			return r
		}
	}
	return nil
}

func matches(r *regexp.Regexp, s string) bool { return r == nil || r.MatchString(s) }

// goPeers matches all that are not in Rust.
const goPeers = `^([^r]|r[^u])`

// Reasons are written by hand: the measurements say where, not why. A test keeps every scenario
// covered and every link alive.
var Reasons = []Reason{
	{
		Name: "a queue is less", Peer: regexp.MustCompile(`^xsync`),
		Text: "The queues of xsync have no end, no handles and no timeouts, and the bounded ones never wait: who finds nothing tries again and keeps the processor busy.",
		Link: "design/waiting.md#the-protocol",
	},
	{
		Name: "workers are handed on", Scenario: regexp.MustCompile(`^(seq|spsc|mpsc|mpmc|batch|select|depth|pingpong)`),
		Ours: regexp.MustCompile(`tasks$|function`), Peer: regexp.MustCompile(`^(chan|go)$`),
		Text: "A function task that waits passes its right to run to the next one through the runtime, beside what its channel costs. Polled tasks do not.",
		Link: "design/async.md#the-numbers",
	},
	{
		Name: "a switch of goroutines", Scenario: regexp.MustCompile(`^(pingpong|wake)`),
		Text: "Every message puts one side to sleep and wakes the other. A native channel does that inside the runtime under its one lock, and a Rust task is polled again " +
			"on the stack of its executor. A library in Go pays for its own lines of waiters, and then for the runtime's.",
		Link: "design/queues.md#where-the-goals-are-missed",
	},
	{
		Name: "a meeting under two locks", Scenario: regexp.MustCompile(`/cap=[01]\b.*producers|^mpmc/`),
		Text: "Where many meet, or several receive, each message is handed over under the locks of both ends; a native channel has one lock, with the runtime's scheduler under it.",
		Link: "design/async.md#the-numbers",
	},
	{
		Name: "asking each channel", Scenario: regexp.MustCompile(`^select/`),
		Text: "The native select locks all channels at once inside the runtime. A select over Ready is told that there is something and receives afterwards, and Select tries and leaves each channel by itself.",
		Link: "design/async.md#select",
	},
	{
		Name: "small and full channels", Scenario: regexp.MustCompile(`^(spsc|mpsc)/cap=[01]\b`),
		Text: "With no slot or one, a stream is a ping-pong: most messages put somebody to sleep.",
		Link: "design/waiting.md#the-protocol",
	},
	{
		Name: "large messages are cleared", Scenario: regexp.MustCompile(`/payload=`),
		Text: "A message is copied into its slot and out of it, and the slot is cleared, so that the channel keeps nothing alive. Rust moves a message and leaves the bytes.",
		Link: "design/queues.md#invariants",
	},
	{
		Name: "a deep queue is read from memory", Scenario: regexp.MustCompile(`^depth/`),
		Text: "A list of blocks grows and is given back where a buffer of the right size, known beforehand, stays.",
		Link: "design/queues.md#where-the-goals-are-missed",
	},
	{
		Name: "the size of a channel", Scenario: regexp.MustCompile(`^(create|open)/`),
		Text: "A channel with two handles is 256 bytes on cache lines of its own, its first block comes with the first message, and both handles are dropped one by one.",
		Link: "design/async.md#memory",
	},
	{
		Name: "two sides out of step", Scenario: regexp.MustCompile(`^(spsc|mpsc|batch spsc)/`), Peer: regexp.MustCompile(goPeers),
		Text: "Where one side is slower, the other one sleeps and is woken, which costs a library more than the runtime, or the queue grows until it is read from memory.",
		Link: "design/queues.md#where-the-goals-are-missed",
	},
	{
		Name: "calls that are not inlined", Scenario: regexp.MustCompile(`^(seq|spsc|mpsc|batch)`),
		Text: "A message takes nanoseconds here, and Go does not inline generic code of one package into another one's. Rust does, and needs no write barriers.",
		Link: "design/queues.md#generic-code-and-inlining",
	},
	{
		Name: "handles are garbage", Scenario: regexp.MustCompile(`^(burst|spawn|fan-out)`),
		Text: "A goroutine that ends is used again by the next one. A handle belongs to whoever holds it, so each task is an allocation, and a function task is two switches of goroutines beside it.",
		Link: "design/runtime.md#figures",
	},
	{
		Name: "one line for everything", Scenario: regexp.MustCompile(`^yield/`),
		Text: "A task that yields goes to the end of a line that all workers share, and a function task passes its right on through the runtime.",
		Link: "design/runtime.md#how-a-task-moves",
	},
	{
		Name: "more than a suspended function", Scenario: regexp.MustCompile(`^memory/`),
		Text: "A waiting task is a task, a channel with two handles on cache lines of its own, and a consumer: three allocations. The compiler of Rust puts a task's state into one.",
		Link: "design/async.md#memory",
	},
	{
		Name: "next to nothing", Scenario: regexp.MustCompile(`^idle processor`),
		Text: "Nobody does anything; what is left is the runtime of Go looking after the process, and a pool that looks for workers to end.",
		Link: "design/runtime.md#workers",
	},
}
