package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/observe/console"
)

// longest is how long the page may not answer, at ten thousand channels and five frames a
// second. People notice a tenth of a second; the rest is for machines that are busy with
// other tests. A page that makes an element of every row stands still for seconds.
const longest = time.Second

// watch notes the longest gap between two frames and the longest task, from the beginning
// of the page on.
const watch = `
window.worst = { gap: 0, task: 0, frames: 0 };
new PerformanceObserver((list) => {
	for (const e of list.getEntries()) window.worst.task = Math.max(window.worst.task, e.duration);
}).observe({ type: "longtask", buffered: true });
let last = performance.now();
requestAnimationFrame(function next(now) {
	window.worst.gap = Math.max(window.worst.gap, now - last);
	window.worst.frames++;
	last = now;
	requestAnimationFrame(next);
});
`

func TestTenThousandChannelsDoNotFreezeThePage(t *testing.T) {
	record(t)
	const n = 10_000
	senders := make([]*async.Sender[int], n)
	receivers := make([]*async.Receiver[int], n)
	for i := range n {
		senders[i], receivers[i] = async.Bounded[int](4, async.Named(fmt.Sprintf("queue %d", i)))
	}
	defer func() {
		for i := range n {
			senders[i].Drop()
			receivers[i].Drop()
		}
	}()
	s := serve(t, "127.0.0.1:0")
	page := open(t, s, "tasks")
	require.NoError(t, chromedp.Do(page.ctx, chromedp.Evaluate[chromedp.Void](watch)))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // a part of them is busy all the time
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			for j := range 10 {
				k := (i*10 + j) % n
				_ = senders[k].TrySend(i)
				_, _ = receivers[k].TryRecv()
			}
		}
	}()
	defer func() { close(stop); <-stopped }()

	page.press("1")
	page.until(`document.querySelector("#channels .note").textContent === "10000"`)
	page.until(rowOf("queue 3"))
	assert.Less(t, page.number(`document.querySelectorAll("#channels tr").length`), 200.0, "rows exist that nobody sees")
	// Scrolling, sorting and filtering while it goes on.
	for i := range 20 {
		require.NoError(t, chromedp.Do(page.ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector("#channels .scroll").scrollTop = %d`, i*14000))))
		time.Sleep(50 * time.Millisecond)
	}
	page.until(`document.querySelector("#channels .scroll").scrollTop > 200000 && ` + rowOf("queue 9"))
	page.press("/", "q", "u", "e", "u", "e", " ", "9", "9", "9", "9")
	page.until(rowOf("queue 9999") + ` && document.querySelectorAll("#channels tr[data-id]").length <= 2`) // #9999 fits too

	gap, task := page.number("window.worst.gap"), page.number("window.worst.task")
	t.Logf("longest gap between frames %.0f ms, longest task %.0f ms, in %.0f frames", gap, task, page.number("window.worst.frames"))
	assert.Less(t, time.Duration(task)*time.Millisecond, longest)
	assert.Less(t, time.Duration(gap)*time.Millisecond, longest)
	page.quiet()
}

// A program in trouble answers more slowly than its frames come.
func TestAProgramThatIsSlowIsNotAskedByMoreAndMoreRequests(t *testing.T) {
	record(t)
	tx, rx := async.Bounded[int](1, async.Named("queue"))
	defer tx.Drop()
	defer rx.Drop()
	require.NoError(t, tx.TrySend(1))
	inner := console.Handler(console.Every(100 * time.Millisecond))
	var asked, under, most atomic.Int32
	page := open(t, serveWith(t, "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, slow := range []string{"graph", "recent", "detail"} {
			if !strings.HasSuffix(r.URL.Path, slow) {
				continue
			}
			asked.Add(1)
			n := under.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(time.Second)
			under.Add(-1)
		}
		inner.ServeHTTP(w, r)
	})), "channels")
	page.until(rowOf("queue") + `?.click() || true`)
	for _, view := range []string{"3", "4"} {
		page.press(view)
		from := asked.Load()
		deadline := time.After(patience)
		for asked.Load() < from+4 {
			select {
			case <-deadline:
				require.Fail(t, "it is not asked any more")
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	page.until(`document.querySelector("#detail h2")?.textContent === "queue"`)
	assert.LessOrEqual(t, most.Load(), int32(3), "the details, the view, and the view before")
	page.quiet()
}
