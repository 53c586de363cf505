// Package designs holds the queues that package queue was chosen from, as tests:
// each simple enough to read at a glance and driven by the same benchmark. It
// exists so that the table in docs/design/queues.md can be made again.
//
//	go test -run='^$' -bench=. -count=10 -cpu=2 ./internal/queue/designs
package designs
