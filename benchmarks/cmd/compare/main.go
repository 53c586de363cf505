// Compare measures handoff beside its peers and writes a page about it.
//
//	cd benchmarks
//	go run ./cmd/compare            # everything, into docs/benchmarks.md, .json and docs/img
//	go run ./cmd/compare -write     # the same, and the table in README.md
//	go run ./cmd/compare -quick     # a look at all of it in less than two minutes
//	go run ./cmd/compare -run mpsc -peers 'chan|handoff'
//	go run ./cmd/compare -against ../docs/benchmarks.json
//	go run ./cmd/compare -h
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"

	"github.com/handoff-go/handoff/benchmarks/foreign"
	"github.com/handoff-go/handoff/benchmarks/measure"
	"github.com/handoff-go/handoff/benchmarks/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt skips the report
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	opts, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if opts.child != "" {
		return runChild(opts, stdout)
	}
	scenarios := everything()
	program, why := rust(ctx, opts.rust, scenarios, stderr)
	if scenarios, err = opts.choose(scenarios); err != nil {
		if why != nil {
			return fmt.Errorf("%w (the Rust peers are not there: %w)", err, why)
		}
		return err
	}
	if opts.list {
		return list(stdout, scenarios)
	}
	show := newProgress(stderr)
	result := measure.All(ctx, scenarios, measure.Config{
		Rounds: opts.rounds, Time: opts.time, Shrink: opts.shrink(), Processors: opts.processors,
		Fresh: fresh, Progress: show.update,
	})
	show.end()
	if len(result.Runs) == 0 {
		return errors.New("ended before anything was measured")
	}
	if share := result.Disturbed(); share > measure.TooMany {
		fmt.Fprintf(stderr, "the machine was busy beside %.0f%% of the runs; measure again when it is quiet\n", 100*share)
	}
	r := &report.Report{Facts: facts(opts, args, program), Scenarios: scenarios, Result: result, Missing: missing(why)}
	if ctx.Err() != nil {
		r.Missing = append(r.Missing, fmt.Sprintf("The run was interrupted in round %d of %d.", result.Rounds+1, opts.rounds))
		if opts.out == page {
			fmt.Fprintf(stderr, "interrupted: %s stays as it is, and what was measured is printed\n", page)
			opts.out, opts.write = "", false
		}
	}
	if err := write(opts, r, stdout, stderr); err != nil {
		return err
	}
	return failed(result.Failures, stderr)
}

// failed is the error of a run in which peers failed. A foreign program that hangs is on
// the page and named here, and does not invalidate the rest.
func failed(failures []measure.Failure, stderr io.Writer) error {
	failures = slices.DeleteFunc(slices.Clone(failures), func(f measure.Failure) bool {
		stuck := errors.Is(f.Err, foreign.ErrStuck)
		if stuck {
			fmt.Fprintf(stderr, "not measured: %s in %s: %v\n", f.Peer, f.Scenario, f.Err)
		}
		return stuck
	})
	if len(failures) == 0 {
		return nil
	}
	f := failures[0]
	return fmt.Errorf("%d peers failed, the first of them %s in %s: %w", len(failures), f.Peer, f.Scenario, f.Err)
}
