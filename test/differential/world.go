package differential

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-go/handoff/future"
)

// world is where a program runs: the handles, futures and permits that it has made, by
// slot. It does what world.rs does.
type world struct {
	books    *books
	prompt   bool
	channels int
	settle   func() // waits until every goroutine sleeps
	tx       map[int]*slot[sender]
	rx       map[int]*slot[receiver]
	weak     map[int]weakSlot
	futures  map[int]*running
	permits  map[int]*held
	threads  map[int][]name
	lives    int
	kept     []any // forgotten futures, which the collector must not find
}

// name is a handle: which side, and its slot.
type name struct {
	side byte
	slot int
}

type slot[H any] struct {
	it      H
	channel int
	busy    int
}

type weakSlot struct {
	it      weak
	channel int
}

// home is where a sender that a permit has came from.
type home struct{ slot, channel int }

type running struct {
	pending
	borrows []name
	owned   sender // the sender that an owned reservation took along
	home    home
	life    int
	waker   int
	polled  bool
	wakers  map[int]*waker
}

type held struct {
	permit
	borrows []name
	owned   sender
	home    home
}

func newWorld(p Program, b *books, settle func()) *world {
	w := &world{
		books: b, prompt: p.Prompt, channels: len(p.Caps), settle: settle,
		tx: map[int]*slot[sender]{}, rx: map[int]*slot[receiver]{}, weak: map[int]weakSlot{},
		futures: map[int]*running{}, permits: map[int]*held{}, threads: map[int][]name{},
	}
	for i, c := range p.Caps {
		tx, rx := Pairs[p.Pair].open(b, c)
		w.tx[i] = &slot[sender]{it: tx, channel: i}
		w.rx[i] = &slot[receiver]{it: rx, channel: i}
	}
	return w
}

func (w *world) step(op string) Step {
	s := Step{Result: w.run(strings.Split(op, " ")), State: map[string]string{}}
	for {
		w.settle()
		done := take(w.books, &w.books.results)
		slices.SortFunc(done, func(a, b threadResult) int { return a.thread - b.thread })
		for _, r := range done {
			w.giveBack(w.threads[r.thread])
			delete(w.threads, r.thread)
			s.Completed = append(s.Completed, fmt.Sprintf("t%d=%s", r.thread, r.text))
		}
		if !w.follow(&s) {
			break
		}
	}
	s.Dropped = take(w.books, &w.books.discarded)
	w.ask(s.State)
	return s
}

// follow collects the wakes, and in a prompt program polls what was woken. It reports
// whether it polled.
func (w *world) follow(s *Step) bool {
	var queue []int
	for _, e := range take(w.books, &w.books.events) {
		f := w.futures[e.future]
		live := f != nil && f.life == e.life && f.polled && f.waker == e.waker
		stale := "~"
		if live {
			stale = ""
		}
		s.Wakes = append(s.Wakes, fmt.Sprintf("%sf%d/w%d", stale, e.future, e.waker))
		if live && !slices.Contains(queue, e.future) {
			queue = append(queue, e.future)
		}
	}
	if !w.prompt {
		return false
	}
	for _, i := range queue {
		if f := w.futures[i]; f != nil {
			if text := w.poll(i, f.waker); text != "pending" {
				s.Completed = append(s.Completed, fmt.Sprintf("f%d=%s", i, text))
			}
		}
	}
	return len(queue) > 0
}

func (w *world) ask(state map[string]string) {
	put := func(side byte, c int, answers string) {
		for a := range strings.FieldsSeq(answers) {
			key, value, _ := strings.Cut(a, "=")
			state[fmt.Sprintf("%c%d.%s", side, c, key)] = value
		}
	}
	for c := range w.channels {
		for _, i := range slices.Sorted(maps.Keys(w.tx)) {
			if w.tx[i].channel == c {
				put('s', c, w.tx[i].it.ask())
				break
			}
		}
		for _, i := range slices.Sorted(maps.Keys(w.rx)) {
			if w.rx[i].channel == c {
				put('r', c, w.rx[i].it.ask())
				break
			}
		}
	}
}

func (w *world) borrow(names ...name) []name {
	for _, n := range names {
		if n.side == 's' {
			w.tx[n.slot].busy++
		} else {
			w.rx[n.slot].busy++
		}
	}
	return names
}

func (w *world) giveBack(names []name) {
	for _, n := range names {
		if n.side == 's' {
			w.tx[n.slot].busy--
		} else {
			w.rx[n.slot].busy--
		}
	}
}

func number(words []string, i int) int {
	if i >= len(words) {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimLeft(words[i], "abcdefghijklmnopqrstuvwxyz"))
	if err != nil {
		panic(fmt.Sprintf("differential: %q in %q is no number", words[i], strings.Join(words, " ")))
	}
	return n
}

func (w *world) message(words []string, i int) message { return message{number(words, i), w.books} }

func (w *world) run(words []string) string {
	a := number(words, 1)
	switch side := words[1][0]; {
	case words[0] == "poll":
		if w.futures[a] == nil {
			return "none"
		}
		return w.poll(a, number(words, 2))
	case words[0] == "forget", words[0] == "drop" && side == 'f':
		return w.endFuture(a, words[0] == "forget")
	case words[0] == "drop" && side == 's':
		return dropHandle(w.tx, a)
	case words[0] == "drop" && side == 'r':
		return dropHandle(w.rx, a)
	case words[0] == "drop" && side == 'w':
		if _, ok := w.weak[a]; !ok {
			return "none"
		}
		delete(w.weak, a) // a weak handle needs no Drop
		return "done"
	case words[0] == "advance":
		time.Sleep(milliseconds(words, 1)) // on the clock of the bubble
		return "done"
	case words[0] == "up":
		return w.upgrade(a, number(words, 2))
	case words[0] == "permit":
		return w.usePermit(a, w.message(words, 2))
	case words[0] == "drop" && side == 'p':
		return w.dropPermit(a)
	case side == 's':
		return w.runSender(words, a)
	default:
		return w.runReceiver(words, a)
	}
}

func dropHandle[H interface{ drop() }](handles map[int]*slot[H], i int) string {
	s := handles[i]
	switch {
	case s == nil:
		return "none"
	case s.busy > 0:
		return "busy"
	}
	delete(handles, i)
	s.it.drop()
	return "done"
}

func (w *world) begin(i int, f pending, borrows []name, owned sender, from home) string {
	w.lives++
	w.futures[i] = &running{
		pending: f, borrows: borrows, owned: owned, home: from, life: w.lives, wakers: map[int]*waker{},
	}
	return "done"
}

func (w *world) poll(i, wakerName int) string {
	f := w.futures[i]
	f.waker, f.polled = wakerName, true
	if f.wakers[wakerName] == nil {
		f.wakers[wakerName] = &waker{w.books, wakeEvent{i, f.life, wakerName}}
	}
	o, ready := f.poll(future.NewContext(noContext, f.wakers[wakerName]))
	if !ready {
		return "pending"
	}
	delete(w.futures, i)
	f.drop() // which does nothing after completion
	return w.keep(i, o, f.borrows, f.owned, f.home)
}

// keep stores the permit of a result. Without one what it borrowed is free, and a sender
// that it took along goes.
func (w *world) keep(i int, o out, borrows []name, owned sender, from home) string {
	if o.permit != nil {
		w.permits[i] = &held{o.permit, borrows, owned, from}
		return o.text
	}
	w.giveBack(borrows)
	if owned != nil {
		owned.drop()
	}
	return o.text
}

func (w *world) endFuture(i int, forget bool) string {
	f := w.futures[i]
	if f == nil {
		return "none"
	}
	delete(w.futures, i)
	switch {
	case forget:
		w.kept = append(w.kept, f)
	default:
		f.drop()
		if f.owned != nil {
			f.owned.drop()
		}
	}
	w.giveBack(f.borrows)
	return "done"
}

func (w *world) usePermit(i int, m message) string {
	p := w.permits[i]
	if p == nil {
		return "none"
	}
	text := p.send(m)
	if p.left() == 0 && !strings.HasPrefix(text, "used") {
		w.freePermit(i)
	}
	return text
}

func (w *world) dropPermit(i int) string {
	if w.permits[i] == nil {
		return "none"
	}
	w.freePermit(i)
	return "done"
}

// freePermit ends a permit and puts a sender that it had where that came from, or drops it
// if that place is taken.
func (w *world) freePermit(i int) {
	p := w.permits[i]
	delete(w.permits, i)
	p.drop()
	w.giveBack(p.borrows)
	switch {
	case p.owned == nil:
	case w.tx[p.home.slot] != nil:
		p.owned.drop()
	default:
		w.tx[p.home.slot] = &slot[sender]{it: p.owned, channel: p.home.channel}
	}
}

func (w *world) upgrade(i, to int) string {
	from, ok := w.weak[i]
	if !ok {
		return "none"
	}
	tx, rx, ok := from.it.up()
	switch {
	case !ok:
		return "gone"
	case tx != nil && w.tx[to] == nil:
		w.tx[to] = &slot[sender]{it: tx, channel: from.channel}
	case rx != nil && w.rx[to] == nil:
		w.rx[to] = &slot[receiver]{it: rx, channel: from.channel}
	default:
		if tx != nil {
			tx.drop()
		} else {
			rx.drop()
		}
		return "busy"
	}
	return "done"
}
