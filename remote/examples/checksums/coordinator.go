package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/handoff-go/handoff/remote"
)

// These settings are part of the channels: coordinator and workers have to agree on them.
const (
	room = 64 // jobs that wait for a worker; a coordinator that is faster waits
	// held is how long a job may be with a worker that says nothing. It is what a killed
	// worker costs.
	held = 2 * time.Second
	// lease is how long a process may be silent before it counts as gone.
	lease = 5 * time.Second
	// deliveries is how many workers may die of one job, or with it. A file cannot
	// kill a worker, so a worker that dies says nothing about its job, and the limit is high.
	deliveries = 1000
)

func settings() []remote.Option {
	return []remote.Option{
		// The name of a file is bytes, and JSON would replace those that are no text.
		remote.WithCodec(remote.Gob),
		remote.AckWait(held), remote.LeaseTTL(lease), remote.MaxDeliveries(deliveries),
	}
}

func openJobs(ctx context.Context, c *remote.Conn, name string, more ...remote.Option) (*remote.Sender[Job], *remote.Receiver[Job], error) {
	return remote.Bounded[Job](ctx, c, name+"-jobs", room, append(settings(), more...)...)
}

func openResults(ctx context.Context, c *remote.Conn, name string, more ...remote.Option) (*remote.Sender[Result], *remote.Receiver[Result], error) {
	return remote.Unbounded[Result](ctx, c, name+"-results", append(settings(), more...)...)
}

// coordinate has all files summed that the journal does not know yet, and prints all sums.
// It may be killed at any time and started again.
func coordinate(ctx context.Context, c *remote.Conn, opt options, out io.Writer) (problems int, err error) {
	j, err := openJournal(opt.journal)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	dir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	names, unread := files(opt.dir)
	if _, err := j.add(unread); err != nil {
		return 0, err
	}
	missing := make(map[string]bool)
	var jobs []Job
	for _, name := range names {
		if !j.has(name) {
			missing[name] = true
			jobs = append(jobs, Job{ID: id(j.run, name), Dir: dir, Name: name})
		}
	}
	tx, err := jobSender(ctx, c, opt.name)
	if err != nil {
		return 0, err
	}
	// Dropped only after finish has closed the channel. Without a coordinator workers look
	// for the next one, and one that looked before the close would wait for it for ever.
	defer tx.Drop()
	if len(jobs) > 0 {
		if err := work(ctx, c, tx, opt.name, j, jobs, missing); err != nil {
			return 0, err
		}
	}
	for _, r := range j.sorted() {
		if r.Problem != "" {
			problems++
			fmt.Fprintf(os.Stderr, "checksums: %s\n", r.Problem)
		} else if _, err := io.WriteString(out, r.line()); err != nil {
			return problems, err
		}
	}
	return problems, finish(ctx, c, tx, opt.name)
}

// id stands for a job in this run. A coordinator that was started again sends what is
// missing once more; of that, the stream takes only what it has not seen yet.
func id(run, name string) string {
	h := sha256.Sum256([]byte(name))
	return run + "-" + hex.EncodeToString(h[:16])
}

// work sends the jobs and takes in the results, until nothing is missing.
func work(ctx context.Context, c *remote.Conn, tx *remote.Sender[Job], name string, j *journal, jobs []Job, missing map[string]bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for _, job := range jobs {
			if err := tx.SendID(job.ID, job).Await(ctx); err != nil {
				cancel(err)
				return
			}
		}
	}()
	defer func() { cancel(nil); <-sent }()

	for {
		err := collect(ctx, c, name, j, missing)
		if !errors.Is(err, remote.ErrClosed) || context.Cause(ctx) != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		// All workers were away for longer than their leases. There will be others.
	}
}

// collect takes in results until nothing is missing.
func collect(ctx context.Context, c *remote.Conn, name string, j *journal, missing map[string]bool) error {
	unused, rx, err := openResults(ctx, c, name)
	if err != nil {
		return err
	}
	defer unused.Drop()
	defer rx.Drop()
	for len(missing) > 0 {
		deliveries, err := rx.RecvMany(256).Await(ctx)
		if err != nil {
			return err
		}
		var results []Result
		for _, d := range deliveries {
			if missing[d.Value.Name] { // otherwise it came before, or is of another run
				delete(missing, d.Value.Name)
				results = append(results, d.Value)
			}
		}
		// First it is written down, then acknowledged: killed in between, it comes again.
		if _, err := j.add(results); err != nil {
			return err
		}
		for _, d := range deliveries {
			if err := d.Ack(); err != nil {
				return err
			}
		}
	}
	return nil
}

// jobSender opens the channel for jobs. It replaces a closed one, which a coordinator leaves
// that dies between the two steps of finish.
func jobSender(ctx context.Context, c *remote.Conn, name string) (*remote.Sender[Job], error) {
	for {
		tx, rx, err := openJobs(ctx, c, name)
		if err != nil {
			return nil, err
		}
		rx.Drop()
		if tx.Cause() == nil {
			return tx, nil
		}
		tx.Drop()
		if err := remote.Delete(ctx, c, name+"-jobs"); err != nil {
			return nil, err
		}
	}
}

// finish ends the workers and leaves nothing on the server: what may still be in the
// channels was sent twice. The close comes before the delete, and while tx holds the lease
// of the coordinator, so a worker sees one of the two and not the end of a lease.
func finish(ctx context.Context, c *remote.Conn, tx *remote.Sender[Job], name string) error {
	return errors.Join(tx.Close(ctx), remote.Delete(ctx, c, name+"-jobs"), remote.Delete(ctx, c, name+"-results"))
}
