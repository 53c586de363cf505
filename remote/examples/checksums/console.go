package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/observe/console"
)

// watch serves a page about the channels of this process, until stop is called. Without an
// address nothing is recorded.
func watch(ctx context.Context, addr string, log io.Writer) (stop func(), err error) {
	if addr == "" {
		return func() {}, nil
	}
	at, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("-console: %w", err)
	}
	off := observe.Enable(observe.Options{})
	server := &http.Server{Handler: console.Handler(), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(at) // until stop
	}()
	fmt.Fprintf(log, "checksums: see what it does at http://%s/#remote\n", at.Addr())
	return func() {
		_ = server.Close()
		<-done
		off()
	}, nil
}
