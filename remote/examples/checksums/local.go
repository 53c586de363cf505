package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/handoff-go/handoff/remote"
)

// local runs the whole company on this machine: the server in this process, a coordinator
// and workers in processes of their own. A killed process is replaced.
func local(ctx context.Context, opt options, out, log io.Writer) (problems bool, err error) {
	dir, err := os.MkdirTemp("", "checksums-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := remote.Open(ctx, "embedded:"+dir+"/server", remote.Listen("127.0.0.1:0"))
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	log = &lines{w: log} // all processes write to it
	s := &staff{url: c.URL(), log: log, running: make(map[*exec.Cmd]string)}
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	for i := range opt.workers {
		workers.Go(func() {
			_, err := s.keep(ctx, fmt.Sprintf("worker %d", i+1), io.Discard, "-role", "worker", "-parallel", strconv.Itoa(opt.parallel))
			if err != nil && ctx.Err() == nil {
				fmt.Fprintln(log, "checksums:", err)
			}
		})
	}
	if opt.kill > 0 {
		workers.Go(func() { s.decimate(ctx, opt.kill) })
	}
	code, err := s.keep(ctx, "coordinator", out, "-role", "coordinator", "-journal", dir+"/journal", "-console", opt.console, opt.dir)
	return code == exitProblems, err
}

// staff are the processes that run.
type staff struct {
	url string
	log io.Writer

	mu      sync.Mutex
	running map[*exec.Cmd]string
}

// keep runs a process, and runs it again whenever it is killed, until it ends by itself.
// What it has printed then goes to out: a process that was killed has not finished its
// output.
func (s *staff) keep(ctx context.Context, name string, out io.Writer, args ...string) (code int, err error) {
	exe, err := os.Executable()
	if err != nil {
		return 0, err
	}
	for {
		var printed bytes.Buffer
		cmd := exec.CommandContext(ctx, exe, append([]string{"-url", s.url}, args...)...)
		cmd.Env = append(os.Environ(), parentVariable+"=1")
		cmd.Stdout, cmd.Stderr = &printed, s.log
		// The pipe breaks when this process dies, however it does, and the child follows.
		if _, err := cmd.StdinPipe(); err != nil {
			return 0, err
		}
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		s.mu.Lock()
		s.running[cmd] = name
		s.mu.Unlock()
		err := cmd.Wait()
		s.mu.Lock()
		delete(s.running, cmd)
		s.mu.Unlock()
		switch code := cmd.ProcessState.ExitCode(); {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case code == exitOK || code == exitProblems:
			_, err := out.Write(printed.Bytes())
			return code, err
		case code == exitFailed || code == exitUsage:
			return code, fmt.Errorf("the %s: %w", name, err)
		}
		fmt.Fprintf(s.log, "checksums: the %s is dead (%v), long live the %s\n", name, err, name)
	}
}

// decimate kills one of the processes now and then, as kill -9 does. It does so less and less often:
// on a machine where a process needs longer than that to start, nothing would ever be done.
func (s *staff) decimate(ctx context.Context, every time.Duration) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every/2 + rand.N(every)):
		}
		every += every / 20
		s.mu.Lock()
		if all := slices.Collect(maps.Keys(s.running)); len(all) > 0 {
			_ = all[rand.N(len(all))].Process.Kill() // it may have ended by itself
		}
		s.mu.Unlock()
	}
}

// lines lets several processes write to one place.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
