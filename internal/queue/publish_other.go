//go:build !amd64 || race || handoff_sched || purego

package queue

import "github.com/handoff-go/handoff/internal/sched"

// plainStores: see publish_amd64.go. On arm64 a Store is a release store already. The race
// detector has to see it, and so has a search through schedules.
const plainStores = false

func publish(*sched.Uint64, uint64) { panic("queue: publish without plainStores") }
