package harness_test

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/remote/internal/harness"
)

// echo is a server that answers with what it is sent. The channel receives what has arrived.
func echo(t *testing.T) (addr string, arrived <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	got := make(chan string, 16)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf := make([]byte, 64)
				for {
					n, err := c.Read(buf)
					if err != nil {
						return
					}
					got <- string(buf[:n])
					c.Write(buf[:n])
				}
			}()
		}
	}()
	return l.Addr().String(), got
}

func dial(t *testing.T, p *harness.Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.URL(), "nats://"))
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	_, err := c.Write([]byte(text))
	require.NoError(t, err)
}

func hear(t *testing.T, c net.Conn, text string) {
	t.Helper()
	buf := make([]byte, len(text))
	_, err := io.ReadFull(c, buf)
	require.NoError(t, err)
	assert.Equal(t, text, string(buf))
}

func TestAProxyPassesWhatItIsGiven(t *testing.T) {
	addr, _ := echo(t)
	p := harness.NewProxy(t, addr)
	c := dial(t, p)
	say(t, c, "hello")
	hear(t, c, "hello")
	assert.Equal(t, 1, p.Connections())
}

func TestADelayHoldsBothWaysBack(t *testing.T) {
	addr, _ := echo(t)
	p := harness.NewProxy(t, addr)
	const delay = 30 * time.Millisecond
	p.Set(harness.Fault{Delay: delay})
	c := dial(t, p)
	start := time.Now()
	say(t, c, "hello")
	hear(t, c, "hello")
	assert.GreaterOrEqual(t, time.Since(start), 2*delay)
}

func TestASilentProxyKeepsTheConnectionAndItsData(t *testing.T) {
	addr, arrived := echo(t)
	p := harness.NewProxy(t, addr)
	c := dial(t, p)
	say(t, c, "a")
	hear(t, c, "a")
	<-arrived
	p.Set(harness.Fault{Silent: true})
	say(t, c, "b")
	c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	_, err := c.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.Empty(t, arrived)
	c.SetReadDeadline(time.Time{})
	p.Set(harness.Fault{})
	hear(t, c, "b")
}

func TestADeafProxyLosesTheAnswerAndNotTheRequest(t *testing.T) {
	addr, arrived := echo(t)
	p := harness.NewProxy(t, addr)
	c := dial(t, p)
	p.Set(harness.Fault{Deaf: true})
	say(t, c, "a")
	assert.Equal(t, "a", <-arrived)
	p.Cut()
	_, err := c.Read(make([]byte, 1))
	require.Error(t, err)
}

func TestACutEndsConnectionsAndARefusalNewOnes(t *testing.T) {
	addr, _ := echo(t)
	p := harness.NewProxy(t, addr)
	c := dial(t, p)
	say(t, c, "a")
	hear(t, c, "a")
	p.Cut()
	_, err := c.Read(make([]byte, 1))
	require.Error(t, err)
	p.Set(harness.Fault{Refuse: true})
	c = dial(t, p)
	_, err = c.Read(make([]byte, 1))
	require.Error(t, err)
	p.Set(harness.Fault{})
	c = dial(t, p)
	say(t, c, "b")
	hear(t, c, "b")
}
