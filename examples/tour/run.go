package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const module = "github.com/handoff-go/handoff"

// visit runs the stops and returns how many of them failed. The error is not about an
// example: the tour could not go on.
func visit(ctx context.Context, chosen []stop, stdout, stderr io.Writer) (failed int, err error) {
	root, err := moduleRoot(ctx)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "handoff-tour-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	fmt.Fprintln(stderr, "tour: building the examples, which takes a moment the first time")
	// What is not there afterwards is built again, and reported, in its turn.
	_ = build(ctx, chosen, root, dir, io.Discard)
	for i, s := range chosen {
		if ctx.Err() != nil {
			return failed, nil
		}
		heading := fmt.Sprintf("== %s\n%s\n$ %s\n\n", s.name, s.shows, s.command())
		if i > 0 {
			heading = "\n" + heading
		}
		if _, err := io.WriteString(stdout, heading); err != nil {
			return failed, err
		}
		err := s.run(ctx, root, dir, stdout, stderr)
		if err == nil || ctx.Err() != nil {
			continue
		}
		// A closed pipe ends an example too, and then this line ends the tour instead of
		// a report of what is no failure.
		if _, err := fmt.Fprintln(stdout); err != nil {
			return failed, err
		}
		fmt.Fprintf(stderr, "tour: %s: %v\n", s.name, err)
		failed++
	}
	return failed, nil
}

// build builds the stops into dir, with one command, which works on several at once. And
// a program that runs without a go run in between can be interrupted, and has an exit
// code of its own.
func build(ctx context.Context, chosen []stop, root, dir string, messages io.Writer) error {
	// Without debug information, which only a debugger would miss: linking is most of the
	// time.
	args := []string{"build", "-ldflags=-s -w", "-o", dir + string(filepath.Separator)}
	for _, s := range chosen {
		args = append(args, "./examples/"+s.name)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, messages, messages
	return interruptible(ctx, cmd)
}

// command is what does the same on a command line.
func (s stop) command() string {
	words := []string{"go", "run", "./examples/" + s.name}
	for _, arg := range s.args {
		if arg == "" || strings.ContainsAny(arg, " \"'$&*;|<>()") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// run runs what build has built. The example writes to stdout itself if that is a file,
// so its output and the headings come in the order in which they were written.
func (s stop) run(ctx context.Context, root, dir string, stdout, stderr io.Writer) error {
	binary := filepath.Join(dir, s.name)
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if _, err := os.Stat(binary); err != nil { // not built, perhaps because of another one
		if err := build(ctx, []stop{s}, root, dir, stderr); err != nil {
			return fmt.Errorf("go build: %w", err)
		}
	}
	cmd := exec.Command(binary, s.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, stdout, stderr
	return interruptible(ctx, cmd)
}

// patience is how long a program may take to end after Ctrl-C, before the next interrupt.
const patience = time.Second

// interruptible runs cmd, and ends it when ctx ends. In a terminal, Ctrl-C has reached cmd
// as well, and a second one would keep it from ending in its own way. So it is interrupted only
// if it is still there after a while, as after a kill -INT of the tour alone.
func interruptible(ctx context.Context, cmd *exec.Cmd) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	for i, sig := range []os.Signal{os.Interrupt, os.Kill} {
		select {
		case err := <-ended:
			return err
		case <-time.After(time.Duration(1+4*i) * patience):
			_ = cmd.Process.Signal(sig) // fails if it has just ended
		}
	}
	return <-ended
}

// moduleRoot lets the tour be started from any folder of the checkout.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		err = errors.New(strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("start me inside a checkout of %s: %w", module, err)
	}
	return strings.TrimSpace(string(out)), nil
}
