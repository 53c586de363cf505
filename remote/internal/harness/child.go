package harness

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// childVariable names the role of a process that a test has started, and is empty in the test.
const childVariable = "HANDOFF_REMOTE_CHILD"

// Main is for a TestMain: in a process that [Spawn] has started it runs the role that was
// asked for, and does not return. Elsewhere it does nothing.
func Main(roles map[string]func() error) {
	role := os.Getenv(childVariable)
	if role == "" {
		return
	}
	// A test that fails early must not leave its processes behind: they end with its pipe.
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(3)
	}()
	if err := roles[role](); err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Child is a process that runs one of the roles of this test binary.
type Child struct {
	t   testing.TB
	cmd *exec.Cmd
	// Lines are what it prints, closed at its end.
	Lines chan string
	wait  func() error
}

// Spawn starts a process of the test's own binary in a role, with more environment
// ("NAME=value"). It is killed with the test, if it is still there.
func Spawn(t testing.TB, role string, env ...string) *Child {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, "-test.run=^$")
	cmd.Env = append(append(os.Environ(), childVariable+"="+role), env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := &Child{t: t, cmd: cmd, Lines: make(chan string, 1<<16)}
	c.wait = sync.OnceValue(func() error {
		for range c.Lines { // all is read before Wait closes the pipe
		}
		_ = stdin.Close()
		return cmd.Wait()
	})
	go func() {
		defer close(c.Lines)
		for s := bufio.NewScanner(stdout); s.Scan(); {
			c.Lines <- s.Text()
		}
	}()
	t.Cleanup(c.Kill)
	return c
}

// Line waits for the next line that the process prints.
func (c *Child) Line(within time.Duration) string {
	c.t.Helper()
	select {
	case line, ok := <-c.Lines:
		require.True(c.t, ok, "the process has ended: %v", c.cmd.ProcessState)
		return line
	case <-time.After(within):
		require.Fail(c.t, "the process prints nothing")
		return ""
	}
}

// Kill ends the process at once, as kill -9 does, and waits for its exit. Output
// that was not read is lost, except with [Child.KillAndRead].
func (c *Child) Kill() {
	_ = c.cmd.Process.Kill()
	_ = c.wait()
}

// KillAndRead is Kill, and returns the lines that were not read yet.
func (c *Child) KillAndRead() []string {
	_ = c.cmd.Process.Kill()
	var rest []string
	for line := range c.Lines {
		rest = append(rest, line)
	}
	_ = c.wait()
	return rest
}

// Wait returns when the process has ended by itself, with what went wrong in it.
func (c *Child) Wait() error { return c.wait() }
