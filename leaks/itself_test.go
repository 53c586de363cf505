package leaks_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// Programs that hang because a goroutine waits for a handle of its own.
var waitForItself = map[string]func(){
	"receive: mpsc, the first sender is not dropped": func() {
		tx, rx := mpsc.Channel[int]()
		for i := range 3 {
			go work(tx.Clone(), i)
		}
		for range rx.All() { //nolint:revive // counts nothing
		}
		tx.Drop()
	},
	"receive: mpsc, the drop is deferred": func() {
		tx, rx := mpsc.SyncChannel[int](1)
		defer tx.Drop()
		clone := tx.Clone()
		go func() {
			defer clone.Drop()
			_ = clone.Send(1)
		}()
		for {
			if _, err := rx.Recv(); err != nil {
				return
			}
		}
	},
	"receive: async, the first sender is not dropped": func() {
		tx, rx := async.Bounded[int](2)
		for i := range 3 {
			clone := tx.Clone()
			go func() {
				defer clone.Drop()
				_ = clone.SendBlocking(i)
			}()
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for range rx.All(ctx) { //nolint:revive // counts nothing
		}
		tx.Drop()
	},
	"receive: a goroutine that is not main": func() {
		go func() {
			tx, rx := async.Unbounded[int]()
			clone := tx.Clone()
			go func() {
				defer clone.Drop()
				_ = clone.Send(1).Await(context.Background())
			}()
			for range rx.All(context.Background()) { //nolint:revive // counts nothing
			}
			tx.Drop()
		}()
		<-never
	},
	"send: mpsc, the receiver is the goroutine's own": func() {
		tx, rx := mpsc.SyncChannel[int](1)
		_ = tx.Send(1)
		_ = tx.Send(2)
		_, _ = rx.Recv()
	},
	"send: async at capacity 0": func() {
		tx, rx := async.Bounded[int](0)
		_ = tx.Send(1).Await(context.Background())
		_, _ = rx.TryRecv()
	},
}

func work(tx *mpsc.Sender[int], v int) {
	defer tx.Drop()
	_ = tx.Send(v)
}

// never is readable at no time. What is used after a receive from it is in use until then.
var never = make(chan struct{})

// Programs whose waits end sooner or later, by what other goroutines have.
var waitForOthers = map[string]func(){
	"a worker that has not used its handle yet": func() {
		tx, rx := mpsc.Channel[int]()
		go work(tx.Clone(), 1)
		clone := tx.Clone()
		go func() {
			<-never
			work(clone, 2)
		}()
		tx.Drop()
		for range rx.All() { //nolint:revive // counts nothing
		}
	},
	"the only sender is with another goroutine": func() {
		tx, rx := mpsc.Channel[int]()
		_ = tx.Send(0)
		go func() {
			<-never
			work(tx, 2)
		}()
		for range rx.All() { //nolint:revive // counts nothing
		}
	},
	"the sender is used by a timer": func() {
		tx, rx := mpsc.Channel[int]()
		go work(tx.Clone(), 1)
		time.AfterFunc(10*time.Millisecond, func() {
			_ = tx.Send(2)
			time.AfterFunc(time.Hour, func() { work(tx, 3) })
		})
		for range rx.All() { //nolint:revive // counts nothing
		}
	},
	"a weak sender": func() {
		tx, rx := async.Unbounded[int]()
		weak := tx.Downgrade()
		clone := tx.Clone()
		go clone.Drop()
		time.AfterFunc(time.Hour, func() { weak.Upgrade() })
		for range rx.All(context.Background()) { //nolint:revive // counts nothing
		}
		tx.Drop()
	},
	"a permit": func() {
		tx, rx := async.Bounded[int](1)
		p, _ := tx.TryReserve()
		clone := tx.Clone()
		go clone.Drop()
		time.AfterFunc(time.Hour, func() { _ = p.Send(1) })
		for range rx.All(context.Background()) { //nolint:revive // counts nothing
		}
		tx.Drop()
	},
	"a timeout": func() {
		tx, rx := mpsc.Channel[int]()
		go work(tx.Clone(), 1)
		for {
			if _, err := rx.RecvTimeout(time.Hour); err != nil {
				tx.Drop()
				return
			}
		}
	},
	"a wait that does not last": func() {
		tx, rx := mpsc.Channel[int]()
		go work(tx.Clone(), 1)
		ctx := context.Background()
		for {
			short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			_, _ = rx.RecvContext(short)
			cancel()
			if tx.IsDisconnected() {
				return
			}
		}
	},
	"a consumer that is busy": func() {
		tx, rx := mpsc.SyncChannel[int](1)
		_ = tx.Send(1)
		go func() {
			_, _ = rx.Recv()
			<-never
			rx.Drop()
		}()
		for tx.Send(2) == nil { //nolint:revive // fills it
		}
	},
	"a waiter in a race": func() {
		tx, rx := async.Unbounded[int]()
		clone := tx.Clone()
		go clone.Drop()
		select {
		case <-rx.Ready():
		case <-time.After(time.Hour):
		}
		tx.Drop()
		rx.Drop()
	},
}

// hung starts a program and returns its output: up to the first match of want if it is not
// nil, else all of what it writes in a time in which the others have been found.
func hung(t *testing.T, name string, want *regexp.Regexp) (out string) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestProgram$", "-test.timeout=0") //nolint:gosec // the test itself
	cmd.Env = append(os.Environ(), "HANDOFF_LEAKS=1", programVar+"="+name)
	r, err := cmd.StderrPipe()
	if !assert.NoError(t, err) || !assert.NoError(t, cmd.Start()) {
		return ""
	}
	if want == nil {
		stop := time.AfterFunc(9*time.Second, cancel)
		defer stop.Stop()
	}
	for lines := bufio.NewScanner(r); lines.Scan(); {
		out += lines.Text() + "\n"
		if want != nil && want.MatchString(lines.Text()) {
			break
		}
	}
	cancel()
	_ = cmd.Wait() // it was killed
	return out
}

func TestAGoroutineThatWaitsForItselfIsNamed(t *testing.T) {
	if !testsize.Long() {
		t.Skip("takes some seconds")
	}
	want := map[string]*regexp.Regexp{
		"rec": regexp.MustCompile(`WARN handoff: a goroutine waits in a receive, and every sender .* handle=(mpsc|async)\.(Sync)?Sender message=int created=\S+/leaks/itself_test\.go:\d+ by=\S+ handles=1$`),
		"sen": regexp.MustCompile(`WARN handoff: a goroutine waits in a send, and every receiver .* handle=(mpsc|async)\.Receiver message=int created=\S+/leaks/itself_test\.go:\d+ by=\S+ handles=1$`),
	}
	var wg sync.WaitGroup
	for name := range waitForItself {
		wg.Go(func() { assert.Regexp(t, want[name[:3]], strings.TrimSpace(hung(t, name, want[name[:3]])), name) })
	}
	for name := range waitForOthers {
		wg.Go(func() { assert.NotContains(t, hung(t, name, nil), "handoff", name) })
	}
	wg.Wait()
}
