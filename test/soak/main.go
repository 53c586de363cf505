// Command soak runs everything at once for a long time, under memory pressure and with
// faults, and keeps books of every message:
//
//	go run ./test/soak -for 5m
//
// Each scenario runs rounds one after the other, beside all the others. A round makes its
// channels, tasks and runtimes, lets them meet cancellations, panics, runtime.Goexit,
// handles that are dropped under an operation, and shutdowns, and ends when everything of
// it has ended; then its books must balance. During the rounds the number of processors
// changes, and garbage keeps the collector at work.
//
// What a round does is drawn from the seed, the name of the scenario and the number of
// the round. What happens at the same time is up to the scheduler, as it is in life, so
// the same seed makes the same program and not the same run.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"time"
)

// config is what the flags say.
type config struct {
	duration  time.Duration
	seed      uint64
	memory    int64 // bytes; 0 is no limit
	report    time.Duration
	stall     time.Duration
	scenarios *regexp.Regexp
	rounds    uint64 // of each scenario at most; 0 is no limit

	// tamper stands between a receiver and the books, in tests of the soak: it returns how
	// often they record a message that was received once. It may block, or be nil.
	tamper func(scenario string, m message) int
}

// check refuses what would make a soak pass that has checked nothing, or fail at once.
func (cfg *config) check(mebibytes int64) error {
	switch {
	case cfg.duration <= 0:
		return fmt.Errorf("-for %v: it takes time", cfg.duration)
	case cfg.stall <= 0:
		return fmt.Errorf("-stall %v: a scenario needs some time", cfg.stall)
	case cfg.report < 0:
		return fmt.Errorf("-report %v: it is negative", cfg.report)
	case mebibytes < 0 || mebibytes > math.MaxInt64>>20:
		return fmt.Errorf("-memory %d: no such amount", mebibytes)
	}
	return nil
}

func main() {
	cfg := config{scenarios: regexp.MustCompile("")}
	memory := flag.Int64("memory", 64, "soft limit on memory in MiB, as GOMEMLIMIT; 0 leaves it as it is")
	list := flag.Bool("list", false, "list the scenarios and end")
	flag.DurationVar(&cfg.duration, "for", time.Minute, "how long to run; the rounds that run then are finished")
	flag.Uint64Var(&cfg.seed, "seed", 1, "what the rounds do is drawn from it")
	flag.DurationVar(&cfg.report, "report", 10*time.Second, "time between reports; 0 is none but the last")
	flag.DurationVar(&cfg.stall, "stall", 10*time.Second, "a scenario without progress for so long is stuck")
	flag.Uint64Var(&cfg.rounds, "rounds", 0, "end each scenario after so many rounds; 0 is no limit")
	flag.Func("scenarios", "run only those whose name matches this regular expression", func(s string) (err error) {
		cfg.scenarios, err = regexp.Compile(s)
		return err
	})
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "Runs everything at once and checks that no message is lost.\nThe exit code is 1 if one was, or if something is stuck or left over.\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "soak: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	if *list {
		for _, s := range scenarios {
			fmt.Printf("%-10s %s\n", s.name, s.about)
		}
		return
	}
	cfg.memory = *memory << 20
	if err := cfg.check(*memory); err != nil {
		fmt.Fprintf(os.Stderr, "soak: %v\n", err)
		os.Exit(2)
	}
	if !soak(cfg, os.Stdout) {
		os.Exit(1)
	}
}
