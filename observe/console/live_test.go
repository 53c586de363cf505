package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// page is a live page in a bubble: it takes what the handler writes.
type page struct {
	mu     sync.Mutex
	header http.Header
	code   int
	text   strings.Builder
	fail   error
	leave  context.CancelFunc
	left   chan struct{}
}

// visit opens the stream. The page leaves with the test at the latest.
func visit(t *testing.T, h http.Handler) *page {
	ctx, cancel := context.WithCancel(t.Context())
	p := &page{header: http.Header{}, leave: cancel, left: make(chan struct{})}
	go func() {
		defer close(p.left)
		h.ServeHTTP(p, httptest.NewRequestWithContext(ctx, http.MethodGet, "/live", nil))
	}()
	t.Cleanup(cancel)
	synctest.Wait()
	return p
}

func (p *page) Header() http.Header { return p.header }
func (p *page) WriteHeader(code int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code = code
}
func (p *page) FlushError() error { return nil }
func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return 0, p.fail
	}
	return p.text.Write(b)
}

// received is a frame as the page's script sees it.
type received struct {
	Full     bool
	Seq      uint64
	Channels struct {
		Made, Now [][]any
		Gone      []uint64
	}
}

// take returns the frames since the last call.
func (p *page) take(t *testing.T) (frames []received) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.text.String()) {
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			var f received
			require.NoError(t, json.Unmarshal([]byte(data), &f))
			frames = append(frames, f)
		}
	}
	p.text.Reset()
	return frames
}

func channels(n int) observe.State {
	s := observe.State{Level: "events"}
	for i := range n {
		s.Channels = append(s.Channels, observe.Channel{
			ID: uint64(i + 1), Name: fmt.Sprintf("orders of region %d", i), Site: "/home/user/program/internal/orders/queue.go:118",
			Message: "*orders.Order", Flavour: "async bounded", Capacity: 128, Made: time.Now(),
			Senders: 2, Receivers: 1, Sent: 1_000_000, Received: 1_000_000,
			Waiting: []observe.Waiting{{Actor: 7, Op: "recv", Since: time.Now()}},
		})
	}
	return s
}

func TestTheProgramIsLookedAtOnceInAnIntervalHoweverManyPagesAreLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{state: channels(3)}
		console := Handler(from(f))
		var pages []*page
		for range 5 {
			pages = append(pages, visit(t, console))
			time.Sleep(130 * time.Millisecond) // each at another point of the interval
		}
		synctest.Wait()
		for _, p := range pages {
			p.take(t)
		}
		before := f.snapshots.Load()
		assert.EqualValues(t, 1, before)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		assert.EqualValues(t, 20, f.snapshots.Load()-before)
		for _, p := range pages {
			assert.Len(t, p.take(t), 20)
		}
	})
}

func TestNothingHappensWhileNoPageIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{state: channels(3)}
		console := Handler(from(f))
		time.Sleep(time.Minute)
		assert.Zero(t, f.snapshots.Load())
		first, second := visit(t, console), visit(t, console)
		first.leave()
		<-first.left
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.Len(t, second.take(t), 11, "one that leaves does not end it for the others")
		second.leave()
		<-second.left
		before := f.snapshots.Load()
		time.Sleep(time.Minute)
		assert.Equal(t, before, f.snapshots.Load())
		assert.Nil(t, console.(*handler).hub.look, "and no memory of the program stays")
	}) // the bubble ends only if no goroutine is left
}

func TestAFrameCarriesWhatHasChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{state: channels(3)}
		p := visit(t, Handler(from(f)))
		next := func() received {
			t.Helper()
			frames := p.take(t)
			require.Len(t, frames, 1)
			time.Sleep(time.Second)
			synctest.Wait()
			return frames[0]
		}
		full := next()
		assert.True(t, full.Full)
		assert.Len(t, full.Channels.Made, 3)
		assert.Len(t, full.Channels.Now, 3)
		f.change(func(s *observe.State) { s.Channels[1].Sent++ })
		quiet := next()
		assert.False(t, quiet.Full)
		assert.Empty(t, quiet.Channels.Now)
		f.change(func(s *observe.State) {
			s.Channels = append(s.Channels[1:], observe.Channel{ID: 9, Name: "new"})
		})
		one := next()
		assert.Empty(t, one.Channels.Made)
		require.Len(t, one.Channels.Now, 1)
		assert.EqualValues(t, 2, one.Channels.Now[0][0])
		last := next()
		assert.Equal(t, []uint64{1}, last.Channels.Gone)
		require.Len(t, last.Channels.Made, 1)
		assert.Equal(t, "new", last.Channels.Made[0][1])
		assert.Len(t, last.Channels.Now, 1)
	})
}

func TestAPageThatHasMissedAFrameGetsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{state: channels(3)}
		h := newHub(f.source(), time.Second, 2)
		require.True(t, h.join())
		full := func(data []byte) bool {
			var r received
			require.NoError(t, json.Unmarshal(data, &r))
			return r.Full
		}
		data, seq := h.frame(0)
		assert.True(t, full(data))
		data, same := h.frame(seq)
		assert.Nil(t, data, "nothing new in this interval")
		assert.Equal(t, seq, same)
		time.Sleep(time.Second)
		data, seq = h.frame(seq)
		assert.False(t, full(data))
		time.Sleep(time.Second)
		_, _ = h.frame(seq)
		time.Sleep(time.Second)
		data, _ = h.frame(seq)
		assert.True(t, full(data))
		h.leave()
	})
}

func TestTheNumberOfLivePagesIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		console := Handler(from(&fake{}), Clients(2))
		first := visit(t, console)
		visit(t, console)
		third := visit(t, console)
		<-third.left
		assert.Equal(t, http.StatusServiceUnavailable, third.code)
		assert.NotEmpty(t, third.header.Get("Retry-After"))
		first.leave()
		<-first.left
		again := visit(t, console)
		assert.Len(t, again.take(t), 1, "the place of one that has left is free")
	})
	assert.Panics(t, func() { Clients(0) })
}

func TestAPageThatCannotBeWrittenToLosesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		console := Handler(from(&fake{}), Clients(1))
		p := visit(t, console)
		p.mu.Lock()
		p.fail = errors.New("broken connection")
		p.mu.Unlock()
		time.Sleep(time.Second)
		<-p.left
		assert.Len(t, visit(t, console).take(t), 1)
	})
}

// A panic in a look stays in one request, and the next one finds the lock free.
func TestAPanicInALookIsThatOfOneRequest(t *testing.T) {
	src := (&fake{}).source()
	whole := src.snapshot
	src.snapshot = func() *observe.State { panic("broken") }
	h := newHub(src, time.Second, 1)
	require.True(t, h.join())
	assert.Panics(t, func() { h.frame(0) })
	h.src.snapshot = whole
	data, _ := h.frame(0)
	assert.NotEmpty(t, data)
	h.leave()
}

// The time between two looks is also the heartbeat, which a page relies on.
func TestTheIntervalHasLimits(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		-1: 100 * time.Millisecond, 0: 100 * time.Millisecond, time.Second: time.Second, time.Hour: 10 * time.Second,
	} {
		assert.Equal(t, want, Handler(from(&fake{}), Every(d)).(*handler).every)
	}
}

// stream reads frames from a real server.
func stream(t *testing.T, server *httptest.Server) (lines *bufio.Scanner, closeBody func() error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/live", nil)
	require.NoError(t, err)
	answer, err := server.Client().Do(r)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Equal(t, "text/event-stream", answer.Header.Get("Content-Type"))
	return bufio.NewScanner(answer.Body), answer.Body.Close
}

func TestShutdownOfTheServerEndsStreams(t *testing.T) {
	server := httptest.NewServer(Handler(from(&fake{})))
	defer server.Close()
	lines, closeBody := stream(t, server)
	defer closeBody()
	require.True(t, lines.Scan())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, server.Config.Shutdown(ctx))
}

// Its WriteTimeout counts from the beginning of the request, and a stream has no end.
func TestTheWriteTimeoutOfTheServerDoesNotEndStreams(t *testing.T) {
	server := httptest.NewUnstartedServer(Handler(from(&fake{}), Every(100*time.Millisecond)))
	server.Config.WriteTimeout = 150 * time.Millisecond
	server.Start()
	defer server.Close()
	lines, closeBody := stream(t, server)
	defer closeBody()
	frames := 0
	for frames < 5 && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			frames++
		}
	}
	assert.Equal(t, 5, frames)
}

// Ten thousand channels: the first frame carries them all, the others what has changed.
func TestBytesOfTenThousandChannels(t *testing.T) {
	f := &fake{state: channels(10_000)}
	encode := func(before *frameRows) (int, *frameRows) {
		state := f.source().snapshot()
		l := &look{seq: 2, state: state, rows: rowsOf(state)}
		return len(encodeFrame(l, time.Second, before)), &l.rows
	}
	full, rows := encode(nil)
	idle, rows := encode(rows)
	f.change(func(s *observe.State) {
		for i := range 100 {
			s.Channels[i*100].Sent += 1000
		}
	})
	busy, _ := encode(rows)
	t.Logf("all rows: %d bytes; nothing has changed: %d; 100 rows have: %d", full, idle, busy)
	assert.Less(t, full, 3_000_000)
	assert.Less(t, idle, 1000)
	assert.Less(t, busy, 20_000)
}
