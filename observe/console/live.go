package console

import (
	"bytes"
	"net/http"
	"sync"
	"time"
	"weak"
)

// patience is how long a page may take to read a frame. One that does not read would keep
// its place until the connection breaks. It also replaces the WriteTimeout of the server,
// which counts from the beginning of the request and would end every stream.
const patience = 10 * time.Second

// live is the stream of frames as server-sent events. Each frame is also the heartbeat: a
// page that sees none for some intervals knows that it has lost the program.
func (h *handler) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would hold frames back
	if r.Method == http.MethodHead {
		return
	}
	if !h.hub.join() {
		// EventSource gives up for good after an error status, so that the page has to ask
		// again by itself.
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Retry-After", "5")
		http.Error(w, "as many pages as this console allows are live", http.StatusServiceUnavailable)
		return
	}
	defer h.hub.leave()

	down := shutdowns.of(r)
	stream := http.NewResponseController(w)
	var have uint64
	var buf bytes.Buffer
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-down:
			return
		case <-timer.C:
		}
		data, seq := h.hub.frame(have)
		have = seq
		buf.Reset()
		buf.WriteString("retry: 1000\ndata: ")
		buf.Write(data)
		buf.WriteString("\n\n")
		if data == nil { // woken twice in one interval
			buf.Reset()
			buf.WriteString(": nothing new\n\n")
		}
		_ = stream.SetWriteDeadline(time.Now().Add(patience)) // some writers have none
		if _, err := w.Write(buf.Bytes()); err != nil {
			return
		}
		if err := stream.Flush(); err != nil {
			return
		}
		timer.Reset(h.hub.untilNext())
	}
}

// shutdowns notifies streams that their server shuts down: http.Server.Shutdown waits for
// requests and does not end their contexts.
var shutdowns servers

// servers holds a channel for each server that has had a stream. The keys are weak, and an
// entry goes with the shutdown; a server that is left without one keeps its entry, which
// is a few words.
type servers struct {
	mu   sync.Mutex
	down map[weak.Pointer[http.Server]]chan struct{}
}

// of returns a channel that is closed when the server of r shuts down, or nil if there is
// no server, as in a test.
func (s *servers) of(r *http.Request) <-chan struct{} {
	srv, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok {
		return nil
	}
	key := weak.Make(srv)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.down[key]; c != nil {
		return c
	}
	if s.down == nil {
		s.down = make(map[weak.Pointer[http.Server]]chan struct{})
	}
	c := make(chan struct{})
	s.down[key] = c
	srv.RegisterOnShutdown(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.down[key] == c {
			delete(s.down, key)
			close(c)
		}
	})
	return c
}
