package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// soak runs the scenarios and reports whether every rule held.
func soak(cfg config, out io.Writer) (ok bool) {
	before := runtime.NumGoroutine()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	if cfg.memory > 0 {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(cfg.memory))
	}

	begun := time.Now()
	end := begun.Add(cfg.duration)
	var all []*progress
	var running sync.WaitGroup
	for i := range scenarios {
		if cfg.scenarios.MatchString(scenarios[i].name) {
			all = append(all, newProgress(&scenarios[i]))
		}
	}
	if len(all) == 0 {
		fmt.Fprintf(out, "no scenario matches %v\n", cfg.scenarios)
		return false
	}
	for _, p := range all {
		running.Go(func() { repeat(&cfg, p, end) })
	}
	over := make(chan struct{})
	go func() {
		running.Wait()
		close(over)
	}()

	pressure := newPressure(cfg)
	stuck, why := supervise(&cfg, all, pressure, over, out)
	fmt.Fprintf(out, "\nseed %d, %v\n", cfg.seed, time.Since(begun).Round(time.Second))
	ok = stuck == nil
	for _, p := range all {
		p.report(out)
		ok = ok && !p.broken()
		if stuck == nil && p.rounds.Load() == 0 {
			fmt.Fprintf(out, "BROKEN: %s has run no round\n", p.scenario.name)
			ok = false
		}
	}
	fmt.Fprintf(out, "%s\n", pressure)
	if stuck != nil {
		fmt.Fprintf(out, "BROKEN: %s is stuck: %s\n", stuck.scenario.name, why)
		return false
	}
	if left := settleGoroutines(before); left > 0 {
		fmt.Fprintf(out, "BROKEN: %d goroutines are left\n%s\n", left, stacks())
		return false
	}
	fmt.Fprintf(out, "goroutines: %d before, %d at the end\n", before, runtime.NumGoroutine())
	return ok
}

// repeat runs rounds of a scenario until it is time or a rule is broken.
func repeat(cfg *config, p *progress, end time.Time) {
	for n := uint64(0); time.Now().Before(end) && !p.broken() && (cfg.rounds == 0 || n < cfg.rounds); n++ {
		r := newRound(cfg, p, n)
		p.moved()
		p.begun.Store(time.Now().UnixNano())
		p.current.Store(r)
		p.scenario.round(r)
		r.all.Wait()
		p.rounds.Add(1)
	}
	p.current.Store(nil)
}

// supervise returns when all scenarios are over, or with the first that is stuck, after
// it has written the wait-for graph, and why it is stuck.
func supervise(cfg *config, all []*progress, pressure *pressure, over <-chan struct{}, out io.Writer) (stuck *progress, why string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	rng := rand.New(rand.NewPCG(cfg.seed, 0))
	reported := time.Now()
	for {
		select {
		case <-over:
			return nil, ""
		case <-tick.C:
		}
		pressure.press(rng)
		if cfg.report > 0 && time.Since(reported) >= cfg.report {
			reported = time.Now()
			for _, p := range all {
				p.report(out)
			}
			fmt.Fprintf(out, "%s\n\n", pressure)
		}
		for _, p := range all {
			if why := p.stuck(cfg.stall); why != "" {
				fmt.Fprintln(out, why)
				for _, p := range all {
					if r := p.current.Load(); r != nil {
						r.dump(out)
					}
				}
				fmt.Fprintf(out, "%s\n", stacks())
				return p, why
			}
		}
	}
}

// settleGoroutines waits until there are no more goroutines than before, for a while,
// and returns how many there are too many.
func settleGoroutines(before int) (left int) {
	for pause := time.Millisecond; pause < 3*time.Second; pause *= 2 {
		if left = runtime.NumGoroutine() - before; left <= 0 {
			return 0
		}
		time.Sleep(pause)
	}
	return left
}

// stacks are those of all goroutines.
func stacks() []byte {
	buf := make([]byte, 16<<20)
	return buf[:runtime.Stack(buf, true)]
}
