package differential

import (
	"fmt"
	"slices"
	"strings"
)

// Step is what one operation did.
type Step struct {
	Result    string
	Completed []string          // calls and futures that returned because of it, each with its result
	Dropped   []string          // messages that the library dropped, in order
	State     map[string]string // answers of the channels' handles, such as "s0.len"
	Wakes     []string          // "f2/w1"; with a ~ in front if the future had no use for it any more
}

// parseStep reads a line that the Rust program wrote.
func parseStep(line string) (Step, error) {
	fields := strings.Split(line, "\t")
	if len(fields) != 5 {
		return Step{}, fmt.Errorf("differential: %q is no step", line)
	}
	s := Step{
		Result: fields[0], Completed: splitCompleted(fields[1]), Dropped: strings.Fields(fields[2]),
		State: map[string]string{}, Wakes: strings.Fields(fields[4]),
	}
	for side := range strings.SplitSeq(fields[3], "; ") {
		name, answers, _ := strings.Cut(side, ": ")
		for answer := range strings.FieldsSeq(answers) {
			key, value, _ := strings.Cut(answer, "=")
			s.State[name+"."+key] = value
		}
	}
	return s, nil
}

// splitCompleted splits at the blanks that are not inside of a batch.
func splitCompleted(text string) []string {
	var all []string
	for word := range strings.FieldsSeq(text) {
		if n := len(all); n > 0 && strings.Count(all[n-1], "[") > strings.Count(all[n-1], "]") {
			all[n-1] += " " + word
			continue
		}
		all = append(all, word)
	}
	return all
}

// since renders the step for a reader, with what changed of the state since before.
func (s Step) since(before Step) string {
	changed := map[string]string{}
	for k, v := range s.State {
		if before.State[k] != v {
			changed[k] = v
		}
	}
	var b strings.Builder
	b.WriteString(s.Result)
	for _, part := range []struct {
		name  string
		words []string
	}{{"completed", s.Completed}, {"dropped", s.Dropped}, {"woken", s.Wakes}, {"now", stateWords(changed)}} {
		if len(part.words) > 0 {
			fmt.Fprintf(&b, "  %s: %s", part.name, strings.Join(part.words, " "))
		}
	}
	return b.String()
}

func stateWords(state map[string]string) []string {
	var words []string
	for k, v := range state {
		words = append(words, k+"="+v)
	}
	slices.Sort(words)
	return words
}

// live are the wakes of futures that waited for them.
func (s Step) live() []string {
	var all []string
	for _, w := range s.Wakes {
		if w[0] != '~' {
			all = append(all, w)
		}
	}
	slices.Sort(all)
	return all
}
