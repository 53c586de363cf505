package differential

import (
	"regexp"
	"slices"
	"strings"
)

var valueIn = regexp.MustCompile(`\d+`)

// Faults checks what holds here whatever the originals do: a message ends once, and a
// future that is over or was polled with a newer waker is not woken. It returns the step at
// which that fails, or nil.
func Faults(p Program, ours []Step) *Difference {
	over := map[string]bool{}
	for i, s := range ours {
		if i >= len(p.Ops) {
			break
		}
		for _, v := range ended(s) {
			if over[v] {
				return &Difference{p, i, []string{"a second end of message " + v}, ours, ours}
			}
			over[v] = true
		}
		d := &Difference{Program: p, At: i, Ours: ours, Rust: ours}
		for _, w := range s.Wakes {
			slot, _, _ := strings.Cut(strings.TrimPrefix(w, "~"), "/")
			// In its own poll a receive may notify itself: it takes a message, a waiting send
			// gets the slot, and the queue still has this receive in front. It passes that on.
			// The send may also be the other branch of the select that the receive is in.
			own := strings.HasPrefix(p.Ops[i], "poll "+slot+" ") || d.maker(slot, i)[0] == "selectsend" &&
				slices.ContainsFunc(s.Completed, func(c string) bool { return strings.HasPrefix(c, slot+"=1:v") })
			if _, forgotten := d.forgotten(slot, i); w[0] == '~' && !own && !forgotten {
				return &Difference{p, i, []string{"a wake of a future that is over: " + slot}, ours, ours}
			}
		}
	}
	return nil
}

// ended are the messages that a step received, returned or dropped.
func ended(s Step) []string {
	all := slices.Clone(s.Dropped)
	results := []string{s.Result}
	for _, c := range s.Completed {
		_, result, _ := strings.Cut(c, "=")
		results = append(results, result)
	}
	for _, r := range results {
		_, text, selected := strings.Cut(r, ":")
		if !selected {
			text = r
		}
		all = append(all, valueIn.FindAllString(text, -1)...)
	}
	return all
}
