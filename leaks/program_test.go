package leaks_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/internal/testkit/testsize"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// Programs that are run as processes of their own, with tracking on. What is to be seen
// depends on a process that does nothing else and ends when its main does.

const programVar = "HANDOFF_LEAKS_PROGRAM"

// programs do not allocate while they hang. Each returns when it is over.
var programs = map[string]func(){
	"a receive whose sender is lost": func() {
		_, rx := mpsc.Channel[int]()
		_, _ = rx.Recv()
	},
	"a send whose receiver is lost": func() {
		tx, _ := mpsc.SyncChannel[int](0)
		_ = tx.Send(1)
	},
	"a loop over messages whose workers forget their handles": func() {
		tx, rx := mpsc.Channel[int]()
		for i := range 3 {
			go func(tx *mpsc.Sender[int]) { _ = tx.Send(i) }(tx.Clone())
		}
		tx.Drop()
		for range rx.All() { //nolint:revive // counts nothing
		}
	},
	"an await whose sender is lost": func() {
		_, rx := async.Bounded[int](1)
		_, _ = rx.Recv().Await(context.Background())
	},
	"a select whose sender is lost": func() {
		_, rx := mpsc.Channel[int]()
		<-rx.Ready()
		_, _ = rx.TryRecv()
	},
	"an await whose permit is lost": func() {
		tx, rx := async.Bounded[int](1)
		_, _ = tx.TryReserve()
		tx.Drop()
		_, _ = rx.Recv().Await(context.Background())
	},
}

// TestProgram is one of programs, if the environment names one.
func TestProgram(t *testing.T) {
	name := os.Getenv(programVar)
	if name == "" {
		t.Skip("the child of other tests")
	}
	for _, set := range []map[string]func(){programs, waitForItself, waitForOthers} {
		if run := set[name]; run != nil {
			run()
		}
	}
	os.Exit(0) // as at the end of main: nothing else has time to do anything
}

// patience is how long a program may take on a machine that is busy. The runtime collects
// by itself after two minutes, so this must be less.
const patience = 60 * time.Second

// program runs one of programs and returns what it has written.
func program(t *testing.T, name string, env ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestProgram$") //nolint:gosec // the test itself
	cmd.Env = append(os.Environ(), append(env, "HANDOFF_LEAKS=1", programVar+"="+name)...)
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, "%s: %s", name, out)
	return string(out)
}

// Many times: what is lost with the end of the process is lost by chance.
func TestAProgramThatHangsOnALostHandleReportsItAndEnds(t *testing.T) {
	runs := 20
	if !testsize.Long() {
		runs = 3
	}
	slots := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for name := range programs {
		want := 1
		if strings.Contains(name, "workers") {
			want = 3
		}
		for i := range runs {
			wg.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				out := program(t, name, fmt.Sprint("GOMAXPROCS=", i%2+1))
				assert.GreaterOrEqual(t, strings.Count(out, "was garbage and had not been dropped"), want, "%s: %q", name, out)
			})
		}
	}
	wg.Wait()
}

// One cleanup that blocks may hold up all others, and then nothing is known of handles.
func TestACheckThatGivesUpSaysSo(t *testing.T) {
	defer setPatience(time.Millisecond)()
	release, blocked, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	func() {
		p := new([16]byte)
		runtime.AddCleanup(p, func(struct{}) {
			close(blocked)
			<-release
			close(ended)
		}, struct{}{})
	}()
	reports := found(func() {
		require.True(t, collectUntil(func() bool {
			select {
			case <-blocked:
				return true
			default:
				return false
			}
		}))
	})
	close(release)
	<-ended
	require.NotEmpty(t, reports)
	assert.Regexp(t, `^leaks: gave up, because no cleanup of the collector has ended in 1ms and \d+ are left: leaks may be missing$`, reports[len(reports)-1])
}
