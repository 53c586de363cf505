package differential

import (
	"fmt"
	"strings"
	"time"
)

// runSender runs an operation on the sender in slot a.
func (w *world) runSender(words []string, a int) string {
	s := w.tx[a]
	if s == nil {
		return "none"
	}
	tx, b := s.it, number(words, 2)
	if s.busy > 0 && tx.once() {
		return "busy"
	}
	switch words[0] {
	case "clone":
		if w.tx[b] != nil {
			return "busy"
		}
		w.tx[b] = &slot[sender]{it: tx.dup(), channel: s.channel}
		return "done"
	case "down":
		return w.downgrade(b, tx.down(), s.channel)
	case "same":
		if w.tx[b] == nil {
			return "none"
		}
		return tx.same(w.tx[b].it)
	case "close":
		return tx.close()
	case "trysend":
		text := tx.trySend(w.message(words, 2))
		if tx.once() {
			delete(w.tx, a)
		}
		return text
	case "force":
		return tx.force(w.message(words, 2))
	case "sendnow":
		return tx.sendFor(w.message(words, 2), 0)
	case "tsend":
		return w.start(b, func() string { return tx.sendBlocking(w.message(words, 3)) }, name{'s', a})
	case "tsendfar":
		return w.start(b, func() string { return tx.sendFor(w.message(words, 3), far) }, name{'s', a})
	case "tclosed":
		return w.start(b, tx.closedBlocking, name{'s', a})
	case "selectsend", "tselectsend":
		return w.selectSend(words, a, b)
	}
	if strings.HasPrefix(words[0], "try") {
		return w.tryReserve(words, a, b, s)
	}
	if w.futures[b] != nil || w.permits[b] != nil {
		return "busy"
	}
	from := home{a, s.channel}
	var f pending
	switch words[0] {
	case "send":
		f = tx.send(w.message(words, 3))
	case "reserve":
		f = tx.reserve()
	case "reservemany":
		f = tx.reserveMany(number(words, 3))
	case "sendfor":
		f = tx.sendWithin(w.message(words, 3), milliseconds(words, 4))
	case "closed":
		f = tx.closed()
	case "reserveowned":
		if s.busy > 0 {
			return "busy"
		}
		delete(w.tx, a)
		return w.begin(b, tx.reserve(), nil, tx, from)
	default:
		panic(fmt.Sprintf("differential: unknown operation %q", words))
	}
	return w.begin(b, f, w.borrow(name{'s', a}), nil, from)
}

// selectSend waits until a message is sent or another one received.
func (w *world) selectSend(words []string, a, b int) string {
	i := number(words, 3)
	tx, r := w.tx[a].it, w.rx[b]
	switch {
	case r == nil:
		return "none"
	case r.busy > 0 && r.it.exclusive():
		return "busy"
	}
	both, m := []name{{'s', a}, {'r', b}}, w.message(words, 4)
	switch {
	case words[0] == "tselectsend":
		return w.start(i, func() string { return tx.selectSendBlocking(m, r.it) }, both...)
	case w.futures[i] != nil || w.permits[i] != nil:
		return "busy"
	}
	return w.begin(i, tx.selectSend(m, r.it), w.borrow(both...), nil, home{})
}

func (w *world) tryReserve(words []string, a, b int, s *slot[sender]) string {
	if w.permits[b] != nil || w.futures[b] != nil {
		return "busy"
	}
	from := home{a, s.channel}
	switch words[0] {
	case "tryreserve":
		return w.keep(b, s.it.tryReserve(), w.borrow(name{'s', a}), nil, from)
	case "tryreservemany":
		return w.keep(b, s.it.tryReserveMany(number(words, 3)), w.borrow(name{'s', a}), nil, from)
	case "tryreserveowned":
		if s.busy > 0 {
			return "busy"
		}
		o := s.it.tryReserve()
		if o.permit == nil {
			return o.text // and the sender stays
		}
		delete(w.tx, a)
		return w.keep(b, o, nil, s.it, from)
	}
	panic(fmt.Sprintf("differential: unknown operation %q", words))
}

// runReceiver runs an operation on the receiver in slot a.
func (w *world) runReceiver(words []string, a int) string {
	r := w.rx[a]
	if r == nil {
		return "none"
	}
	rx, b := r.it, number(words, 2)
	if r.busy > 0 && rx.exclusive() {
		return "busy"
	}
	switch words[0] {
	case "clone":
		if w.rx[b] != nil {
			return "busy"
		}
		w.rx[b] = &slot[receiver]{it: rx.dup(), channel: r.channel}
		return "done"
	case "down":
		return w.downgrade(b, rx.down(), r.channel)
	case "same":
		if w.rx[b] == nil {
			return "none"
		}
		return rx.same(w.rx[b].it)
	case "close":
		return rx.close()
	case "tryrecv":
		return rx.tryRecv()
	case "recvnow":
		return rx.recvFor(0)
	case "drain":
		return rx.drain()
	case "trecv":
		return w.start(b, rx.recvBlocking, name{'r', a})
	case "trecvfar":
		return w.start(b, func() string { return rx.recvFor(far) }, name{'r', a})
	case "select", "tselect":
		return w.selectTwo(words, a, b)
	}
	if w.futures[b] != nil || w.permits[b] != nil {
		return "busy"
	}
	var f pending
	switch words[0] {
	case "recv":
		f = rx.recv()
	case "recvfor":
		f = rx.recvWithin(milliseconds(words, 3))
	case "recvmany":
		f = rx.recvMany(number(words, 3))
	default:
		panic(fmt.Sprintf("differential: unknown operation %q", words))
	}
	return w.begin(b, f, w.borrow(name{'r', a}), nil, home{})
}

// selectTwo waits for the first of two receivers. In odd slots it is a race of receives.
func (w *world) selectTwo(words []string, a, b int) string {
	i := number(words, 3)
	rx, other := w.rx[a].it, w.rx[b]
	if other == nil {
		return "none"
	}
	if a == b || other.busy > 0 && rx.exclusive() {
		return "busy"
	}
	both := []name{{'r', a}, {'r', b}}
	if words[0] == "tselect" {
		return w.start(i, func() string { return rx.selectBlocking(other.it) }, both...)
	}
	if w.futures[i] != nil || w.permits[i] != nil {
		return "busy"
	}
	if racer, ok := rx.(interface{ raceBiased(receiver) pending }); ok && i%2 == 1 {
		return w.begin(i, racer.raceBiased(other.it), w.borrow(both...), nil, home{})
	}
	return w.begin(i, rx.selectBiased(other.it), w.borrow(both...), nil, home{})
}

func (w *world) downgrade(to int, it weak, channel int) string {
	if _, ok := w.weak[to]; ok {
		return "busy"
	}
	w.weak[to] = weakSlot{it, channel}
	return "done"
}

func milliseconds(words []string, i int) time.Duration {
	return time.Duration(number(words, i)) * time.Millisecond
}

// start runs a call on goroutine i.
func (w *world) start(i int, call func() string, borrows ...name) string {
	if w.threads[i] != nil {
		return "busy"
	}
	w.threads[i] = w.borrow(borrows...)
	go func() { w.books.finish(threadResult{i, call()}) }()
	return "started"
}
