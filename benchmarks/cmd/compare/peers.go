package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-go/handoff/benchmarks/bench"
	"github.com/handoff-go/handoff/benchmarks/channels"
	"github.com/handoff-go/handoff/benchmarks/foreign"
	"github.com/handoff-go/handoff/benchmarks/idle"
	"github.com/handoff-go/handoff/benchmarks/tasks"
)

func everything() []bench.Scenario {
	return slices.Concat(channels.Scenarios(), tasks.Scenarios(), idle.Scenarios())
}

// missing lists what this machine could not measure, and the peers that could not be fetched.
func missing(rust error) []string {
	out := []string{
		"golang.design/x/chann and github.com/reugn/async: the module proxy refused them when this list was made (403 Forbidden, \"This module version is not available\").",
	}
	if rust != nil {
		out = append(out, fmt.Sprintf("The Rust libraries: not measured, %v.", rust))
	}
	return out
}

// rust adds the Rust peers. Without them the rest is still measured.
func rust(ctx context.Context, dir string, scenarios []bench.Scenario, stderr io.Writer) (*foreign.Program, error) {
	if dir == "" {
		return nil, errors.New("switched off with -rust")
	}
	fmt.Fprintln(stderr, "building the Rust peers; the first time that takes a minute or two")
	program, err := foreign.Build(ctx, dir)
	if err == nil {
		err = program.Join(ctx, scenarios)
	}
	if err != nil {
		fmt.Fprintf(stderr, "Rust peers: not measured: %v\n", err)
		return nil, err
	}
	return program, nil
}

// fresh runs a peer in a new process of this program.
func fresh(ctx context.Context, scenario, peer string, n int) ([]float64, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-child", scenario, "-peer", peer, "-count", strconv.Itoa(n))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return bench.Decode(out)
}

// runChild is the other side of fresh.
func runChild(o *options, stdout io.Writer) error {
	for _, s := range everything() {
		for _, p := range s.Peers {
			if s.Name == o.child && p.Name == o.peer {
				vs, err := p.Run(o.count)
				if err != nil {
					return err
				}
				return bench.Encode(stdout, vs)
			}
		}
	}
	return fmt.Errorf("there is no peer %q in a scenario %q", o.peer, o.child)
}
