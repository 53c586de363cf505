package console

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Option is an argument of [Handler].
type Option func(*config)

type config struct {
	every   time.Duration
	clients int
	hosts   []string
	source  source
}

// Every sets the time between two looks at the program. Default: one second. What is below
// 100 ms or above 10 s counts as these: each look costs the program something, and is also
// the sign of life from which the page knows that it is still connected.
func Every(d time.Duration) Option {
	return func(c *config) { c.every = min(max(d, 100*time.Millisecond), 10*time.Second) }
}

// Clients sets how many pages may be live at once. Default: 16. A further page gets an answer to retry
// later, which it does. Fewer than 1 panics.
func Clients(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("console: Clients(%d): want at least 1", n))
	}
	return func(c *config) { c.clients = n }
}

// Hosts sets the names under which the console may be asked for, without a port. Default:
// IP addresses and localhost on a connection to a loopback address, and any name on others.
func Hosts(names ...string) Option {
	return func(c *config) {
		c.hosts = []string{}
		for _, name := range names {
			c.hosts = append(c.hosts, plainHost(name))
		}
	}
}

// Handler returns the console. It is meant for a path that ends in a slash.
//
// A live page holds a connection. [http.Server.Shutdown] of the server ends it, so that
// the shutdown does not wait until the page is closed.
func Handler(opts ...Option) http.Handler {
	c := config{every: time.Second, clients: 16, source: program()}
	for _, opt := range opts {
		opt(&c)
	}
	return &handler{config: c, hub: newHub(c.source, c.every, c.clients)}
}

type handler struct {
	config
	hub *hub
}

// ServeHTTP goes by what follows the last slash, because it cannot know under which path
// it is mounted. All addresses in the page are relative for the same reason.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the console is read-only: "+r.Method+" is not allowed", http.StatusMethodNotAllowed)
		return
	}
	if reason := h.refuse(r, name == ""); reason != "" {
		http.Error(w, reason, http.StatusForbidden)
		return
	}
	switch name {
	case "live":
		h.live(w, r)
	case "state":
		h.state(w, r)
	case "detail":
		h.detail(w, r)
	case "graph":
		h.graph(w, r)
	case "recent":
		h.recent(w, r)
	case "sequence":
		h.sequence(w, r)
	default:
		serveAsset(w, r, name)
	}
}
