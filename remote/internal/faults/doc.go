// Package faults has no code. Its tests do to remote channels what goes wrong between
// machines: servers that stop in the middle, processes that are killed, connections that
// are slow, silent or cut. docs/remote.md says what they prove.
package faults
