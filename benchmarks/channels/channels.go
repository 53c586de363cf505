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

// Scenarios returns all of them.
func Scenarios() []bench.Scenario {
	var all []bench.Scenario
	for _, c := range []int{unbounded, 128, 1} {
		all = append(all, seq(c))
	}
	for _, c := range []int{unbounded, 128, 1, 0} {
		all = append(all, cross("spsc", c, 1, 1))
	}
	for _, producers := range []int{4, 16, 64} {
		all = append(all, cross("mpsc", unbounded, producers, 1), cross("mpsc", 128, producers, 1))
	}
	all = append(all, cross("mpsc", 1, 4, 1), cross("mpsc", 0, 4, 1))
	for _, c := range []int{unbounded, 128, 1, 0} {
		all = append(all, cross("mpmc", c, 4, 4))
	}
	for _, c := range []int{unbounded, 1, 0} {
		all = append(all, pingPong(c))
	}
	for _, c := range []int{unbounded, 128} {
		all = append(all, batchSeq(c), batchCross(c))
	}
	for _, messages := range []int{100, 10_000, 1_000_000} {
		all = append(all, depth(messages))
	}
	return append(all, open())
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

// arguments describe a scenario to a program in another language.
func arguments(work string, capacity, producers, consumers int) []string {
	return []string{work, strconv.Itoa(capacity), strconv.Itoa(producers), strconv.Itoa(consumers)}
}

func seq(capacity int) bench.Scenario {
	return bench.Scenario{
		Name:    "seq/" + capacityName(capacity),
		Text:    about("One goroutine sends a message and receives it.", capacity),
		Metrics: []string{"ns/message"},
		Base:    "chan",
		Args:    arguments("seq", capacity, 1, 1),
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
		Peers:   peersFor(capacity, producers, consumers, runCross(producers, consumers)),
	}
	if producers > 1 {
		s.Text = about(fmt.Sprintf("Producers: %d, consumers: %d. Fairness is the time in which the first producer was done, divided by that of the last, "+
			"when all send the same number: 1 is perfectly fair.", producers, consumers), capacity)
		s.Metrics = append(s.Metrics, "fairness")
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
		Text: about("One goroutine sends 64 messages and receives them, again and again. Who has no operation for several sends and "+
			"receives them one by one.", capacity),
		Metrics: []string{"ns/message"},
		Base:    "chan",
		Peers:   peersFor(capacity, 1, 1, runBatchSeq),
	}
}

func batchCross(capacity int) bench.Scenario {
	return bench.Scenario{
		Name:    "batch spsc/" + capacityName(capacity),
		Text:    about("One goroutine sends, another one receives, 64 messages at once where the peer can do that.", capacity),
		Metrics: []string{"ns/message"},
		Base:    "chan",
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
	// A whole number of rounds, whatever the time of a measurement is.
	return bench.Scenario{
		Name: fmt.Sprintf("depth/messages=%d", messages),
		Text: "One goroutine fills an unbounded channel with so many messages and then drains it, again and again. " +
			"The native chan has that capacity, and needs to know it beforehand.",
		Metrics: []string{"ns/message"},
		Base:    "chan",
		Count:   max(messages, 100_000),
		Peers:   peers,
	}
}

func open() bench.Scenario {
	return bench.Scenario{
		Name:    "open/cap=128",
		Text:    "A channel is made, one message goes through, and the channel is ended.",
		Metrics: []string{"ns/channel"},
		Base:    "chan",
		Peers:   peersFor(128, 1, 1, runOpen),
	}
}
