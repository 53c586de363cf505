// Command screenshot makes the picture of the console in the README: it runs
// examples/console, looks at it with Chromium, and writes docs/img/console.png.
//
//	cd test/console && go run ./cmd/screenshot
//	cd test/console && go run ./cmd/screenshot -view waits -dark -o waits.png
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/handoff-go/handoff/test/console/chrome"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "screenshot:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	out := flag.String("o", "../../docs/img/console.png", "the `file` to write")
	view := flag.String("view", "channels", "channels, tasks, waits or sequence")
	dark := flag.Bool("dark", false, "in dark colors")
	wait := flag.Duration("wait", 40*time.Second, "how `long` to let the program run first; the sparklines need a while")
	flag.Parse()

	dir, err := os.MkdirTemp("", "handoff-screenshot")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program := dir + "/console"
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./examples/console")
	build.Dir = ".."
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building examples/console: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, *wait+2*time.Minute)
	defer cancel()
	shop := exec.CommandContext(ctx, program, "-deadlock")
	shop.Cancel = func() error { return shop.Process.Signal(os.Interrupt) }
	shop.Stderr = os.Stderr
	lines, err := shop.StdoutPipe()
	if err != nil {
		return err
	}
	if err := shop.Start(); err != nil {
		return err
	}
	defer func() {
		cancel()
		_ = shop.Wait() // how it ends is up to the interrupt
	}()
	url, err := bufio.NewReader(lines).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the program said no address: %w", err)
	}
	picture, err := look(ctx, strings.TrimSpace(url)+"#"+*view, *dark, *wait)
	if err != nil {
		return err
	}
	return os.WriteFile(*out, picture, 0o644)
}

// look opens the page, picks the light or the dark colors, and waits until there is
// something to see: the picture is taken while a sender is blocked.
func look(ctx context.Context, url string, dark bool, wait time.Duration) ([]byte, error) {
	tab, cancel, err := chrome.Start(ctx, 1200, 480)
	if err != nil {
		return nil, err
	}
	defer cancel()
	theme := "light"
	if dark {
		theme = "dark"
	}
	if err := chromedp.Do(tab,
		chromedp.EmulateViewport(1200, 480),
		chromedp.Navigate(url),
		chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.documentElement.dataset.theme = %q", theme)),
		chromedp.Sleep(wait),
	); err != nil {
		return nil, err
	}
	const blocked = `document.querySelector("#warnings").innerText.includes("sender blocked")`
	for ctx.Err() == nil {
		seen, err := chromedp.Run(tab, chromedp.Evaluate[bool](blocked))
		if err != nil {
			return nil, err
		}
		if seen {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return chromedp.Run(tab, chromedp.CaptureScreenshot())
}
