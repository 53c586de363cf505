// Command compare measures remote channels beside plain nats.go: the same server, the same
// stream settings, the same messages in the same run.
//
//	cd remote && go run ./cmd/compare          # ten rounds, a markdown table
//	cd remote && go run ./cmd/compare -quick   # shows that it works, measures nothing
//
// A round runs every scenario on both sides, each on a new stream, and the side that begins
// changes from round to round. The ratio is taken within a round, so what slows the machine
// down for a while slows both. Run it on a machine that does nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/handoff-go/handoff/remote"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := compare(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func compare(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	var (
		quick    = flags.Bool("quick", false, "two rounds of a few messages")
		rounds   = flags.Int("rounds", 10, "how often everything is measured")
		many     = flags.Int("n", 50_000, "messages published in batches, and consumed")
		one      = flags.Int("one", 2_000, "messages published one by one")
		batch    = flags.Int("batch", 1_000, "messages in a batch")
		body     = flags.Int("body", 128, "bytes in the body of a message")
		url      = flags.String("url", "", "use these servers (default: one in this process, over loopback)")
		replicas = flags.Int("replicas", 1, "how many servers store each message")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	l := load{one: *one, many: *many, batch: *batch, body: *body}
	if *quick {
		*rounds, l.one, l.many, l.batch = 2, 50, 500, 100
	}
	if *rounds < 1 || l.one < 1 || l.many < 1 || l.batch < 1 || l.body < 0 {
		return errors.New("rounds, n, one and batch have to be 1 at least")
	}
	where := *url
	if where == "" {
		dir, err := os.MkdirTemp("", "handoff-compare-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir) //nolint:errcheck // it is in the folder for temporary files
		host, err := remote.Open(ctx, "embedded:"+dir, remote.Listen("127.0.0.1:0"))
		if err != nil {
			return err
		}
		defer host.Close() //nolint:errcheck // nothing of it is kept
		where = host.URL()
	}
	r := make(results)
	for i := range *rounds + 1 {
		// The first warms up connections, files and the allocator, and does not count.
		fmt.Fprintf(progress, "\rround %d of %d", i, *rounds)
		for j := range sides {
			side := sides[(i+j)%len(sides)]
			f, err := round(ctx, side.open, where, fmt.Sprintf("compare-%s-%d-%d", strings.TrimSuffix(side.name, ".go"), os.Getpid(), i), *replicas, l)
			if err != nil {
				return fmt.Errorf("%s: %w", side.name, err)
			}
			if i > 0 {
				r[side.name] = append(r[side.name], f)
			}
		}
	}
	fmt.Fprintln(progress)
	if err := r.table(out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s\n", conditions(*rounds, *replicas, l, *url))
	return err
}

func round(ctx context.Context, open opener, url, name string, replicas int, l load) (figures, error) {
	p, err := open(ctx, url, name, replicas)
	if err != nil {
		return nil, err
	}
	runtime.GC() // collect the garbage of the other side's run before measuring
	f, err := run(ctx, p, l)
	// The stream goes, also when the run was interrupted.
	return f, errors.Join(err, p.close(context.WithoutCancel(ctx)))
}

// conditions says what the figures depend on.
func conditions(rounds, replicas int, l load, url string) string {
	server := "one server in the same process, over loopback, files on disk"
	if url != "" {
		server = "given servers"
	}
	versions := make(map[string]string)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			versions[m.Path] = m.Version
		}
	}
	return fmt.Sprintf("Medians of %d rounds, the lowest and highest in brackets; ratios are taken within a round. "+
		"%d messages of %d bytes in batches of %d, %d one by one; replicas %d; %s. "+
		"nats.go %s, nats-server %s, %s, GOMAXPROCS %d.",
		rounds, l.many, l.body, l.batch, l.one, replicas, server,
		versions["github.com/nats-io/nats.go"], versions["github.com/nats-io/nats-server/v2"], runtime.Version(), runtime.GOMAXPROCS(0))
}
