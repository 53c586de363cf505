package differential

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Build compiles the Rust program and returns its path.
func Build(dir string) (string, error) {
	cmd := exec.Command("cargo", "build", "--locked", "--quiet", "--workspace", "--bins")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("differential: cargo build: %w\n%s", err, out)
	}
	return filepath.Join(dir, "target", "debug", "originals"), nil
}

// patience is how long the Rust program may take for one program, before it is killed as
// one that hangs. One takes milliseconds, but on a busy machine a process with a low priority
// may wait for long to run.
const patience = time.Minute

// Originals is a process that runs programs on the Rust libraries. It serves one caller.
type Originals struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// Start starts the Rust program at path.
func Start(path string) (*Originals, error) {
	o := &Originals{cmd: exec.Command(path)}
	in, err := o.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.in, o.out = in, bufio.NewScanner(out)
	return o, o.cmd.Start()
}

// Run runs a program and returns its trace. A trace that is shorter than the program ends
// with what the library did instead: "panic", or "stuck" if calls never returned.
func (o *Originals) Run(p Program) ([]Step, error) {
	pair := Pairs[p.Pair]
	text := p.String()
	_, text, _ = strings.Cut(text, " ")
	if _, err := fmt.Fprintln(o.in, pair.Library+" "+text); err != nil {
		return nil, err
	}
	watchdog := time.AfterFunc(patience, func() { _ = o.cmd.Process.Kill() })
	defer watchdog.Stop()
	var steps []Step
	for o.out.Scan() {
		switch line := o.out.Text(); line {
		case "end":
			return steps, nil
		case "panic", "stuck":
			steps = append(steps, Step{Result: line})
		default:
			s, err := parseStep(line)
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
		}
	}
	return nil, fmt.Errorf("differential: the Rust program ended in the middle of %s: %w", p, o.cmd.Wait())
}

// Close ends the process.
func (o *Originals) Close() error {
	return errors.Join(o.in.Close(), o.cmd.Wait())
}
