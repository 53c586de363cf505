package leak

import "fmt"

// Leak is a handle that was collected and had not been dropped.
type Leak struct {
	Handle   string // its type without the message's, such as "async.Sender"
	Message  string // the type of the messages
	File     string // where it was made: the first caller that is not this library
	Line     int
	Function string

	Disconnected bool // its channel was disconnected
}

// Site is where the handle was made, as a compiler writes it.
func (l Leak) Site() string { return fmt.Sprintf("%s:%d", l.File, l.Line) }

func (l Leak) String() string {
	return fmt.Sprintf("%s[%s] made at %s by %s was garbage and had not been dropped", l.Handle, l.Message, l.Site(), l.Function)
}

func (r *Record) leak(disconnected bool) Leak {
	l := Leak{Handle: r.kind, Message: r.message.String(), Disconnected: disconnected}
	l.File, l.Line, l.Function = r.site.Frame()
	return l
}
