package observe

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// maxName is how much of a name a table shows.
const maxName = 60

// plain is text from a program in a form that does nothing to a terminal and stays in its
// line: what cannot be printed is escaped as in a Go string, and what is too long is cut.
func plain(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > maxName {
			b.WriteString("...")
			break
		}
		if unicode.IsPrint(r) && r != '"' && r != '\\' {
			b.WriteRune(r)
		} else {
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		}
	}
	return b.String()
}

// titleOf is how texts call a channel or a task.
func titleOf(id uint64, name string) string {
	if name == "" {
		return fmt.Sprintf("#%d", id)
	}
	return fmt.Sprintf(`"%s" #%d`, plain(name), id)
}

// names has the names of the actors and channels of a state.
type names struct {
	actors   map[uint64]*Actor
	channels map[uint64]string
}

func (s *State) names() *names {
	n := &names{make(map[uint64]*Actor, len(s.Actors)), make(map[uint64]string, len(s.Channels))}
	for i := range s.Actors {
		n.actors[s.Actors[i].ID] = &s.Actors[i]
	}
	for i := range s.Channels {
		n.channels[s.Channels[i].ID] = s.Channels[i].Name
	}
	return n
}

// of is how texts call an actor.
func (n *names) of(id uint64) string {
	a := n.actors[id]
	switch {
	case id == 0:
		return "an unknown actor"
	case a == nil:
		return fmt.Sprintf("#%d", id)
	case a.Task:
		return "task " + titleOf(id, a.Name)
	case a.Name != "":
		return fmt.Sprintf(`"%s" (goroutine %d)`, plain(a.Name), a.Goroutine)
	default:
		return fmt.Sprintf("goroutine %d", a.Goroutine)
	}
}

// what names the operation that an actor waits in.
func (n *names) what(op string, channel, task uint64) string {
	switch {
	case channel != 0:
		return op + " on " + titleOf(channel, n.channels[channel])
	case task != 0:
		return op + " of " + n.of(task)
	default:
		return op
	}
}
