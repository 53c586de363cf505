package observe_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

// traceFile is the part of the Trace Event Format that Trace uses, and nothing else: an
// unknown field is an error. The format is described in
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
type traceFile struct {
	DisplayTimeUnit string       `json:"displayTimeUnit"`
	TraceEvents     []traceEvent `json:"traceEvents"`
}

type traceEvent struct {
	Name string         `json:"name"`
	Cat  string         `json:"cat"`
	Ph   string         `json:"ph"`
	TS   json.Number    `json:"ts"`
	Dur  json.Number    `json:"dur"`
	PID  int            `json:"pid"`
	TID  int            `json:"tid"`
	ID   int            `json:"id"`
	BP   string         `json:"bp"`
	S    string         `json:"s"`
	Args map[string]any `json:"args"`
}

// nanos turns the microseconds of the file back, digit by digit.
func nanos(t *testing.T, n json.Number) time.Duration {
	t.Helper()
	whole, fraction, _ := strings.Cut(string(n), ".")
	require.Len(t, fraction, 3)
	d, err := time.ParseDuration(whole + fraction + "ns")
	require.NoError(t, err)
	return d
}

// readTrace checks what holds for every trace, and returns it.
func readTrace(t *testing.T, text []byte) []traceEvent {
	t.Helper()
	require.NotContains(t, string(text), "<", "it may be part of a page")
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var file traceFile
	require.NoError(t, decoder.Decode(&file))
	_, err := decoder.Token()
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, "ns", file.DisplayTimeUnit)

	names := make(map[int]string)
	last := make(map[int]time.Duration)
	open := make(map[int][]time.Duration) // ends of the slices around the next one
	ends := make(map[int][2]int)          // of arrows
	var began []time.Duration
	for i, e := range file.TraceEvents {
		where := fmt.Sprintf("%d: %+v", i, e)
		require.Equal(t, 1, e.PID, where)
		require.NotEmpty(t, e.Name, where)
		if e.Ph == "M" {
			switch e.Name {
			case "thread_name":
				require.NotContains(t, names, e.TID, where)
				names[e.TID] = e.Args["name"].(string)
			case "thread_sort_index", "process_name":
			default:
				require.Fail(t, where)
			}
			continue
		}
		at := nanos(t, e.TS)
		require.GreaterOrEqual(t, at, last[e.TID], "time goes on in each row: %s", where)
		require.GreaterOrEqual(t, at, time.Duration(0), where)
		last[e.TID] = at
		if e.S != "g" {
			require.Contains(t, names, e.TID, where)
		}
		around := open[e.TID]
		for len(around) > 0 && around[len(around)-1] <= at {
			around = around[:len(around)-1]
		}
		open[e.TID] = around
		switch e.Ph {
		case "X":
			end := at + nanos(t, e.Dur)
			require.GreaterOrEqual(t, end, at, where)
			if n := len(around); n > 0 {
				require.LessOrEqual(t, end, around[n-1], "slices of a row do not cross: %s", where)
			}
			open[e.TID] = append(around, end)
		case "s", "f":
			require.NotEmpty(t, around, "an arrow begins and ends in a slice: %s", where)
			require.Positive(t, e.ID, where)
			both := ends[e.ID]
			if e.Ph == "s" {
				require.Empty(t, e.BP, where)
				both[0]++
				began = append(began, at)
			} else {
				require.Equal(t, "e", e.BP, where)
				require.Equal(t, 1, both[0], "an arrow begins before it ends: %s", where)
				both[1]++
			}
			ends[e.ID] = both
		case "i":
			require.Contains(t, []string{"t", "g"}, e.S, where)
		default:
			require.Fail(t, "unknown phase", where)
		}
	}
	for id, both := range ends {
		require.Equal(t, [2]int{1, 1}, both, "arrow %d", id)
	}
	require.Len(t, ends, len(began))
	return file.TraceEvents
}

func trace(t *testing.T, r observe.Recording, f observe.Filter) []traceEvent {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.Trace(&b, f))
	return readTrace(t, b.Bytes())
}

// brief is a record in short: the row, what it is, when and for how long, and its name.
func brief(all []traceEvent) []string {
	rows := make(map[int]string)
	var lines []string
	for _, e := range all {
		switch {
		case e.Name == "thread_name":
			rows[e.TID] = e.Args["name"].(string)
		case e.Ph == "M":
		case e.Ph == "X":
			lines = append(lines, fmt.Sprintf("%s X %s+%s %s", rows[e.TID], e.TS, e.Dur, e.Name))
		default:
			lines = append(lines, fmt.Sprintf("%s %s %s %s", rows[e.TID], e.Ph, e.TS, e.Name))
		}
	}
	return lines
}

func TestTraceHasARowForEachAndArrowsForMessages(t *testing.T) {
	r := recording(
		observe.Event{Kind: observe.Spawned, Actor: 1, Task: 2},
		observe.Event{Kind: observe.Started, Task: 2},
		observe.Event{Kind: observe.Blocked, Actor: 2, Channel: 10, Op: "recv"},
		observe.Event{Kind: observe.Sent, Actor: 1, Channel: 10, Message: 1, Count: 1, Text: "hello"},
		observe.Event{Kind: observe.Resumed, Actor: 2, Channel: 10, Op: "recv"},
		observe.Event{Kind: observe.Received, Actor: 2, Channel: 10, Message: 1, Count: 1, Time: start.Add(5*time.Millisecond + 300)},
		observe.Event{Kind: observe.Dropped, Actor: 2, Channel: 10, Side: "receiver", Time: start.Add(5*time.Millisecond + 500)},
		observe.Event{Kind: observe.Finished, Task: 2, Text: "no", Time: start.Add(5*time.Millisecond + 600)},
	)
	all := trace(t, r, observe.Filter{})
	assert.Equal(t, []string{
		"main X 0.000+1.000 spawns worker",
		"main s 0.000 spawn",
		"worker X 1000.000+3000.600 worker",
		"worker f 1000.000 spawn",
		"worker X 2000.000+2000.000 waits for orders",
		"main X 3000.000+1.000 sent orders",
		"main s 3000.000 orders #1",
		"worker X 4000.300+0.300 received orders",
		"worker f 4000.300 orders #1",
		"worker i 4000.500 orders: receiver dropped",
	}, brief(all))
	for _, e := range all {
		switch e.Name {
		case "worker":
			assert.Equal(t, "finished: no", e.Args["result"])
		case "sent orders":
			assert.Equal(t, map[string]any{"event": 4., "channel": "orders", "message": 1., "count": 1., "text": "hello"}, e.Args)
		}
	}
}

func TestTraceShowsWaitsAtTheSameTimeInRowsOfTheirOwn(t *testing.T) {
	r := recording(
		observe.Event{Kind: observe.Blocked, Actor: 1, Channel: 10, Op: "recv"},
		observe.Event{Kind: observe.Blocked, Actor: 1, Channel: 11, Op: "recv"},
		observe.Event{Kind: observe.Resumed, Actor: 1, Channel: 10, Op: "recv", Text: "timeout"},
		observe.Event{Kind: observe.Resumed, Actor: 1, Channel: 11, Op: "recv"},
		observe.Event{Kind: observe.Blocked, Actor: 1, Channel: 10, Op: "send"},
	)
	assert.Equal(t, []string{
		"main X 0.000+2000.000 waits for orders",
		"main (more) X 1000.000+2000.000 waits for channel 11",
		"main X 4000.000+0.001 waits to send to orders",
	}, brief(trace(t, r, observe.Filter{})))
}

func TestTraceGoesToTheEndsOfWhatIsKnown(t *testing.T) {
	r := recording(
		observe.Event{Seq: 7, Kind: observe.Made, Actor: 1, Channel: 10},
		observe.Event{Seq: 9, Kind: observe.Resumed, Actor: 1, Channel: 10, Op: "recv"},
		observe.Event{Kind: observe.Panicked, Task: 2, Text: "oh"},
		observe.Event{Kind: observe.Blocked, Actor: 1, Channel: 10, Op: "recv"},
		// The receive was recorded before the send, with an earlier time.
		observe.Event{Kind: observe.Received, Actor: 1, Channel: 11, Message: 1},
		observe.Event{Kind: observe.Sent, Actor: 5, Channel: 11, Message: 1},
		observe.Event{Kind: observe.Sent, Actor: 5, Channel: 11, Message: 2},
	)
	r.Lost = 99
	assert.Equal(t, []string{
		"main X 0.000+1000.000 waits for orders",
		"worker X 0.000+2000.000 worker",
		"main i 0.000 orders: made",
		" i 0.000 6 events missing here",
		" i 1000.000 1 event missing here",
		"worker i 2000.000 panicked",
		"main X 3000.000+3000.000 waits for orders",
		"main X 5000.000+1.000 received channel 11",
		"task 5 X 5000.000+1.000 sent channel 11",
		"task 5 s 5000.000 channel 11 #1",
		"main f 5000.000 channel 11 #1",
		"task 5 X 6000.000+1.000 sent channel 11",
	}, brief(trace(t, r, observe.Filter{})))
	assert.Empty(t, brief(trace(t, observe.Recording{}, observe.Filter{})))
	require.ErrorIs(t, r.Trace(brokenPipe{}, observe.Filter{}), errBroken)
}
