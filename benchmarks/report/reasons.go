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

// goPeers matches all that are not in Rust, rustPeers those that are.
const (
	goPeers   = `^([^r]|r[^u])`
	rustPeers = `^rust `
)

// Reasons are written by hand: the measurements say where, not why. A test keeps every scenario
// covered and every link alive.
var Reasons = []Reason{
	{
		Name: "a queue is less", Peer: regexp.MustCompile(`^xsync`),
		Text: "The queues of xsync have no end, no handles and no timeouts, and the bounded ones never wait: a consumer that finds nothing tries again and keeps the processor busy.",
		Link: "design/waiting.md#the-protocol",
	},
	{
		Name: "the queue grows", Scenario: regexp.MustCompile(`^(spsc|mpsc)/cap=none.*payload=(32|512)`), Peer: regexp.MustCompile(goPeers),
		Text: "There is no unbounded native channel: the one beside it holds 128 messages and stops its sender. This queue grows for as long as the receiver is behind, with one processor for a whole turn of the sender, " +
			"and large messages then go to fresh memory and come from memory. With a bound of 128 they do not, and the ratios are smaller.",
		Link: "design/queues.md#where-the-goals-are-missed",
	},
	{
		Name: "copied for each call", Scenario: regexp.MustCompile(`payload=(32|512)`),
		Text: "A message is passed by value, from the user to Send and on to the queue, and copied for each of these calls; then its slot is cleared. The compiler gives a native channel the address of the message, and Rust inlines the calls.",
		Link: "design/queues.md#generic-code-and-inlining",
	},
	{
		Name: "workers are handed on", Scenario: regexp.MustCompile(`^(spsc|mpsc|mpmc|batch spsc|select|pingpong)`),
		Ours: regexp.MustCompile(`tasks$|function`), Peer: regexp.MustCompile(`^(chan|go)$`),
		Text: "A function task that waits passes its right to run to the next one through the runtime, beside what its channel costs. Polled tasks do not.",
		Link: "design/async.md#the-numbers",
	},
	{
		Name: "a worker first", Scenario: regexp.MustCompile(`^wake`), Ours: regexp.MustCompile(`polled|function`),
		Text: "An idle runtime keeps no worker. A message to a task that waits has ants start one, and a polled task is polled then.",
		Link: "design/runtime.md#workers",
	},
	{
		Name: "a cold path", Scenario: regexp.MustCompile(`^wake`),
		Text: "After some milliseconds of sleep nothing is in the caches. The way to a sleeper in a library, through a line of waiters and sync.Cond, is more code and more memory to fetch than that of a native channel.",
		Link: "design/waiting.md#after-a-long-sleep",
	},
	{
		Name: "polled in place", Scenario: regexp.MustCompile(`^(spsc|mpsc|mpmc|select)/cap=[01]\b`), Peer: regexp.MustCompile(rustPeers + `.*(tokio|executor)`),
		Text: "With no slot or one, most messages put one side to sleep and wake the other. A Rust task is polled again on the stack of its executor. Here senders and receivers are goroutines, and each of these is a switch by Go's scheduler.",
		Link: "design/queues.md#where-the-goals-are-missed",
	},
	{
		Name: "a switch of goroutines", Scenario: regexp.MustCompile(`^pingpong`),
		Text: "Every message puts one side to sleep and wakes the other. A native channel does that inside the runtime under its one lock, and a Rust task is polled again " +
			"on the stack of its executor. A library in Go pays for its own lines of waiters, and then for the runtime's.",
		Link: "design/queues.md#where-the-goals-are-missed",
	},
	{
		Name: "a meeting under two locks", Scenario: regexp.MustCompile(`/cap=[01]\b.*producers|^mpmc/`), Peer: regexp.MustCompile(goPeers),
		Text: "Where many meet, or several receive, each message is handed over under the locks of both ends; a native channel has one lock, with the runtime's scheduler under it.",
		Link: "design/async.md#the-numbers",
	},
	{
		Name: "asking each channel", Scenario: regexp.MustCompile(`^select/`),
		Text: "The native select locks all channels at once inside the runtime. A select over Ready is notified that there is something and receives afterwards, and Select tries and leaves each channel by itself.",
		Link: "design/async.md#select",
	},
	{
		Name: "small and full channels", Scenario: regexp.MustCompile(`^(spsc|mpsc|mpmc)/cap=[01]\b`),
		Text: "With no slot or one, a stream is a ping-pong: for most messages a goroutine parks.",
		Link: "design/waiting.md#the-protocol",
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
		Name: "calls that are not inlined", Scenario: regexp.MustCompile(`^(seq|spsc|mpsc|mpmc|batch)`),
		Text: "A message takes nanoseconds here, and Go does not inline generic code of one package into another one's. Rust does, and needs no write barriers.",
		Link: "design/queues.md#generic-code-and-inlining",
	},
	{
		Name: "through a line and a goroutine", Scenario: regexp.MustCompile(`^(burst|spawn|fan-out)`), Peer: regexp.MustCompile(rustPeers),
		Text: "A Rust task goes to the queue of the thread that spawns it and is polled there. Here a goroutine spawns: the task goes through a queue under a lock to a worker, which Go's scheduler may have to wake, " +
			"and its handle is left to the garbage collector.",
		Link: "design/runtime.md#figures",
	},
	{
		Name: "handles are garbage", Scenario: regexp.MustCompile(`^(burst|spawn|fan-out)`),
		Text: "A goroutine that ends is used again by the next one. A handle belongs to its holder, so each task is an allocation, and a function task is two switches of goroutines beside it.",
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
		Text: "Nothing runs; what is left is the runtime of Go looking after the process, and a pool that looks for workers to end.",
		Link: "design/runtime.md#workers",
	},
}
