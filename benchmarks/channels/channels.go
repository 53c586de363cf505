// Package channels has the scenarios that move messages, after those of crossbeam and kanal.
package channels

import (
	"fmt"
	"strconv"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// unbounded is the capacity of a channel that has no bound.
const unbounded = -1

// batch is how many messages are sent or received at once in the batch scenarios.
const batch = 64

// capacities are those of the plan, largest first.
var capacities = []int{unbounded, 128, 1, 0}

// Scenarios returns all of them. Not every number is combined with every other one: that would
// take hours, and a scenario adds nothing if its neighbours on all sides agree.
func Scenarios() []bench.Scenario {
	var all []bench.Scenario
	for _, c := range capacities[:3] { // at 0 one goroutine cannot be both sides
		all = append(all, seq(c))
	}
	for _, c := range capacities {
		all = append(all, cross("spsc", c, 1, 1))
	}
	for _, producers := range []int{4, 16, 64} {
		all = append(all, cross("mpsc", unbounded, producers, 1), cross("mpsc", 128, producers, 1))
	}
	all = append(all, cross("mpsc", 1, 4, 1), cross("mpsc", 0, 4, 1))
	for _, c := range capacities {
		all = append(all, cross("mpmc", c, 4, 4))
	}
	for _, producers := range []int{1, 16, 64} {
		all = append(all, cross("mpmc", 128, producers, 4))
	}
	for _, c := range capacities {
		all = append(all, selecting(c))
	}
	for _, c := range capacities {
		if c != 128 { // one message never fills it, so it is like none
			all = append(all, pingPong(c))
		}
	}
	for _, c := range []int{unbounded, 128} {
		all = append(all, batchSeq(c), batchCross(c))
	}
	for _, messages := range []int{100, 10_000, 1_000_000} {
		all = append(all, depth(messages))
	}
	all = append(all, payloadScenarios()...)
	return append(all, create(unbounded), create(128), open())
}

func capacityName(c int) string {
	if c == unbounded {
		return "cap=none"
	}
	return "cap=" + strconv.Itoa(c)
}

// about is the text of a scenario, with what has to be known about the native chan.
func about(text string, capacity int) string {
	if capacity == unbounded {
		text += " There is no unbounded chan: it has a capacity of 128 here."
	}
	return text
}

// arguments describe a scenario to a program in another language. The last one is the payload.
func arguments(work string, capacity, producers, consumers int) []string {
	return []string{work, strconv.Itoa(capacity), strconv.Itoa(producers), strconv.Itoa(consumers), "8"}
}

func seq(capacity int) bench.Scenario {
	return bench.Scenario{
		Name:    "seq/" + capacityName(capacity),
		Text:    about("One goroutine sends a message and receives it.", capacity),
		Metrics: []string{"ns/message"},
		Base:    "chan",
		Args:    arguments("seq", capacity, 1, 1),
		Alone:   true,
		Peers:   peersFor(capacity, 1, 1, runSeq),
	}
}

func cross(name string, capacity, producers, consumers int) bench.Scenario {
	s := bench.Scenario{
		Name:    fmt.Sprintf("%s/%s", name, capacityName(capacity)),
		Text:    about("One goroutine sends, another one receives.", capacity),
		Metrics: []string{"ns/message"},
		Base:    "chan",
		Args:    arguments("cross", capacity, producers, consumers),
		Long:    1 + producers/16,
		Peers:   peersFor(capacity, producers, consumers, runCross(producers, consumers)),
	}
	if producers > 1 {
		s.Text = about(fmt.Sprintf("Producers: %d, consumers: %d. All producers send the same number. Fairness is how much of it the slowest has sent when the "+
			"first is done: 1 is perfectly fair, and 0 is a producer that got nothing.", producers, consumers), capacity)
		s.Metrics = append(s.Metrics, "fairness")
	}
	if consumers > 1 && producers == 1 {
		s.Text = about(fmt.Sprintf("One producer, consumers: %d.", consumers), capacity)
	}
	if producers > 1 || consumers > 1 {
		s.Name += fmt.Sprintf("/producers=%d", producers)
	}
	return s
}

func pingPong(capacity int) bench.Scenario {
	return bench.Scenario{
		Name:    "pingpong/" + capacityName(capacity),
		Text:    about("One message goes to and fro between two goroutines, over two channels. Time for one round trip.", capacity),
		Metrics: []string{"ns/round trip"},
		Base:    "chan",
		Args:    arguments("pingpong", capacity, 1, 1),
		Peers:   peersFor(capacity, 1, 1, runPingPong),
	}
}

func batchSeq(capacity int) bench.Scenario {
	return bench.Scenario{
		Name: "batch seq/" + capacityName(capacity),
		Text: about("One goroutine sends 64 messages and receives them, again and again. A peer without batch operations sends and "+
			"receives them one by one.", capacity),
		Metrics: []string{"ns/message"},
		Base:    "chan",
		Args:    arguments("batch seq", capacity, 1, 1),
		Alone:   true,
		Peers:   peersFor(capacity, 1, 1, runBatchSeq),
	}
}

func batchCross(capacity int) bench.Scenario {
	return bench.Scenario{
		Name:    "batch spsc/" + capacityName(capacity),
		Text:    about("One goroutine sends, another one receives, 64 messages at once where the peer can do that.", capacity),
		Metrics: []string{"ns/message"},
		Base:    "chan",
		Args:    arguments("batch spsc", capacity, 1, 1),
		Peers:   peersFor(capacity, 1, 1, runBatchCross),
	}
}

func depth(messages int) bench.Scenario {
	peers := peersFor(unbounded, 1, 1, runDepth(messages))
	for i, p := range peers {
		if p.Name == "chan" {
			do := runDepth(messages)
			peers[i].Run = func(n int) ([]float64, error) { return do(crew{}, native, messages, n) }
		}
	}
	// A whole number of rounds, whatever the time of a measurement is, and more than one: the
	// second meets what the first has left behind.
	return bench.Scenario{
		Name: fmt.Sprintf("depth/messages=%d", messages),
		Text: "One goroutine fills an unbounded channel with so many messages and then drains it, again and again. " +
			"The native chan has that capacity, and needs to know it beforehand.",
		Metrics: []string{"ns/message"},
		Base:    "chan",
		Count:   max(2*messages, 100_000),
		Alone:   true,
		Peers:   peers,
	}
}

func create(capacity int) bench.Scenario {
	return bench.Scenario{
		Name:    "create/" + capacityName(capacity),
		Text:    about("A channel with both of its ends is made and ended, without a message.", capacity),
		Metrics: []string{"ns/channel"},
		Base:    "chan",
		Args:    arguments("create", capacity, 1, 1),
		Alone:   true,
		Peers:   peersFor(capacity, 1, 1, runCreate),
	}
}

func open() bench.Scenario {
	return bench.Scenario{
		Name:    "open/cap=128",
		Text:    "A channel is made, one message goes through, and the channel is ended.",
		Metrics: []string{"ns/channel"},
		Base:    "chan",
		Args:    arguments("open", 128, 1, 1),
		Alone:   true,
		Peers:   peersFor(128, 1, 1, runOpen),
	}
}
