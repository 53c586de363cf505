package observe

import (
	"bufio"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Remote is a channel whose messages are elsewhere, such as those of package remote: what
// this process knows of it, and what the server has said last. See [Register].
type Remote struct {
	ID       uint64    `json:"id"`       // unique in the process, also among channels and actors
	Name     string    `json:"name"`     // by which other processes know it too
	Site     string    `json:"site"`     // file:line where this process opened it
	Where    string    `json:"where"`    // the server, without credentials
	Message  string    `json:"message"`  // the type of the messages
	Flavour  string    `json:"flavour"`  // "remote bounded", "remote unbounded", ...
	Capacity int       `json:"capacity"` // -1: unbounded
	Opened   time.Time `json:"opened"`   // when, by this process

	// Of this process, at the moment of the snapshot, since it opened the channel.
	WaitingSenders   int    `json:"waitingSenders"`   // messages that are to be sent and not stored
	WaitingReceivers int    `json:"waitingReceivers"` // receives that wait
	Sent             uint64 `json:"sent"`             // messages that the server has stored
	Received         uint64 `json:"received"`         // deliveries
	Repeated         uint64 `json:"repeated"`         // of these, those that were not the first of their message
	GivenUp          uint64 `json:"givenUp"`          // messages that went to the dead letters from here

	// Of all processes, as this one has heard.
	Senders   int    `json:"senders"`         // that have a lease
	Receivers int    `json:"receivers"`       // likewise
	Closed    bool   `json:"closed"`          // no more sends
	Cause     string `json:"cause,omitempty"` // why it is closed

	// Of all processes, as the server said at Known.
	Len         uint64    `json:"len"`            // stored and not acknowledged
	Lag         uint64    `json:"lag"`            // of these, never delivered so far
	Pending     uint64    `json:"pending"`        // of these, delivered and not acknowledged
	Redelivered uint64    `json:"redelivered"`    // of these, delivered more than once
	Dead        uint64    `json:"dead"`           // messages in the dead letters
	Known       time.Time `json:"known,omitzero"` // zero: not yet

	Err string `json:"err,omitempty"` // what is wrong now: no connection, no answer, no space
}

func (s *State) remoteTable(out *bufio.Writer) {
	t := table{out: out, head: "REMOTE\tNAME\tAT\tMESSAGE\tLEN\tLAG\tPENDING\tREDELIVERED\tDEAD\tSENDERS\tRECEIVERS\tSENT\tRECEIVED\tWAITING\tSTATE\tKNOWN\tOPENED AT"}
	defer t.end()
	for i := range s.Remote {
		r := &s.Remote[i]
		length := strconv.FormatUint(r.Len, 10)
		if r.Capacity >= 0 {
			length += "/" + strconv.Itoa(r.Capacity)
		}
		state := "open"
		switch {
		case r.Err != "":
			state = r.Err
		case r.Closed:
			state = strings.TrimSuffix("closed: "+r.Cause, ": ")
		}
		var waiting []string
		if r.WaitingSenders > 0 {
			waiting = append(waiting, fmt.Sprintf("%d send", r.WaitingSenders))
		}
		if r.WaitingReceivers > 0 {
			waiting = append(waiting, fmt.Sprintf("%d recv", r.WaitingReceivers))
		}
		t.row(r.ID, r.Name, r.Where, r.Message, length, r.Lag, r.Pending, r.Redelivered, r.Dead, r.Senders, r.Receivers,
			r.Sent, r.Received, strings.Join(waiting, ", "), state, s.ageOf(r), base(r.Site))
	}
}

// ageOf is how old what the server said is.
func (s *State) ageOf(r *Remote) string {
	if r.Known.IsZero() {
		return "not yet"
	}
	return fmt.Sprintf("%v ago", short(max(0, s.Taken.Sub(r.Known))))
}

func (r *Remote) warning(k WarningKind, format string, args ...any) Warning {
	return Warning{Kind: k, Text: "remote channel " + titleOf(r.ID, r.Name) + ": " + fmt.Sprintf(format, args...), Channel: r.ID}
}

func (s *State) ofRemote(r *Remote) (all []Warning) {
	if r.Err != "" {
		all = append(all, r.warning(RemoteError, "%s (known: %s)", plain(r.Err), s.ageOf(r)))
	}
	return all
}

// deadSpan is how long new dead letters are warned of.
const deadSpan = time.Minute

// remoteWatch is what a [Watch] remembers of a remote channel.
type remoteWatch struct {
	known bool // the server has said something
	lag   growth

	dead, deadBefore uint64
	deadSince        time.Time // when the first of those that are warned of came
	deadLast         time.Time

	sent  uint64
	stuck time.Time // since then sends wait and none was stored
}

// remote returns the warnings about remote channels that need several states.
func (w *Watch) remote(s *State) (all []Warning) {
	watches := make(map[uint64]*remoteWatch, len(s.Remote))
	for i := range s.Remote {
		r := &s.Remote[i]
		v := w.remotes[r.ID]
		if v == nil {
			v = &remoteWatch{sent: r.Sent}
		}
		watches[r.ID] = v
		all = append(all, v.blocked(s, r)...)
		if r.Known.IsZero() {
			continue // zeros that were not counted
		}
		if !v.known {
			v.known, v.dead, v.deadBefore = true, r.Dead, r.Dead
			v.lag.begin(s.Taken, number(r.Lag))
		}
		all = append(all, v.growing(s, r)...)
		all = append(all, v.died(s, r)...)
	}
	w.remotes = watches
	return all
}

func (v *remoteWatch) blocked(s *State, r *Remote) []Warning {
	if r.WaitingSenders == 0 || r.Sent != v.sent {
		v.stuck = time.Time{}
	} else if v.stuck.IsZero() {
		v.stuck = s.Taken
	}
	v.sent = r.Sent
	if age := s.Taken.Sub(v.stuck); !v.stuck.IsZero() && age > blockedLimit {
		return []Warning{r.warning(SenderBlocked, "%s, and nothing was stored for %v", plural(r.WaitingSenders, "a message waits to be sent", "%d messages wait to be sent"), short(age))}
	}
	return nil
}

func (v *remoteWatch) growing(s *State, r *Remote) []Warning {
	n := number(r.Lag)
	if n < v.lag.last || n == 0 {
		v.lag.begin(s.Taken, n)
	}
	v.lag.look(s.Taken, n)
	if v.lag.growing {
		return []Warning{r.warning(Growing, "its lag only grew for %v, from %d to %d messages", short(s.Taken.Sub(v.lag.begun)), v.lag.least, n)}
	}
	return nil
}

func (v *remoteWatch) died(s *State, r *Remote) []Warning {
	if s.Taken.Sub(v.deadLast) > deadSpan {
		v.deadBefore = v.dead
	}
	if r.Dead > v.dead {
		if v.deadBefore == v.dead {
			v.deadSince = s.Taken
		}
		v.deadLast = s.Taken
	}
	v.dead, v.deadBefore = r.Dead, min(v.deadBefore, r.Dead)
	if more := v.dead - v.deadBefore; more > 0 {
		return []Warning{r.warning(DeadLetters, "%s in the last %v, and %d are there", plural(number(more), "a message was given up", "%d messages were given up"),
			short(max(time.Second, s.Taken.Sub(v.deadSince))), v.dead)}
	}
	return nil
}

func number(n uint64) int { return int(min(n, math.MaxInt)) }
