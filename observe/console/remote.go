package console

import (
	"time"

	"github.com/handoff-go/handoff/observe"
)

// staleAfter is how old what a server said has to be for the page to say so. Below that
// the age is not sent: it would make every row of every frame a different one.
const staleAfter = 5 * time.Second

// remoteRows encodes the rows of the channels that are elsewhere, as [columns] says.
func remoteRows(s *observe.State) table {
	return tableOf(s.Remote, func(r *observe.Remote) row {
		var stale time.Time
		if s.Taken.Sub(r.Known) > staleAfter {
			stale = r.Known
		}
		return row{
			id: r.ID,
			made: array(nil).uint(r.ID).text(r.Name).text(r.Site).text(r.Message).text(r.Flavour).
				int(r.Capacity).time(r.Opened).end(),
			now: array(nil).uint(r.ID).text(r.Where).uint(r.Len).uint(r.Lag).uint(r.Pending).uint(r.Redelivered).
				uint(r.Dead).int(r.Senders).int(r.Receivers).uint(r.Sent).uint(r.Received).int(r.WaitingSenders).
				int(r.WaitingReceivers).bool(r.Closed).text(r.Cause).text(r.Err).bool(!r.Known.IsZero()).time(stale).end(),
		}
	})
}
