package console_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/task"
)

// media has the browser answer a question of a style sheet about the user's system.
func (p *tab) media(name, value string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: name, Value: value}},
	})
	require.NoError(p.t, err)
}

// within is true if the element is in the window from its first to its last pixel across,
// and begins in it.
func within(selector string) string {
	return fmt.Sprintf(`(() => {
		const r = document.querySelector(%s).getBoundingClientRect();
		return r.width > 0 && r.left >= 0 && r.right <= document.documentElement.clientWidth && r.top >= 0 && r.top < innerHeight;
	})()`, quoted(selector))
}

func TestANarrowScreenIsEnough(t *testing.T) {
	record(t)
	ctx, _ := runtime(t)
	tx, rx := async.Bounded[int](1, async.Named(strings.Repeat("very-long-name-without-a-space-", 10)))
	defer rx.Drop()
	require.NoError(t, tx.TrySend(1))
	task.Go(ctx, func(ctx context.Context) error {
		defer tx.Drop()
		return tx.Send(2).Await(ctx)
	}, task.Named("pusher")).Drop()
	for i := range 50 {
		a, b := async.Bounded[int](1, async.Named(fmt.Sprint("other ", i)))
		defer a.Drop()
		defer b.Drop()
	}

	page := open(t, serve(t, "127.0.0.1:0"), "channels")
	require.NoError(t, chromedp.Do(page.ctx, chromedp.EmulateViewport(320, 560, chromedp.EmulateTouch)))
	page.until(`innerWidth === 320 && document.querySelector("#warnings").innerText.includes("sender blocked")`)
	for _, view := range []string{"channels", "tasks", "waits", "sequence"} {
		page.until(`document.querySelector("#tab-` + view + `").click() || !document.querySelector("#` + view + `").hidden`)
		page.until(fmt.Sprintf(`document.querySelector("#%s tr[data-id], #%[1]s svg")`, view))
		assert.LessOrEqual(t, page.number("document.documentElement.scrollWidth"), 320.0, "the page goes out to the right in %s", view)
	}
	for _, button := range []string{"#pause", "#theme"} {
		page.until(within(button))
	}

	// From far down in the table a tap shows the details, and closing them leads back.
	page.until(`document.querySelector("#tab-channels").click() || true`)
	page.until(`document.querySelector("#channels .scroll").scrollTo(0, 1e6) || scrollTo(0, 1e6) || ` + rowOf("very-long-name"))
	page.until(rowOf("very-long-name") + `.scrollIntoView() || true`)
	page.until(rowOf("very-long-name") + `.click() || true`)
	page.until(`document.querySelector("#detail").innerText.includes("pusher waits in send")`)
	page.until(within("#detail"))
	assert.LessOrEqual(t, page.number("document.documentElement.scrollWidth"), 320.0)
	page.until(within("#detail .close"))
	page.press(kb.Escape)
	page.until(`document.querySelector("#detail").hidden`)
	page.quiet()
}

func TestThePageIsLightOrDarkAsTheSystemOrTheUserHasIt(t *testing.T) {
	record(t)
	page := open(t, serve(t, "127.0.0.1:0"), "channels")
	const paper = `getComputedStyle(document.body).backgroundColor`
	const light, dark = `"rgb(255, 255, 255)"`, `"rgb(20, 23, 28)"`
	page.media("prefers-color-scheme", "dark")
	page.until(paper + " === " + dark)
	page.media("prefers-color-scheme", "light")
	page.until(paper + " === " + light)
	page.until(`document.querySelector("#theme").click() || document.querySelector("#theme").click() || true`)
	page.until(paper + " === " + dark)
	require.NoError(t, chromedp.Do(page.ctx, chromedp.Reload()))
	page.until(paper + " === " + dark + ` && document.querySelector("#theme").innerText === "Theme: dark"`)
	page.quiet()
}

func TestNothingMovesWithReducedMotion(t *testing.T) {
	record(t)
	page := open(t, serve(t, "127.0.0.1:0"), "channels")
	const moving = `[...document.querySelectorAll("*")].flatMap((e) => ["", "::before", "::after"].map((p) => getComputedStyle(e, p)))
		.filter((s) => !/^0s(, 0s)*$/.test(s.transitionDuration) || s.animationName !== "none" || s.scrollBehavior === "smooth").length`
	page.media("prefers-reduced-motion", "no-preference")
	page.until(moving + " === 1") // so that the question finds something
	page.media("prefers-reduced-motion", "reduce")
	page.until(moving + " === 0")
	page.quiet()
}
