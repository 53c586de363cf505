package task

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"
	"unsafe"
)

// sighting is the line of a task in Dump.
type sighting struct {
	Info

	age  time.Duration
	site string
	on   string
}

// Dump writes the counts of rt and a line for each task that has not ended, in the
// order in which they were spawned: number, name, the task that spawned it, state, age,
// the type of the future it awaits, and where it was spawned. Without a name and without
// [WithSpawnSites] that place is not known: the line of a function task shows where the
// function is declared, and that of a polled task shows no place.
//
//	task runtime orders: 1 of 4 workers run, 0 lent, 0 ready, 1 waiting, 0 of 500 blocking, 0 queued
//	task 7 "reader" of 3: waiting for future.after, 20ms old, from /src/orders/read.go:12
//
// It reads all tasks under the runtime's lock, which delays every other operation of the
// runtime, and writes after it has released the lock. It returns the error of w. The form may
// change.
func (rt *Runtime) Dump(w io.Writer) error {
	tasks, s := rt.sightings()
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, rt.line(s))
	for _, t := range tasks {
		fmt.Fprintf(out, "task %d", t.ID)
		if t.Name != "" {
			fmt.Fprintf(out, " %q", t.Name)
		}
		if t.Parent != 0 {
			fmt.Fprintf(out, " of %d", t.Parent)
		}
		fmt.Fprintf(out, ": %v", t.State)
		if t.on != "" {
			fmt.Fprintf(out, " for %s", t.on)
		}
		fmt.Fprintf(out, ", %v old", t.age.Round(time.Millisecond))
		if t.site != "" {
			fmt.Fprintf(out, ", from %s", t.site)
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

// String returns the name and the counts of rt, as the first line of Dump.
func (rt *Runtime) String() string { return rt.line(rt.Stats()) }

func (rt *Runtime) line(s Stats) string {
	name := "task runtime"
	if rt.name != "" {
		name += " " + rt.name
	}
	return fmt.Sprintf("%s: %d of %d workers run, %d lent, %d ready, %d waiting, %d of %d blocking, %d queued",
		name, s.Running, s.Workers, s.Lent, s.Ready, s.Waiting, s.BlockingRunning, s.BlockingLimit, s.BlockingQueued)
}

// sightings returns the live tasks and the counts, read under one lock.
func (rt *Runtime) sightings() ([]sighting, Stats) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	var all []sighting
	now := time.Since(rt.begun)
	for t := range rt.tasks() {
		s := sighting{Info: t.info(), age: now - t.born.duration()}
		if s.State == Done {
			continue
		}
		side := t.side.Load()
		switch {
		case side != nil && side.site[0] != 0:
			s.site = caller(side.site[:])
		case t.kind != polled && t.code != 0:
			if f := runtime.FuncForPC(t.code); f != nil {
				file, line := f.FileLine(t.code)
				s.site = fmt.Sprintf("%s:%d", file, line)
			}
		}
		if s.State == Waiting {
			switch {
			case side != nil && side.on != nil:
				s.on = typeName(reflect.TypeOf(side.on))
			case t.kind == polled:
				s.on = typeName(typeOf(t.code))
			}
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b sighting) int { return cmp.Compare(a.ID, b.ID) })
	// A stolen task is in two lanes.
	all = slices.CompactFunc(all, func(a, b sighting) bool { return a.ID == b.ID })
	return all, rt.statsLocked()
}

// tasks yields the tasks in the tree, and the polled tasks that are not in it: they are in the
// run queue or in a lane. Under rt.mu.
func (rt *Runtime) tasks() iter.Seq[*core] {
	return func(yield func(*core) bool) {
		for t := &rt.root; t != nil; t = t.after(&rt.root) {
			if t.kind < root && !yield(t) {
				return
			}
		}
		outside := func(t *core) bool { return t != nil && !t.has(inTree|over|done) }
		for t := range rt.ready.all() {
			if outside(t) && !yield(t) {
				return
			}
		}
		for _, l := range rt.lanes.all {
			for _, t := range l.tasks {
				if outside(t) && !yield(t) {
					return
				}
			}
		}
	}
}

// caller is the first caller that is not of this package.
func caller(pcs []uintptr) string {
	for frames := runtime.CallersFrames(pcs); ; {
		frame, more := frames.Next()
		if !more || !strings.HasPrefix(frame.Function, self) {
			return fmt.Sprintf("%s:%d", frame.File, frame.Line)
		}
	}
}

// self begins the names of the functions of this package.
var self = reflect.TypeFor[core]().PkgPath() + "."

// typeName returns the type of a future without the path of its package. The String method of
// the future is not called: it is user code, and its text may be long.
func typeName(t reflect.Type) string {
	if t == nil {
		return "nothing"
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.String()
}

// codeOf returns the type of v in one word. Types are never freed. A reflect.Type would be two
// words in each task.
func codeOf(v any) uintptr { return (*[2]uintptr)(unsafe.Pointer(&v))[0] }

// typeOf returns the type that codeOf has put into a word.
func typeOf(code uintptr) reflect.Type {
	var v any
	(*[2]uintptr)(unsafe.Pointer(&v))[0] = code
	return reflect.TypeOf(v)
}
