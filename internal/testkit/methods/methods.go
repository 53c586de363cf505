// Package methods calls every exported method of a value, for tests that ask what all of
// them do with a handle in some state. A list of the methods would be out of date with
// the next one that is added; this one cannot be.
package methods

import (
	"fmt"
	"reflect"
)

// Call is what one method did.
type Call struct {
	Name    string
	Panic   any     // what it panicked with, or nil
	Errs    []error // what it returned as errors, nil ones left out
	Yielded int     // how often an iterator that it returned called its loop
}

// All calls each method of v. A parameter is taken from args, by its type; an int that
// is not among them is 1. A result that has an Await is awaited, and an iterator is run,
// as part of the call.
func All(v any, args ...any) []Call {
	value := reflect.ValueOf(v)
	var calls []Call
	for i := range value.NumMethod() {
		call := Call{Name: value.Type().Method(i).Name}
		call.run(value.Method(i), args)
		calls = append(calls, call)
	}
	return calls
}

func (c *Call) run(method reflect.Value, args []any) {
	in := make([]reflect.Value, method.Type().NumIn())
	for i := range in {
		in[i] = argument(c.Name, method.Type().In(i), args)
	}
	defer func() {
		if v := recover(); v != nil {
			c.Panic = v
		}
	}()
	for _, out := range method.Call(in) {
		c.follow(out, args)
	}
}

// follow looks at a result, and at what that leads to.
func (c *Call) follow(out reflect.Value, args []any) {
	if out.Kind() == reflect.Func {
		if !out.IsNil() {
			c.loop(out)
		}
		return
	}
	if err, ok := reflect.TypeAssert[error](out); ok {
		c.Errs = append(c.Errs, err)
		return
	}
	if out.Kind() != reflect.Pointer && out.Kind() != reflect.Interface || out.IsNil() {
		return
	}
	if await := out.MethodByName("Await"); await.IsValid() {
		for _, out := range await.Call([]reflect.Value{argument("Await", await.Type().In(0), args)}) {
			c.follow(out, args)
		}
	}
}

// loop runs the iterator seq until its first element.
func (c *Call) loop(seq reflect.Value) {
	yield := reflect.MakeFunc(seq.Type().In(0), func([]reflect.Value) []reflect.Value {
		c.Yielded++
		return []reflect.Value{reflect.ValueOf(false)}
	})
	seq.Call([]reflect.Value{yield})
}

func argument(method string, t reflect.Type, args []any) reflect.Value {
	for _, arg := range args {
		if v := reflect.ValueOf(arg); v.Type().AssignableTo(t) {
			return v
		}
	}
	if t.Kind() == reflect.Int {
		return reflect.ValueOf(1)
	}
	panic(fmt.Sprintf("methods: nothing to pass to %s as %v", method, t))
}
