// Package observe shows what the channels and tasks of a program do: names and counts,
// what waits for what and since when, and diagrams of what happened in a run.
//
// Recording is off by default. Once enabled, it covers what is created from then on:
//
//	stop := observe.Enable(observe.Options{})
//	defer stop()
//	...
//	observe.Snapshot().WriteTable(os.Stderr)
//
// A [State] is a struct that goes into JSON, with a table for people. [State.Warnings]
// says what looks wrong in it, [State.Cycles] finds deadlocks, and [Watch] compares it to
// those before. With room for events in [Options] there is also a record of each
// operation: see [Events] and [Recording].
//
// # What it costs
//
// While it is off, a channel or a task costs the question whether it is on when it is
// made, and each operation that of whether the channel or the task is observed: a look at
// a pointer.
//
// With counts only, each channel, handle and task has a record and takes a stack trace
// when it is made. A message costs a few additions. A wait, and each poll or run of a
// task, reads the clock twice and finds out on which goroutine it is.
//
// With events, each operation does so, and takes one lock that is shared by the whole
// program. That is for development, tests, and a look at a program in trouble.
//
// Finding the current goroutine takes some nanoseconds on amd64 and arm64, and elsewhere
// microseconds, because there it is read from a traceback.
//
// Nothing that is observed is kept in use: records are found by weak pointers. The
// benchmarks show what a level costs on your machine:
//
//	go test -run '^$' -bench Observed ./observe
package observe
