package differential

import (
	"slices"
	"strings"
)

// Class is a divergence that is intended.
type Class struct {
	Name  string
	Pairs []string
	// Says is part of the row or sentence of docs/from-rust.md that describes it.
	Says string
	// Smallest is a program that shows it.
	Smallest string
	// match reports whether a difference is of this class.
	match func(d *Difference) bool
	// ignore names what stays different from then on; the rest of the program is compared
	// without it. The end of a name is enough: "dropped", "0.len".
	ignore func(d *Difference) []string
	// ends says that from then on too much is different to go on.
	ends bool
}

// Verdict is what the comparison of a program came to.
type Verdict struct {
	Classes []string    // the divergences met, in order
	Steps   int         // how many steps were compared
	Unknown *Difference // a divergence that is in no class, or nil
}

// Judge compares two traces as far as known divergences allow.
func Judge(p Program, rust, ours []Step) Verdict {
	var v Verdict
	var ignored []string
	if i := slices.IndexFunc(rust, racing); i >= 0 && i < len(ours) {
		rust, ours = rust[:i+1], ours[:i+1]
	}
	for from := 0; ; {
		d := compare(p, rust, ours, from, ignored)
		if d == nil {
			v.Steps = len(ours)
			return v
		}
		v.Steps = d.At
		c := classify(d)
		if c == nil {
			v.Unknown = d
			return v
		}
		v.Classes = append(v.Classes, c.Name)
		if c.ends {
			return v
		}
		if c.ignore != nil {
			ignored = append(ignored, c.ignore(d)...)
		}
		from = d.At + 1
	}
}

// racing reports whether a blocked send went on together with another one in one step. A
// thread does so at once, and which of the two is first is not the library's affair.
func racing(s Step) bool {
	sends, threads := 0, 0
	for _, c := range s.Completed {
		if strings.HasSuffix(c, "=ok") {
			sends++
			if c[0] == 't' {
				threads++
			}
		}
	}
	return sends > 1 && threads > 0
}

func classify(d *Difference) *Class {
	pair := d.Program.Pair
	if like := Pairs[pair].Like; like != "" {
		pair = like
	}
	for i := range Classes {
		c := &Classes[i]
		if slices.Contains(c.Pairs, pair) && c.match(d) {
			return c
		}
	}
	return nil
}

// only reports whether nothing differs but fields whose names end so.
func (d *Difference) only(ends ...string) bool {
	return !slices.ContainsFunc(d.Fields, func(f string) bool { return !endsIn(f, ends) })
}

func endsIn(field string, ends []string) bool {
	return slices.ContainsFunc(ends, func(e string) bool { return strings.HasSuffix(field, e) })
}

func (d *Difference) rust() Step { return at(d.Rust, d.At) }
func (d *Difference) ours() Step { return at(d.Ours, d.At) }

// before is our state before the step.
func (d *Difference) before(question string) string {
	if d.At == 0 {
		return ""
	}
	return d.Ours[d.At-1].State[question]
}

// verb is the first word of the operation.
func (d *Difference) verb() string {
	verb, _, _ := strings.Cut(d.Op(), " ")
	return verb
}

// words are the words of the operation that ran at step i.
func (d *Difference) words(i int) []string { return strings.Split(d.Program.Ops[i], " ") }

// maker returns the operation that made the future which slot held at step i.
func (d *Difference) maker(slot string, i int) []string {
	for i--; i >= 0; i-- {
		w := d.words(i)
		if slices.Contains(w[2:], slot) && d.Ours[i].Result == "done" {
			return w
		}
	}
	return []string{""}
}
