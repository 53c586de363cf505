package harness

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
)

// Cluster is a cluster of three servers in this process.
//
// A server that is stopped hands its leaderships over first, so the others elect within a
// second. One that vanishes costs them the four to nine seconds of an election timeout, which
// cannot be shortened from outside of the server's own package.
type Cluster struct {
	t     testing.TB
	mu    sync.Mutex
	nodes [3]*node
}

type node struct {
	opts    *server.Options
	running *server.Server // nil while it is stopped
}

// NewCluster starts three servers and waits until they have a leader among them and everybody
// knows it.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	routes := Ports(t, len(c.nodes))
	for i := range c.nodes {
		opts := options(t.TempDir())
		opts.ServerName = fmt.Sprintf("n%d", i)
		opts.Port = Ports(t, 1)[0] // the same after a restart
		opts.Cluster = server.ClusterOpts{Name: "harness", Host: "127.0.0.1", Port: routes[i]}
		opts.Routes = urls(routes)
		c.nodes[i] = &node{opts: opts}
	}
	t.Cleanup(func() {
		for i := range c.nodes {
			c.Stop(i)
		}
	})
	// All at once: none of them is ready before it has met another one.
	for _, n := range c.nodes {
		c.boot(n)
	}
	c.await()
	return c
}

func urls(ports []int) []*url.URL {
	var all []*url.URL
	for _, p := range ports {
		all = append(all, &url.URL{Scheme: "nats-route", Host: fmt.Sprintf("127.0.0.1:%d", p)})
	}
	return all
}

// Ports returns free ports of loopback.
func Ports(t testing.TB, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		// All are held until the last is found, or the system would give one of them twice.
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close() //nolint:errcheck // it held a port
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func (c *Cluster) boot(n *node) {
	c.t.Helper()
	s, err := server.NewServer(n.opts.Clone())
	require.NoError(c.t, err)
	s.Start()
	c.mu.Lock()
	n.running = s
	c.mu.Unlock()
}

// await returns when every running server takes part in the cluster, and the leader has heard
// of the memory and disk of each: before that it places nothing there.
func (c *Cluster) await() {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		running, placeable := 0, 0
		for i := range c.nodes {
			s := c.Node(i)
			if s == nil {
				continue
			}
			if !s.ReadyForConnections(time.Second) || !s.JetStreamIsCurrent() {
				return false
			}
			running++
			placeable += len(s.JetStreamClusterPeers()) // none but the leader knows any
		}
		return running > 0 && placeable >= running
	}, patience, 20*time.Millisecond, "the servers elect no leader, or the leader does not see all of them")
}

// URL is what a client is given: all servers.
func (c *Cluster) URL() string {
	var all []string
	for _, n := range c.nodes {
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", n.opts.Port))
	}
	return strings.Join(all, ",")
}

// Node is one of the servers, or nil while that is stopped.
func (c *Cluster) Node(i int) *server.Server {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nodes[i].running
}

// Leader returns the number of the server that leads a stream. It waits for the end of an
// election.
func (c *Cluster) Leader(stream string) int {
	c.t.Helper()
	leader := -1
	require.Eventually(c.t, func() bool {
		for i := range c.nodes {
			if s := c.Node(i); s != nil && s.JetStreamIsStreamLeader(server.DEFAULT_GLOBAL_ACCOUNT, stream) {
				leader = i
				return true
			}
		}
		return false
	}, patience, 5*time.Millisecond, "stream %s has no leader", stream)
	return leader
}

// Stop ends a server. The others go on, if they are two.
func (c *Cluster) Stop(i int) {
	c.mu.Lock()
	s := c.nodes[i].running
	c.nodes[i].running = nil
	c.mu.Unlock()
	if s != nil {
		Stop(s)
	}
}

// Restart starts a stopped server on the data that it had, and waits until it takes part.
func (c *Cluster) Restart(i int) {
	c.t.Helper()
	c.boot(c.nodes[i])
	c.await()
}
