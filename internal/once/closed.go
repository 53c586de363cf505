package once

// Closed is a closed channel, for a Done of what is over.
var Closed = func() chan struct{} {
	ch := make(chan struct{})
	close(ch)
	return ch
}()
