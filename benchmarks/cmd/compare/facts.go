package main

import (
	"bufio"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-go/handoff/benchmarks/foreign"
	"github.com/handoff-go/handoff/benchmarks/report"
)

// facts are the conditions needed to repeat the measurements.
func facts(o *options, args []string, rust *foreign.Program) []report.Fact {
	out := []report.Fact{
		{Name: "command", Value: strings.Join(append([]string{"go run ./cmd/compare"}, quote(args)...), " ")},
		{Name: "date", Value: time.Now().UTC().Format(time.DateOnly)},
		{Name: "processor", Value: processor()},
		{Name: "GOMAXPROCS", Value: processors(o.processors)},
		{Name: "system", Value: runtime.GOOS + "/" + runtime.GOARCH},
		{Name: "Go", Value: runtime.Version()},
	}
	if peers := modules(); peers != "" {
		out = append(out, report.Fact{Name: "Go peers", Value: peers})
	}
	if rust != nil {
		out = append(out,
			report.Fact{Name: "Rust", Value: rust.Version},
			report.Fact{Name: "Rust peers", Value: strings.Join(rust.Crates, ", ")})
	}
	return out
}

// processors lists the values of GOMAXPROCS, one for each pass.
func processors(passes []int) string {
	if len(passes) == 0 {
		passes = []int{0}
	}
	var out []string
	for _, n := range passes {
		if n == 0 {
			n = runtime.GOMAXPROCS(0)
		}
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ", then ")
}

// modules are the peers with their versions, as they were built into this program.
func modules() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var out []string
	for _, m := range info.Deps {
		switch m.Path {
		case "github.com/smallnest/chanx", "github.com/gammazero/chanqueue", "github.com/eapache/channels",
			"github.com/puzpuzpuz/xsync/v4", "golang.org/x/sync", "github.com/panjf2000/ants/v2",
			"github.com/alitto/pond/v2", "github.com/sourcegraph/conc":
			out = append(out, m.Path+" "+m.Version)
		}
	}
	return strings.Join(out, ", ")
}

// processor is the model as Linux names it, and how many there are.
func processor() string {
	model := runtime.GOARCH
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close() //nolint:errcheck // it was only read
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return strconv.Itoa(runtime.NumCPU()) + " × " + model
}

// quote makes arguments fit for a shell.
func quote(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if out[i] = a; a == "" || strings.ContainsAny(a, " |*?$()[]&;<>\\\"'") {
			out[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return out
}
