// Package observe shows what the channels and tasks of a program do: names and counts,
// who waits for whom and since when, and diagrams of what happened in a run.
package observe
