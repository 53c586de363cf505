package differential

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// moreWakes reports whether the library woke more than we did, all of it in vain, when
// something had completed or was dropped.
func moreWakes(d *Difference) bool {
	if !d.only("wakes") || len(d.ours().Completed) == 0 && d.verb() != "poll" && !strings.HasPrefix(d.Op(), "drop f") {
		return false
	}
	extra := d.rust().live()
	for _, w := range d.ours().live() {
		i := slices.Index(extra, w)
		if i < 0 {
			return false
		}
		extra = slices.Delete(extra, i, i+1)
	}
	return !slices.ContainsFunc(extra, func(w string) bool {
		slot, _, _ := strings.Cut(w, "/")
		return slices.ContainsFunc(d.rust().Completed, func(c string) bool { return strings.HasPrefix(c, slot+"=") })
	})
}

// woke reports whether the library woke a future that an operation of this name made.
func (d *Difference) woke(verb string) bool {
	return slices.ContainsFunc(d.rust().live(), func(w string) bool {
		slot, _, _ := strings.Cut(w, "/")
		return d.maker(slot, d.At)[0] == verb
	})
}

// results are the results of a step without what they are of, a select or another wait.
func results(s Step) []string {
	var all []string
	for _, c := range s.Completed {
		_, result, _ := strings.Cut(c, "=")
		if _, of, ok := strings.Cut(result, ":"); ok {
			result = of
		}
		all = append(all, result)
	}
	slices.Sort(all)
	return all
}

// completedBefore reports whether something that waited had completed in an earlier step, by
// itself or by a poll.
func (d *Difference) completedBefore() bool {
	for i, s := range d.Ours[:d.At] {
		if len(s.Completed) > 0 || strings.HasPrefix(d.Program.Ops[i], "poll") && s.Result != "pending" && s.Result != "none" {
			return true
		}
	}
	return false
}

// at0 reports whether the program has a channel of capacity 0.
func (d *Difference) at0() bool { return slices.Contains(d.Program.Caps, 0) }

// abandoned is the number of the channel whose last receiver the step dropped, or "".
func (d *Difference) abandoned() string {
	for _, c := range []string{"0", "1"} {
		if _, left := d.ours().State["r"+c+".len"]; !left && d.before("r"+c+".len") != "" {
			return c
		}
	}
	return ""
}

// forgottenWas reports whether a forgotten future of some kind was woken by then, on either
// side. A select counts also if it was woken before it was forgotten: it is queued in another
// channel still.
func (d *Difference) forgottenWas(kind func(verb string) bool) bool {
	for i := range d.At + 1 {
		for _, w := range slices.Concat(at(d.Ours, i).Wakes, at(d.Rust, i).Wakes) {
			slot, _, _ := strings.Cut(strings.TrimPrefix(w, "~"), "/")
			if w[0] == '~' {
				if at, ok := d.forgotten(slot, i); ok && kind(d.maker(slot, at)[0]) {
					return true
				}
			} else if at, ok := d.forgotten(slot, d.At); ok && at > i && kind("select") && d.maker(slot, at)[0] == "select" {
				return true
			}
		}
	}
	return false
}

// forgotten returns the last step before i that forgot a future in a slot.
func (d *Difference) forgotten(slot string, i int) (step int, ok bool) {
	for i--; i >= 0; i-- {
		if d.Program.Ops[i] == "forget "+slot && d.Ours[i].Result == "done" {
			return i, true
		}
	}
	return 0, false
}

// parked reports whether a goroutine received here, in a call that had blocked.
func (d *Difference) parked() bool { return d.ours().unblocked() }

// unblocked reports whether a blocked call received a message, also in a select.
func (s Step) unblocked() bool {
	return slices.ContainsFunc(s.Completed, func(c string) bool {
		return c[0] == 't' && (strings.Contains(c, "=v") || strings.Contains(c, ":v"))
	})
}

// selecting reports whether a goroutine waits in a select.
func (d *Difference) selecting() bool {
	in := map[string]bool{}
	for i := range d.At {
		if w := d.words(i); strings.HasPrefix(w[0], "tselect") && d.Ours[i].Result == "started" {
			in[w[3]] = true
		}
		for _, c := range d.Ours[i].Completed {
			thread, _, _ := strings.Cut(c, "=")
			delete(in, thread)
		}
	}
	return len(in) > 0
}

// sends reports whether an operation of this name makes a future that sends.
func sends(verb string) bool { return verb == "send" || verb == "sendfor" || verb == "selectsend" }

// drainedAlike reports whether both sides took what was in the channel before the step, and
// differ in what waiting sends added to it.
func (d *Difference) drainedAlike() bool {
	channel := d.channelOf(d.words(d.At)[1], d.At)
	before, _ := strconv.Atoi(d.before(fmt.Sprintf("r%d.len", channel)))
	rust, ours := valueIn.FindAllString(d.rust().Result, -1), valueIn.FindAllString(d.ours().Result, -1)
	return min(len(rust), len(ours)) >= before && slices.Equal(rust[:before], ours[:before])
}

// sentToItself reports whether a select of a send and a receive of one channel received here,
// in this step.
func (d *Difference) sentToItself() bool {
	for i := range d.At + 1 {
		w := d.words(i)
		if !strings.HasSuffix(w[0], "selectsend") || d.channelOf(w[1], i) != d.channelOf(w[2], i) {
			continue
		}
		received := w[3] + "=1:v"
		if slices.ContainsFunc(d.ours().Completed, func(c string) bool { return strings.HasPrefix(c, received) }) ||
			strings.HasPrefix(d.Op(), "poll "+w[3]+" ") && strings.HasPrefix(d.ours().Result, "1:v") {
			return true
		}
	}
	return false
}

// channelOf returns the number of the channel of the handle that a slot holds at step i.
func (d *Difference) channelOf(handle string, i int) int {
	for i--; i >= 0; i-- {
		w := d.words(i)
		if d.Ours[i].Result == "done" && len(w) == 3 && w[2] == handle && (w[0] == "clone" || w[0] == "up" || w[0] == "down") {
			return d.channelOf(w[1], i)
		}
	}
	n, _ := strconv.Atoi(handle[1:])
	return n
}

// overfull reports whether a channel has more messages than its capacity.
func (s Step) overfull() bool {
	for question, answer := range s.State {
		side, what, _ := strings.Cut(question, ".")
		length, _ := strconv.Atoi(answer)
		if capacity, err := strconv.Atoi(s.State[side+".cap"]); err == nil && what == "len" && length > capacity {
			return true
		}
	}
	return false
}

// wokenAgain reports whether the library woke a future that an operation of this name made,
// and that it had woken since the last poll of it already, in this step or in an earlier one.
func (d *Difference) wokenAgain(verb string) bool {
	live := d.rust().live() // sorted
	return slices.ContainsFunc(live, func(w string) bool {
		slot, _, _ := strings.Cut(w, "/")
		if d.maker(slot, d.At)[0] != verb {
			return false
		}
		if first := slices.Index(live, w); first+1 < len(live) && live[first+1] == w {
			return true
		}
		for i := d.At - 1; i >= 0 && !strings.HasPrefix(d.Program.Ops[i], "poll "+slot+" "); i-- {
			if slices.Contains(at(d.Rust, i).live(), w) {
				return true
			}
		}
		return false
	})
}

// closedMore reports whether calls that had blocked ended with the channel here, and nothing
// else was different.
func (d *Difference) closedMore() bool {
	theirs := d.rust().Completed
	return len(theirs) < len(d.ours().Completed) && !slices.ContainsFunc(d.ours().Completed, func(c string) bool {
		return !slices.Contains(theirs, c) && (c[0] != 't' || !strings.HasSuffix(c, "closed"))
	})
}

// droppedWoken reports whether a receive was dropped after it was woken, in an earlier step.
func (d *Difference) droppedWoken() bool {
	for i := range d.At {
		slot, dropped := strings.CutPrefix(d.Program.Ops[i], "drop f")
		if !dropped || d.Ours[i].Result != "done" || d.maker("f"+slot, i)[0] != "recv" {
			continue
		}
		if slices.ContainsFunc(d.Rust[:i], func(s Step) bool {
			return slices.ContainsFunc(s.live(), func(w string) bool { return strings.HasPrefix(w, "f"+slot+"/") })
		}) {
			return true
		}
	}
	return false
}
