package observe

import "fmt"

// ownHandles warns of actors that wait for a message or for room while they alone seem to hold
// the handles of the other side. It may be wrong: a handle that was passed on to an actor
// that has not used it yet looks the same. Actors of a reported deadlock are left out.
func (s *State) ownHandles(deadlocks []Cycle) (all []Warning) {
	stuck := make(map[uint64]bool)
	for _, c := range deadlocks {
		for _, a := range c.Actors {
			stuck[a] = true
		}
	}
	var names *names
	for i := range s.Channels {
		c := &s.Channels[i]
		if c.SenderHolder == nil && c.ReceiverHolder == nil {
			continue
		}
		for _, w := range c.Waiting {
			h, limit, text := c.SenderHolder, ownSender, "made every sender that is left, one of them at %[3]s, and perhaps has not dropped it"
			if w.Op != "recv" {
				h, limit, text = c.ReceiverHolder, ownReceiver, "made every receiver, one of them at %[3]s, and perhaps sends to itself"
			}
			if h == nil || w.Actor != h.Actor || w.Op == "close" || w.For < limit || stuck[w.Actor] || s.mayEnd(w) {
				continue
			}
			if names == nil {
				names = s.names()
			}
			text = fmt.Sprintf("%[1]s waits in a %[2]s and "+text+": the wait never ends if no other goroutine has one", names.of(w.Actor), w.Op, plain(base(h.Site)))
			all = append(all, Warning{Kind: OwnHandle, Channel: c.ID, Actors: []uint64{w.Actor}, Text: "channel " + titleOf(c.ID, c.Name) + ": " + text})
			break
		}
	}
	return all
}

// mayEnd reports whether the wait w on a channel may end for another reason: a timeout, or a
// second wait of the same task or goroutine. A polled wait of a goroutine counts as such,
// because the other futures that it polls are not known.
func (s *State) mayEnd(w Waiting) bool {
	if w.What != "" || w.Since.After(s.Taken) {
		return true
	}
	for i := range s.Tasks {
		if s.Tasks[i].ID == w.Actor {
			return s.Tasks[i].mayGoOn(s.Taken)
		}
	}
	return w.Polled
}
