// Package console_test looks at the console with a real browser.
package console_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/observe/console"
	"github.com/handoff-go/handoff/test/console/chrome"
)

// patience is for machines that do other things at the same time.
const patience = 60 * time.Second

// server is the console of this process at an address that a second one can take over.
type server struct {
	*http.Server
	addr string
	done chan struct{}
}

func serve(t *testing.T, addr string) *server {
	t.Helper()
	return serveWith(t, addr, console.Handler(console.Every(200*time.Millisecond)))
}

func serveWith(t *testing.T, addr string, h http.Handler) *server {
	t.Helper()
	at, err := new(net.ListenConfig).Listen(t.Context(), "tcp", addr)
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/debug/handoff/", h)
	s := &server{&http.Server{Handler: mux, ReadHeaderTimeout: patience}, at.Addr().String(), make(chan struct{})}
	go func() {
		defer close(s.done)
		_ = s.Serve(at)
	}()
	t.Cleanup(s.stop)
	return s
}

func (s *server) stop() {
	_ = s.Close()
	<-s.done
}

// record switches recording on for the channels and tasks of a test.
func record(t *testing.T) {
	t.Cleanup(observe.Enable(observe.Options{Events: 5000}))
}

// tab is a page in a browser, and what the browser complained about.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// open starts a browser, which shows a view of the console. Without one on this machine
// the test is skipped, except in CI, where that would go unseen.
func open(t *testing.T, s *server, view string) *tab {
	t.Helper()
	ctx, cancel, err := chrome.Start(t.Context(), 1280, 900)
	if errors.Is(err, chrome.ErrNone) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 2*patience)
	t.Cleanup(stop)
	page := &tab{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			page.mu.Lock()
			page.complaints = append(page.complaints, string(m.Type)+": "+m.Text)
			page.mu.Unlock()
		}
	}()
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("http://"+s.addr+"/debug/handoff/#"+view)))
	page.until(`document.body.dataset.status === "live"`)
	return page
}

// quiet fails the test if there was an error, a warning or a violation of the policy.
func (p *tab) quiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	assert.Empty(p.t, p.complaints)
}

// until waits for an expression to become true.
func (p *tab) until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		v, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && v {
			return
		}
		select {
		case <-ctx.Done():
			text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			require.Fail(p.t, "it never came true", "%s\n%v\n%s", expression, err, text)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (p *tab) text(expression string) string {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](expression))
	require.NoError(p.t, err, expression)
	return v
}

func (p *tab) number(expression string) float64 {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[float64](expression))
	require.NoError(p.t, err, expression)
	return v
}

// press types keys, as a user does, at what has the focus. A character is one event that
// the page may prevent from being typed; those of chromedp.KeyEvent are two, and the
// second one is typed wherever the focus is by then.
func (p *tab) press(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		if len(k) > 1 || k < " " || k > "~" {
			require.NoError(p.t, chromedp.Do(p.ctx, chromedp.KeyEvent(k)))
			continue
		}
		for _, event := range []input.DispatchKeyEventParams{
			{Type: input.DispatchKeyEventTypeKeyDown, Key: k, Text: k},
			{Type: input.DispatchKeyEventTypeKeyUp, Key: k},
		} {
			_, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, event)
			require.NoError(p.t, err)
		}
	}
}

// rowOf is the row of the table in sight whose text holds name, or null.
func rowOf(name string) string {
	return `[...document.querySelectorAll("tr[data-id]")].find((r) => r.checkVisibility() && r.textContent.includes(` + quoted(name) + `))`
}

func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(s) + "'"
}
