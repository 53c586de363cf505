package observe

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// WriteTable writes s as text for people: the channels, the tasks, the wait-for
// edges, and the warnings, each in aligned columns. What a program has put into a name is
// escaped, so that it cannot move a terminal's cursor or break a line, and cut where it is
// long. The error is the writer's. The form may change; programs read the JSON.
func (s *State) WriteTable(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "level %s: %d channels, %d tasks, %d events, %d of them lost\n", s.Level, len(s.Channels), len(s.Tasks), s.Events, s.Lost)
	s.channelTable(out)
	s.remoteTable(out)
	s.taskTable(out)
	s.waitTable(out)
	if warnings := s.Warnings(); len(warnings) > 0 {
		fmt.Fprintf(out, "\nWARNINGS\n")
		for _, w := range warnings {
			fmt.Fprintf(out, "%s: %s\n", w.Kind, w.Text)
		}
	}
	return out.Flush()
}

// table writes rows of cells below a head, unless there are none.
type table struct {
	out  *bufio.Writer
	tabs *tabwriter.Writer
	head string
}

// row writes cells of any text.
func (t *table) row(cells ...any) {
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = plain(fmt.Sprint(c))
	}
	t.line(texts...)
}

// line writes cells that are plain.
func (t *table) line(cells ...string) {
	if t.tabs == nil {
		fmt.Fprintln(t.out)
		t.tabs = tabwriter.NewWriter(t.out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(t.tabs, t.head)
	}
	for i, c := range cells {
		if c == "" {
			cells[i] = "-"
		}
	}
	fmt.Fprintln(t.tabs, strings.Join(cells, "\t"))
}

func (t *table) end() {
	if t.tabs != nil {
		t.tabs.Flush() //nolint:errcheck // the bufio.Writer below keeps the error
	}
}

func (s *State) channelTable(out *bufio.Writer) {
	t := table{out: out, head: "CHANNEL\tNAME\tFLAVOUR\tMESSAGE\tLEN\tMOST\tSENDERS\tRECEIVERS\tSENT\tRECEIVED\tFULL\tWAITING\tSTATE\tMADE AT"}
	defer t.end()
	for i := range s.Channels {
		c := &s.Channels[i]
		length := strconv.Itoa(c.Len)
		if c.Capacity >= 0 {
			length += "/" + strconv.Itoa(c.Capacity)
		}
		state := "open"
		if c.Closed {
			state = strings.TrimSuffix("closed: "+c.Cause, ": ")
		}
		t.row(c.ID, c.Name, c.Flavour, c.Message, length, c.HighWater, c.Senders, c.Receivers, c.Sent, c.Received, c.TimesFull, waitingIn(c.Waiting), state, base(c.Site))
	}
}

// waitingIn counts the waits by operation, such as "2 send, 1 recv".
func waitingIn(all []Waiting) string {
	var ops []string
	counts := make(map[string]int)
	for _, w := range all {
		if counts[w.Op]++; counts[w.Op] == 1 {
			ops = append(ops, w.Op)
		}
	}
	for i, op := range ops {
		ops[i] = fmt.Sprintf("%d %s", counts[op], op)
	}
	return strings.Join(ops, ", ")
}

func (s *State) taskTable(out *bufio.Writer) {
	t := table{out: out, head: "TASK\tNAME\tPARENT\tKIND\tSTATE\tFOR\tQUEUED\tRUN\tPOLLS\tLONGEST\tEND\tSPAWNED AT"}
	defer t.end()
	for i := range s.Tasks {
		k := &s.Tasks[i]
		parent, end := "", k.Err
		if k.Parent != 0 {
			parent = strconv.FormatUint(k.Parent, 10)
		}
		if k.Panic != "" {
			end = "panic: " + k.Panic
		}
		t.row(k.ID, k.Name, parent, k.Kind, k.State, short(max(0, s.Taken.Sub(k.Since))), short(k.QueueWait), short(k.RunTime), k.Polls, short(k.LongestPoll), end, base(k.Site))
	}
}

func (s *State) waitTable(out *bufio.Writer) {
	t := table{out: out, head: "WHO\tWAITS IN\tFOR\tTHAT IS FOR"}
	defer t.end()
	names := s.names()
	for _, w := range s.waits() {
		since := ""
		if w.For > 0 {
			since = short(w.For).String()
		}
		var whom []string
		for i, to := range w.wakers {
			if i == maxTold {
				whom = append(whom, fmt.Sprintf("%d more", len(w.wakers)-i))
				break
			}
			whom = append(whom, names.of(to))
		}
		what := w.Op
		if w.What != "" {
			what = plain(w.What)
		}
		t.line(names.of(w.Actor), names.what(what, w.Channel, w.Task), since, strings.Join(whom, ", "))
	}
}

// base is a site without the directories, which a table has no room for.
func base(site string) string {
	return site[strings.LastIndexAny(site, `/\`)+1:]
}
