// Package console is a live page about the channels and tasks of a running program: what
// waits for what and since when, deadlocks, warnings, rates, and a sequence diagram of
// what happened last. A program switches recording on and mounts it:
//
//	defer observe.Enable(observe.Options{Events: 10_000})()
//	http.Handle("/debug/handoff/", console.Handler())
//
// It works under any path that ends in a slash, behind [http.StripPrefix] or not. Nothing
// happens while no page is open: there is one snapshot in an interval however many pages
// are open, and the package has no goroutine of its own.
//
// # Who can see it
//
// The page shows names, places in the source, types, counts, errors and panics of the
// program, as net/http/pprof does, and message contents only if the program has put them
// into its events. It has no secret of its own. Mount it on a server that listens at a
// loopback address, or behind the authentication of the program.
//
// It answers GET and HEAD, and changes nothing. A page of another site can neither read it
// nor keep its connections busy: what a browser says is asked by another site gets 403
// (except for a link to the page itself), and so does a request that arrives at a loopback
// address under a name that is not of this machine, which is how DNS rebinding looks. A
// proxy that passes such a name on needs [Hosts].
package console
