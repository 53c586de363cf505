// Package chrome starts a Chromium of this machine without a window, for the tests and
// the pictures of the console.
package chrome

import (
	"context"
	"errors"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrNone is returned when no Chromium is found.
var ErrNone = errors.New("no Chromium found: install one (Debian: apt-get install chromium), or name it in the variable CHROMIUM")

// Find returns the path of the program: what the variable CHROMIUM names, or else the
// first known name that is in PATH.
func Find() (string, error) {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return exec.LookPath(path)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNone
}

// Start starts it with an empty profile and a window of this size. The context that it
// returns stands for a tab; cancel ends the browser.
func Start(ctx context.Context, width, height int) (tab context.Context, cancel context.CancelFunc, err error) {
	path, err := Find()
	if err != nil {
		return nil, nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("headless", "new"),
		chromedp.Flag("disable-dev-shm-usage", true), // 64 MB in a container is not enough
		chromedp.WindowSize(width, height),
	)
	if os.Geteuid() == 0 { // the sandbox of Chromium refuses root, which CI containers are
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stopBrowser := chromedp.NewExecAllocator(ctx, options...)
	ctx, closeTab := chromedp.NewContext(ctx)
	cancel = func() { closeTab(); stopBrowser() }
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		return nil, nil, err
	}
	return ctx, cancel, nil
}
