package differential

// Shrink returns a smaller program that still fails, by removing operations and lowering
// capacities as long as fails says so.
func Shrink(p Program, fails func(Program) bool) Program {
	for n := len(p.Ops) / 2; n > 0; {
		removed := false
		for i := 0; i+n <= len(p.Ops); {
			if smaller := p.without(i, n); fails(smaller) {
				p, removed = smaller, true
			} else {
				i += n
			}
		}
		if n > 1 {
			n /= 2
		} else if !removed {
			break
		}
	}
	return simplify(p, fails)
}

// without is the program with n operations from i on removed.
func (p Program) without(i, n int) Program {
	ops := make([]string, 0, len(p.Ops)-n)
	p.Ops = append(append(ops, p.Ops[:i]...), p.Ops[i+n:]...)
	return p
}

// simplify tries one channel in place of two, and smaller bounds.
func simplify(p Program, fails func(Program) bool) Program {
	if len(p.Caps) == 2 {
		one := p
		one.Caps = p.Caps[:1]
		if fails(one) {
			p = one
		}
	}
	for i := range p.Caps {
		for _, c := range []int{1, 2, 3} {
			if c >= p.Caps[i] {
				break
			}
			smaller := p
			smaller.Caps = append(append([]int{}, p.Caps[:i]...), c)
			smaller.Caps = append(smaller.Caps, p.Caps[i+1:]...)
			if fails(smaller) {
				p = smaller
				break
			}
		}
	}
	return p
}
