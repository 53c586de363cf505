package linearizability

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// form is how an operation waits.
type form uint8

const (
	bare   form = iota // without a context
	cancel             // with a context that another client may cancel
	ended              // with one that has ended
	timed              // with a timeout
	polled             // as a future, polled and perhaps dropped
	tasked             // as a polled task
)

var formNames = [...]string{"", "context", "ended", "timeout", "polled", "task"}

// op is an operation of a program.
type op struct {
	kind    Kind
	cancels bool // not an operation of the channel: cancels what client room is at
	form    form
	spare   bool // through the handle that the client has cloned
	vals    []uint8
	room    int
	cause   uint8
	jitter  int // how long to wait before
	hold    int // of polled: after how many further operations it is finished
	again   int // of polled: polls before it is dropped
}

func (o op) String() string {
	if o.cancels {
		return fmt.Sprintf("cancel client %d", o.room)
	}
	return fmt.Sprintf("%v/%s spare=%v %v room=%d hold=%d again=%d", o.kind, formNames[o.form], o.spare, o.vals, o.room, o.hold, o.again)
}

// program is what the clients do, one after the other each, all at the same time.
type program struct {
	clients [][]op
	shared  bool // clients 0 and 1 use the same first handles
	task    int  // with tasks: the first client that is one, and then every other
}

// tasked reports whether a client is a task, where there are tasks.
func (p *program) tasked(client int) bool { return client%2 == p.task }

func (p *program) String() string {
	var b strings.Builder
	for i, ops := range p.clients {
		fmt.Fprintf(&b, "  client %d:\n", i)
		for _, o := range ops {
			fmt.Fprintf(&b, "    %v\n", o)
		}
	}
	fmt.Fprintf(&b, "  clients 0 and 1 share handles: %v; with tasks, client %d is the first\n", p.shared, p.task)
	return b.String()
}

// generator makes programs.
type generator struct {
	*rand.Rand
	f     Features
	next  uint8
	asks  bool // Len rather than ForceSend: see the package comment
	holds int  // permits of the client that may be open
	n     int  // clients
}

// generate returns the program of a seed. It depends on nothing else.
func generate(seed uint64, f Features) *program {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), f: f}
	g.n = 2 + g.IntN(3)
	g.asks = g.IntN(2) == 0
	p := &program{shared: g.IntN(4) == 0}
	for i := range g.n {
		g.holds = 0
		ops := make([]op, 3+g.IntN(4))
		for j := range ops {
			var also bool
			if j > 0 {
				ops[j], also = g.overtakes(i, ops[j-1])
			}
			if !also {
				ops[j] = g.op(i)
			}
		}
		p.clients = append(p.clients, ops)
	}
	p.task = g.IntN(2)
	return p
}

func (g *generator) op(client int) op {
	o := op{jitter: g.IntN(30), spare: g.IntN(3) == 0}
	if g.IntN(3) == 0 {
		o.jitter = 0
	}
	receives := g.f.Async || client == 0
	switch n := g.IntN(100); {
	case n < 3:
		o.kind = DropTx
	case n < 5:
		o.kind = CloneTx
	case n < 6:
		o.kind = DropRx
	case n < 7 && g.f.Async:
		o.kind = CloneRx
	case n < 9 && g.f.Async:
		o.kind, o.cause = Close, uint8(g.IntN(3))
	case n < 17:
		g.cancel(&o, client)
	case n < 23:
		if o.kind = Len; !g.asks && g.f.Async && g.f.Capacity != 0 {
			o.kind = ForceSend
		}
	case n < 38 && g.f.Async && g.f.Capacity != 0:
		g.reservation(&o)
	case n < 70 && receives || client == 0 && !g.f.Async && n < 85:
		g.receive(&o)
	default:
		g.send(&o)
	}
	if o.kind == ForceSend || o.kind == PermitSend {
		o.vals = g.messages(1)
	}
	return o
}

// cancel ends the context of another client, which with one receiver is mostly that of
// this one: nothing else can be given up on an unbounded channel.
func (g *generator) cancel(o *op, client int) {
	o.cancels, o.room = true, g.IntN(g.n)
	if !g.f.Async && client != 0 && g.IntN(4) > 0 {
		o.room = 0
	}
}

// overtakes returns what cancels the other side right after an operation of the one
// receiver's channel, if that is to be: so a message is on its way to or from a call that
// ends, which a cancel at any moment meets much too rarely.
func (g *generator) overtakes(client int, last op) (o op, ok bool) {
	switch {
	case g.f.Async || last.cancels || g.IntN(3) > 0:
		return op{}, false
	case client != 0 && last.vals != nil:
		return op{cancels: true}, true
	case client == 0 && last.kind.throughRx() && g.f.TrySends:
		return op{cancels: true, room: 1 + g.IntN(g.n-1)}, true
	}
	return op{}, false
}

func (g *generator) messages(n int) []uint8 {
	vs := make([]uint8, n)
	for i := range vs {
		g.next++
		vs[i] = g.next
	}
	return vs
}

func (g *generator) reservation(o *op) {
	if g.holds > 0 && g.IntN(3) > 0 {
		o.kind = PermitSend
		if g.IntN(3) == 0 {
			o.kind = PermitDrop
		}
		return
	}
	g.holds++
	o.kind, o.room = TryReserve, 1
	if g.f.Capacity != 1 {
		o.room += g.IntN(2)
	}
	if g.IntN(4) > 0 {
		o.kind = Reserve
		g.waits(o)
		if o.form == timed || o.form == bare {
			o.form = cancel
		}
	}
}

func (g *generator) send(o *op) {
	if g.next > maxMessages-8 {
		g.receive(o)
		return
	}
	o.kind = []Kind{Send, Send, Send, TrySend, SendMany}[g.IntN(5)]
	if o.kind == TrySend && !g.f.TrySends {
		o.kind = Send
	}
	n := 1
	if o.kind == SendMany {
		n = 2 + g.IntN(2)
	}
	o.vals = g.messages(n)
	if o.kind != TrySend {
		g.waits(o)
	}
	if o.kind == SendMany && o.form == timed {
		o.form = cancel
	}
}

func (g *generator) receive(o *op) {
	if !g.f.Async {
		o.spare = false
	}
	o.kind = []Kind{Recv, Recv, Recv, TryRecv, TryRecv, RecvMany, TryRecvMany}[g.IntN(7)]
	if !g.f.Async && o.kind == TryRecv && g.IntN(2) == 0 {
		o.kind = RecvMany
	}
	if o.kind == RecvMany || o.kind == TryRecvMany {
		o.room = 2 + g.IntN(2)
	}
	if o.kind == Recv || o.kind == RecvMany {
		g.waits(o)
		if !g.f.Async && o.form == bare && g.IntN(2) == 0 {
			o.form = cancel // a bare one ends nothing but with the channel
		}
		if g.f.Tasks && g.f.Async && o.kind == Recv && g.IntN(3) == 0 {
			o.form = tasked
		}
	}
	if o.kind == RecvMany && o.form == timed {
		o.form = cancel
	}
}

// waits chooses how an operation waits.
func (g *generator) waits(o *op) {
	o.form = []form{bare, bare, cancel, cancel, cancel, ended, timed}[g.IntN(7)]
	if g.f.Async && g.IntN(3) == 0 {
		o.form, o.hold, o.again = polled, g.IntN(3), g.IntN(2)
	}
	if !g.f.TrySends && (o.kind == Send || o.kind == SendMany) {
		o.form = bare
	}
}
