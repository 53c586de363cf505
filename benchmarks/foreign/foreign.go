// Package foreign has peers that are programs in other languages: the Rust libraries.
package foreign

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-go/handoff/benchmarks/bench"
)

// ErrStuck reports that a peer hung. That is a fact about the peer: flume on tokio does it now and
// then where several receive at capacity 0 or 1.
var ErrStuck = errors.New("it did not end")

// Program is a built program that runs peers.
type Program struct {
	Path    string
	Version string   // of the compiler
	Crates  []string // names and versions of the libraries

	// Limit is how long one measurement may take; 0 is 30 seconds. Most take
	// milliseconds, and the largest seconds, but a peer that loses a wake-up never ends
	// and would hold up all others.
	Limit time.Duration
}

// Build builds the Cargo project in dir. It says so when there is no cargo.
func Build(ctx context.Context, dir string) (*Program, error) {
	if _, err := os.Stat(filepath.Join(dir, "Cargo.toml")); err != nil {
		return nil, fmt.Errorf("no Cargo project: %w", err)
	}
	if _, err := exec.LookPath("cargo"); err != nil {
		return nil, errors.New("there is no cargo on this machine")
	}
	build := exec.CommandContext(ctx, "cargo", "build", "--release", "--locked", "--quiet",
		"--message-format=json-render-diagnostics")
	build.Dir = dir
	var stderr bytes.Buffer
	build.Stderr = &stderr
	out, err := build.Output()
	if err != nil {
		return nil, fmt.Errorf("cargo build: %w: %s", err, lastLine(stderr.String()))
	}
	path := executable(out)
	if path == "" {
		return nil, errors.New("cargo build named no program")
	}
	version, err := exec.CommandContext(ctx, "rustc", "--version").Output()
	if err != nil {
		version = []byte("rustc, version unknown")
	}
	return &Program{Path: path, Version: strings.TrimSpace(string(version)), Crates: crates(dir)}, nil
}

// executable finds the program in the output of cargo: its directory can be set in many ways.
func executable(messages []byte) (path string) {
	for line := range bytes.Lines(messages) {
		var m struct{ Executable string }
		if json.Unmarshal(line, &m) == nil && m.Executable != "" {
			path = m.Executable
		}
	}
	return path
}

// crates reads the versions of the direct dependencies from the lock file.
func crates(dir string) (out []string) {
	f, err := os.Open(filepath.Join(dir, "Cargo.lock"))
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // it was only read
	wanted := map[string]bool{"async-channel": true, "async-executor": true, "crossbeam-channel": true, "flume": true, "kanal": true, "tokio": true}
	name := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), " = ")
		value = strings.Trim(value, `"`)
		switch {
		case key == "name":
			name = value
		case key == "version" && wanted[name]:
			out = append(out, name+" "+value)
		}
	}
	return out
}

// Join adds the peers that the program has for each scenario.
func (p *Program) Join(ctx context.Context, scenarios []bench.Scenario) error {
	for i := range scenarios {
		s := &scenarios[i]
		if s.Args == nil {
			continue
		}
		out, err := exec.CommandContext(ctx, p.Path, append([]string{"list"}, s.Args...)...).Output()
		if err != nil {
			return fmt.Errorf("peers for %s: %w", s.Name, err)
		}
		for name := range strings.Lines(string(out)) {
			name = strings.TrimSpace(name)
			s.Peers = append(s.Peers, bench.Peer{Name: name, Foreign: true, Run: func(n int) ([]float64, error) {
				return p.run(ctx, name, s.Args, len(s.Metrics), n)
			}})
		}
	}
	return nil
}

// run has the program measure once. It measures itself, so starting it costs nothing.
func (p *Program) run(ctx context.Context, peer string, args []string, metrics, n int) ([]float64, error) {
	args = append(append([]string{"run", peer}, args...), strconv.Itoa(n))
	limit := cmp.Or(p.Limit, 30*time.Second)
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(limited, p.Path, args...)
	// glibc gives freed memory back to the system between bursts, and faults it in again.
	cmd.Env = append(os.Environ(), "MALLOC_TRIM_THRESHOLD_=1000000000", "MALLOC_TOP_PAD_=100000000")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if limited.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w, and was stopped after %v", ErrStuck, limit)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, lastLine(stderr.String()))
	}
	vs, err := bench.Decode(out)
	if err != nil {
		return nil, err
	}
	if len(vs) < metrics {
		return nil, fmt.Errorf("the program printed %d values instead of %d", len(vs), metrics)
	}
	return vs[:metrics], nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
