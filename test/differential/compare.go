package differential

import (
	"fmt"
	"slices"
	"strings"
)

// Difference is the first step at which two traces of a program differ.
type Difference struct {
	Program Program
	At      int      // the step
	Fields  []string // of it: "result", "completed", "dropped", "wakes", questions such as "s0.len"
	Rust    []Step
	Ours    []Step
}

// Op is the operation at which the traces differ.
func (d *Difference) Op() string {
	if d.At >= len(d.Program.Ops) {
		return ""
	}
	return d.Program.Ops[d.At]
}

// compare returns the first difference of two traces from a step on, or nil. Fields whose
// names end as one of ignored are left out.
func compare(p Program, rust, ours []Step, from int, ignored []string) *Difference {
	for i := from; i < max(len(rust), len(ours)); i++ {
		var fields []string
		if i >= len(rust) || i >= len(ours) {
			fields = []string{"end"}
		} else {
			a, b := rust[i], ours[i]
			if i < len(p.Ops) && strings.HasPrefix(p.Ops[i], "advance") {
				a.Dropped, b.Dropped = sorted(a.Dropped), sorted(b.Dropped) // alarms of one moment have no order
			}
			fields = slices.DeleteFunc(differing(a, b), func(f string) bool { return endsIn(f, ignored) })
		}
		if len(fields) > 0 {
			return &Difference{p, i, fields, rust, ours}
		}
	}
	return nil
}

// differing returns the names of the fields that differ.
func differing(rust, ours Step) []string {
	var fields []string
	if rust.Result != ours.Result {
		fields = append(fields, "result")
	}
	if !slices.Equal(sorted(rust.Completed), sorted(ours.Completed)) {
		fields = append(fields, "completed")
	}
	if !slices.Equal(rust.Dropped, ours.Dropped) {
		fields = append(fields, "dropped")
	}
	for _, question := range sorted(keys(rust.State)) {
		// A question that one side does not have is none.
		if answer, ok := ours.State[question]; ok && answer != rust.State[question] {
			fields = append(fields, question)
		}
	}
	if !slices.Equal(rust.live(), ours.live()) {
		fields = append(fields, "wakes")
	}
	return fields
}

// String shows the program up to the difference, with what our side did, and both sides
// where they differ.
func (d *Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", d.Program)
	before := func(steps []Step, i int) Step {
		if i == 0 {
			return Step{}
		}
		return at(steps, i-1)
	}
	for i := range d.At {
		fmt.Fprintf(&b, "%3d %-24s %s\n", i, d.Program.Ops[i], at(d.Ours, i).since(before(d.Ours, i)))
	}
	fmt.Fprintf(&b, "%3d %-24s differs in %s\n", d.At, d.Op(), strings.Join(d.Fields, ", "))
	fmt.Fprintf(&b, "      %-12s %s\n", Pairs[d.Program.Pair].Library, d.rust().since(before(d.Rust, d.At)))
	fmt.Fprintf(&b, "      %-12s %s\n", "ours", d.ours().since(before(d.Ours, d.At)))
	return b.String()
}

func at(steps []Step, i int) Step {
	if i >= len(steps) {
		return Step{Result: "(nothing more)"}
	}
	return steps[i]
}

func keys[V any](m map[string]V) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	return all
}

func sorted(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return words
}
