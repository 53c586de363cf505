package differential

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Unbounded is the capacity of a channel without a bound.
const Unbounded = -1

// Program is a sequence of operations on the handles of one or two channels.
//
// Its operations are text, as both sides read it. Handles, futures and permits are in
// numbered slots: "send s0 f1 7" makes in slot f1 a future that sends 7 through the sender
// in slot s0. The first channel begins with s0 and r0, the second one with s1 and r1. An
// operation on an empty slot does nothing and answers "none", one on a slot that is in use
// "busy". So a program stays a program when operations are removed from it.
type Program struct {
	Pair   string // which library, and which of our packages
	Prompt bool   // whether a future that was woken is polled at once
	Caps   []int  // of each channel
	Ops    []string
}

// String returns the program in the form that [ParseProgram] reads.
func (p Program) String() string {
	caps := make([]string, len(p.Caps))
	for i, c := range p.Caps {
		caps[i] = "none"
		if c != Unbounded {
			caps[i] = strconv.Itoa(c)
		}
	}
	mode := "lazy"
	if p.Prompt {
		mode = "prompt"
	}
	return fmt.Sprintf("%s %s %s|%s", p.Pair, mode, strings.Join(caps, ","), strings.Join(p.Ops, ";"))
}

// ParseProgram reads what String wrote.
func ParseProgram(text string) (Program, error) {
	head, ops, ok := strings.Cut(text, "|")
	words := strings.Fields(head)
	if !ok || len(words) != 3 {
		return Program{}, fmt.Errorf("differential: %q is no program: it must be PAIR MODE CAPACITIES|OPERATIONS", text)
	}
	p := Program{Pair: words[0], Prompt: words[1] == "prompt"}
	for c := range strings.SplitSeq(words[2], ",") {
		n, err := strconv.Atoi(c)
		if err != nil {
			n = Unbounded
		}
		p.Caps = append(p.Caps, n)
	}
	if ops != "" {
		p.Ops = strings.Split(ops, ";")
	}
	return p, nil
}

// Waits reports whether the program needs a bubble: a call may block a goroutine, or time
// passes.
func (p Program) Waits() bool {
	return slices.ContainsFunc(p.Ops, func(op string) bool {
		return op[0] == 't' && !strings.HasPrefix(op, "try") || strings.Contains(op, "for ") || strings.HasPrefix(op, "advance")
	})
}

// prefix is the program up to and with the operation at step.
func (p Program) prefix(step int) Program {
	p.Ops = p.Ops[:step+1]
	return p
}
