package console_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/sync/mpsc"
	"github.com/handoff-go/handoff/task"
)

// runtime is where tasks of a test run; it has ended with the test.
func runtime(t *testing.T) (ctx context.Context, cancel context.CancelFunc) {
	rt, err := task.New(task.WithName("test"))
	require.NoError(t, err)
	ctx, cancel = context.WithCancel(rt.Context(context.Background()))
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, rt.Shutdown(context.Background()))
	})
	return ctx, cancel
}

func TestABlockedSenderIsShown(t *testing.T) {
	record(t)
	ctx, _ := runtime(t)
	tx, rx := async.Bounded[int](1, async.Named("full up"))
	defer rx.Drop()
	require.NoError(t, tx.TrySend(1))
	task.Go(ctx, func(ctx context.Context) error {
		defer tx.Drop()
		return tx.Send(2).Await(ctx)
	}, task.Named("pusher")).Drop()

	page := open(t, serve(t, "127.0.0.1:0"), "channels")
	page.until(rowOf("full up") + `?.textContent.includes("sender waits")`)
	page.until(`document.querySelector("#warnings").innerText.includes("sender blocked")`)
	assert.Contains(t, page.text(`document.querySelector("#warnings").innerText`), "full up")

	page.until(rowOf("full up") + `.click() || true`)
	page.until(`document.querySelector("#detail").innerText.includes("pusher waits in send")`)
	page.press(kb.Escape)
	page.until(`document.querySelector("#detail").hidden`)

	page.press("2")
	page.until(rowOf("pusher") + `?.textContent.includes("send full up")`)
	page.quiet()
}

func TestADeadlockIsMarked(t *testing.T) {
	record(t)
	ctx, _ := runtime(t)
	// Each has used both of its handles before it waits, so that it is known to hold them.
	talk := func(name string, tx *async.Sender[int], rx *async.Receiver[int]) {
		task.Go(ctx, func(ctx context.Context) error {
			defer tx.Drop()
			defer rx.Drop()
			if err := tx.Send(1).Await(ctx); err != nil {
				return err
			}
			for range rx.All(ctx) {
			}
			return nil
		}, task.Named(name)).Drop()
	}
	toAnna, anna := async.Bounded[int](1, async.Named("to Anna"))
	toBert, bert := async.Bounded[int](1, async.Named("to Bert"))
	talk("Anna", toBert, anna)
	talk("Bert", toAnna, bert)

	page := open(t, serve(t, "127.0.0.1:0"), "waits")
	page.until(`document.querySelectorAll(".graph .node.cycle").length === 4`)
	assert.InDelta(t, 4, page.number(`document.querySelectorAll(".graph .edge.cycle").length`), 0)
	text := page.text(`document.querySelector(".deadlocks").innerText`)
	for _, name := range []string{"Anna", "Bert", "to Anna", "to Bert"} {
		assert.Contains(t, text, name)
	}
	assert.Contains(t, page.text(`document.querySelector("#tab-waits").innerText`), "deadlock")
	page.quiet()
}

// The names of a program may come from its users.
func TestHostileNamesAreText(t *testing.T) {
	record(t)
	names := []string{
		`<img src=x onerror="document.title='owned'">`,
		`</script><script>document.title='owned'</script>`,
		`"><svg onload=document.title='owned'>`,
		"line\nevent: message\ndata: {}\n\n",
		`%s${document.title='owned'}{{constructor}}`,
	}
	var first *mpsc.Sender[string]
	for _, name := range names {
		tx, rx := mpsc.Channel[string](mpsc.Named(name))
		require.NoError(t, tx.Send("x"))
		_, err := rx.Recv()
		require.NoError(t, err)
		if first == nil {
			first = tx
		}
		defer tx.Drop()
		defer rx.Drop()
	}
	page := open(t, serve(t, "127.0.0.1:0"), "channels")
	for _, name := range names {
		page.until(rowOf(name))
		page.until(rowOf(name) + `.click() || true`)
		page.until(`document.querySelector("#detail h2")?.textContent.includes(` + quoted(name) + `)`)
	}
	for _, key := range []string{"3", "4", "2", "1"} {
		page.press(key)
		page.until(`document.querySelector("[aria-selected=true]").title === "` + key + `"`)
	}
	page.press("4")
	page.until(`document.querySelector(".sequence .message")`)
	assert.Zero(t, page.number(`document.querySelectorAll("main img, main script, svg[onload]").length`))
	assert.Equal(t, "handoff console", page.text("document.title"))
	page.quiet()
}

func TestMessagesShowNoContents(t *testing.T) {
	record(t)
	tx, rx := mpsc.Channel[string](mpsc.Named("secrets"))
	defer rx.Drop()
	defer tx.Drop()
	require.NoError(t, tx.Send("the launch code"))
	page := open(t, serve(t, "127.0.0.1:0"), "sequence")
	page.until(`/^goroutine \d{1,7}$/.test(document.querySelector(".sequence.heads text").firstChild.data)`)
	assert.NotContains(t, page.text("document.documentElement.textContent"), "launch code")
	page.quiet()
}

func TestThePageIsUsedWithTheKeyboard(t *testing.T) {
	record(t)
	for i, name := range []string{"beta", "alpha", "gamma"} {
		tx, rx := mpsc.Channel[int](mpsc.Named(name))
		defer tx.Drop()
		defer rx.Drop()
		for range i + 1 {
			require.NoError(t, tx.Send(i))
		}
	}
	page := open(t, serve(t, "127.0.0.1:0"), "channels")
	order := `[...document.querySelectorAll("#channels tr[data-id] .name")].map((c) => c.textContent).join(" ")`
	page.until(order + ` === "alpha beta gamma"`)

	// Tab from the filter leads over the states to the headers, which are buttons.
	page.press("/")
	page.until(`document.activeElement.type === "search"`)
	page.press(kb.Tab, kb.Tab)
	page.until(`document.activeElement.textContent === "Name"`)
	page.press(kb.Enter)
	page.until(order + ` === "gamma beta alpha"`)
	assert.Equal(t, "descending", page.text(`document.activeElement.closest("th").getAttribute("aria-sort")`))
	page.press(kb.Tab, kb.Tab, kb.Enter) // the length, the longest first
	page.until(order + ` === "gamma alpha beta"`)

	page.press("/", "b", "e", "t")
	page.until(order + ` === "beta"`)
	page.press(kb.Escape)
	page.until(order + ` === "gamma alpha beta"`)
	page.press(kb.ArrowDown) // into the rows
	page.until(`document.activeElement.matches("tr[data-id]")`)
	page.press(kb.ArrowDown, kb.Enter)
	page.until(`document.querySelector("#detail h2")?.textContent === "alpha"`)
	page.press(kb.Escape)
	page.until(`document.querySelector("#detail").hidden`)

	page.press("p")
	page.until(`document.body.dataset.status === "paused"`)
	page.press("p")
	page.until(`document.body.dataset.status === "live"`)
	page.press("4")
	page.until(`!document.querySelector("#sequence").hidden`)
	page.quiet()
}

func TestThePageComesBackWithTheServer(t *testing.T) {
	record(t)
	tx, rx := mpsc.Channel[int](mpsc.Named("before"))
	s := serve(t, "127.0.0.1:0")
	page := open(t, s, "channels")
	page.until(rowOf("before"))
	s.stop()
	page.until(`document.body.dataset.status === "reconnecting"`)
	tx.Drop()
	rx.Drop()
	after, rx2 := mpsc.Channel[int](mpsc.Named("after"))
	defer after.Drop()
	defer rx2.Drop()
	again := serve(t, s.addr)
	page.until(`document.body.dataset.status === "live"`)
	page.until(rowOf("after"))
	page.until(`!` + rowOf("before"))
	require.NotErrorIs(t, again.Close(), http.ErrServerClosed)
}
