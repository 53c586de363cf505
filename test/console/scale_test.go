package console_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/observe/console"
)

// naive makes a quarter of what a page would be that makes an element of every row, has it
// laid out, and removes it. It is the measure of what is too slow, taken in the same browser
// on the same machine, in turns with the updates: half a second where those take 50 ms.
const naive = `(() => {
	const table = document.createElement("table");
	for (let i = 0; i < 2500; i++) {
		const row = table.insertRow();
		for (let c = 0; c < 8; c++) row.insertCell().textContent = "queue " + i + "." + c;
	}
	document.body.append(table);
	const height = table.offsetHeight;
	table.remove();
	return height;
})()`

// watch counts the updates of the list of channels, and the rows that the largest one made.
const watch = `
window.seen = { updates: 0, rows: 0 };
new MutationObserver((changes) => {
	window.seen.updates++;
	let rows = 0;
	for (const c of changes) for (const n of c.addedNodes) {
		if (n.nodeType === Node.ELEMENT_NODE) rows += n.matches("tr") + n.querySelectorAll("tr").length;
	}
	window.seen.rows = Math.max(window.seen.rows, rows);
}).observe(document.querySelector("#channels"), { childList: true, characterData: true, subtree: true });
`

// processorTime is what the page's thread has used. Other processes of a busy machine take its
// turns and so make its tasks longer, but add nothing to this.
func (p *tab) processorTime() time.Duration {
	p.t.Helper()
	r, err := chromedp.Call(p.ctx, performance.GetMetrics, cdp.Empty{})
	require.NoError(p.t, err)
	for _, m := range r.Metrics {
		if m.Name == "TaskDuration" {
			return time.Duration(m.Value * float64(time.Second))
		}
	}
	require.Fail(p.t, "the browser does not measure TaskDuration")
	return 0
}

// cost is the processor time of a part of the test for each update of the list in it, and at
// least for one.
func (p *tab) cost(part func()) time.Duration {
	p.t.Helper()
	updates, used := p.number("window.seen.updates"), p.processorTime()
	part()
	return (p.processorTime() - used) / time.Duration(max(1, p.number("window.seen.updates")-updates))
}

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
	_, err := chromedp.Call(page.ctx, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	require.NoError(t, err)
	tooSlow := time.Duration(math.MaxInt64) // the least of several
	measure := func() {
		used := page.processorTime()
		require.Positive(t, page.number(naive))
		tooSlow = min(tooSlow, page.processorTime()-used)
	}
	measure()
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

	opened := page.cost(func() {
		page.press("1")
		page.until(`document.querySelector("#channels .note").textContent === "10000"`)
		page.until(rowOf("queue 3"))
	})
	assert.Less(t, page.number(`document.querySelectorAll("#channels tr").length`), 200.0, "rows exist that are not visible")
	measure()
	// Scrolling, sorting and filtering while it goes on.
	scrolled := page.cost(func() {
		for i := range 20 {
			require.NoError(t, chromedp.Do(page.ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector("#channels .scroll").scrollTop = %d`, i*14000))))
			time.Sleep(50 * time.Millisecond)
		}
		page.until(`document.querySelector("#channels .scroll").scrollTop > 200000 && ` + rowOf("queue 9"))
	})
	measure()
	filtered := page.cost(func() {
		page.press("/", "q", "u", "e", "u", "e", " ", "9", "9", "9", "9")
		page.until(rowOf("queue 9999") + ` && document.querySelectorAll("#channels tr[data-id]").length <= 2`) // #9999 fits too
	})
	measure()

	rows := page.number("window.seen.rows")
	t.Logf("for each of %.0f updates: opened %v, scrolled %v, filtered %v; a quarter of the rows %v; at most %.0f rows made at once",
		page.number("window.seen.updates"), opened, scrolled, filtered, tooSlow, rows)
	assert.Less(t, rows, 200.0, "rows are made that are not visible")
	assert.Less(t, opened, tooSlow)
	assert.Less(t, scrolled, tooSlow)
	assert.Less(t, filtered, tooSlow)
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
