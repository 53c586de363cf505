package console_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/observe"
)

// elsewhere registers a remote channel that the test makes up, and lets it tell what set
// holds.
func elsewhere(t *testing.T, about observe.Remote, set *atomic.Pointer[observe.Remote]) (unregister func()) {
	about.Site, about.Message, about.Opened = "/src/shop/main.go:30", "shop.Job", time.Now()
	unregister = observe.Register(about, func(r *observe.Remote) {
		r.Known = time.Now()
		if now := set.Load(); now != nil {
			r.Len, r.Lag, r.Pending, r.Redelivered, r.Dead, r.Err = now.Len, now.Lag, now.Pending, now.Redelivered, now.Dead, now.Err
		}
	})
	t.Cleanup(unregister)
	return unregister
}

// cell is the text of a column in the row of a remote channel.
func cell(name, column string) string {
	return `(() => { const i = [...document.querySelectorAll("#remote thead th")].findIndex((h) => h.textContent === ` + quoted(column) + `);
		return ` + rowOf(name) + `?.children[i]?.textContent; })()`
}

func TestRemoteChannelsAreShownWhileThereAreAny(t *testing.T) {
	record(t)
	page := open(t, serve(t, "127.0.0.1:0"), "channels")
	page.until(`document.querySelector("#tab-remote").hidden`)
	page.press("5")
	page.until(`document.querySelector("#tab-channels").getAttribute("aria-selected") === "true"`)

	var jobs, results atomic.Pointer[observe.Remote]
	jobs.Store(&observe.Remote{Len: 12, Lag: 7, Pending: 5, Redelivered: 2, Dead: 6})
	goneJobs := elsewhere(t, observe.Remote{Name: "jobs", Where: "nats://queue:4222", Flavour: "remote bounded", Capacity: 100}, &jobs)
	goneResults := elsewhere(t, observe.Remote{Name: "results", Where: "nats://queue:4222", Flavour: "remote unbounded", Capacity: -1}, &results)
	page.until(`!document.querySelector("#tab-remote").hidden`)
	page.press("5")
	page.until(rowOf("jobs"))
	for column, want := range map[string]string{"State": "queued", "Stored": "12/100", "Lag": "7", "Pending": "5", "Redelivered": "2", "Dead": "6", "At": "nats://queue:4222"} {
		page.until(cell("jobs", column) + " === " + quoted(want))
	}
	assert.Equal(t, "idle", page.text(cell("results", "State")))

	// It sorts and filters as the other tables do.
	order := `[...document.querySelectorAll("#remote tr[data-id] .name")].map((c) => c.textContent).join(" ")`
	results.Store(&observe.Remote{Lag: 70})
	page.until(order + ` === "jobs results"`)
	page.until(cell("results", "Lag") + ` === "70"`)
	page.until(`[...document.querySelectorAll("#remote .sort")].find((b) => b.textContent === "Lag").click() || true`)
	page.until(order + ` === "results jobs"`)
	page.press("/", "j", "o", "b", "s")
	page.until(order + ` === "jobs"`)
	page.press(kb.ArrowDown)
	page.until(`document.activeElement.matches("#remote tr[data-id]")`)
	page.press(kb.Enter)
	page.until(`document.querySelector("#detail")?.innerText.includes("7 wait to be delivered")`)
	detail := page.text(`document.querySelector("#detail").innerText`)
	for _, want := range []string{"jobs", "nats://queue:4222", "12 of 100", "5 delivered and not acknowledged", "2 that were delivered more than once", "6 in the dead letters"} {
		assert.Contains(t, detail, want)
	}
	page.press(kb.Escape)

	// New dead letters and a lost server are warnings, which lead to the details.
	jobs.Store(&observe.Remote{Len: 12, Lag: 7, Pending: 5, Dead: 9, Err: "not connected"})
	warnings := `document.querySelector("#warnings").innerText`
	page.until(warnings + `.includes("3 messages were given up")`)
	page.until(warnings + `.includes("remote error") && ` + warnings + `.includes("not connected")`)
	page.until(cell("jobs", "State") + ` === "trouble"`)
	page.until(`document.querySelector("#warnings button").click() || true`)
	page.until(`document.querySelector("#detail")?.innerText.includes("not connected")`)

	page.press(kb.Escape)
	page.until(`document.querySelector("#detail").hidden`)
	goneJobs()
	goneResults()
	page.until(`!document.querySelector("#remote tr[data-id]")`)
	page.press("1")
	page.until(`document.querySelector("#tab-remote").hidden`)
	page.quiet()
}

func TestHostileNamesOfRemoteChannelsAreText(t *testing.T) {
	record(t)
	names := []string{
		`<img src=x onerror="document.title='owned'">`,
		`</script><script>document.title='owned'</script>`,
		`"><svg onload=document.title='owned'>`,
		"line\nevent: message\ndata: {}\n\n",
		`%s${document.title='owned'}{{constructor}}`,
	}
	for _, name := range names {
		var set atomic.Pointer[observe.Remote]
		set.Store(&observe.Remote{Err: name})
		elsewhere(t, observe.Remote{Name: name, Where: name, Flavour: name}, &set)
	}
	page := open(t, serve(t, "127.0.0.1:0"), "remote")
	for _, name := range names {
		page.until(rowOf(name))
		page.until(rowOf(name) + `.click() || true`)
		page.until(`document.querySelector("#detail h2")?.textContent === ` + quoted(name))
		page.until(`document.querySelector("#detail dl").textContent.includes(` + quoted(name) + `)`)
	}
	page.until(`document.querySelectorAll("#warnings li").length === 5`)
	assert.Zero(t, page.number(`document.querySelectorAll("main img, main script, #warnings img, svg[onload]").length`))
	assert.Equal(t, "handoff console", page.text("document.title"))
	page.quiet()
}
