// Package queue is the storage of channels: a FIFO list with a lock at either end
// ([List]), and that lock ([Cursor]). Nothing in it waits for a message or for room.
package queue
