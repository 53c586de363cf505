//go:build !race && !handoff_sched && !purego

package queue

import "github.com/handoff-go/handoff/internal/sched"

// plainStores says that publish is cheaper than a Store.
const plainStores = true

// publish stores w in word, after everything that the caller has written before (a release
// store): a goroutine that reads w sees all of that. Unlike after Store, later loads of the
// caller may be done earlier. So publish is for unlocking, and wrong where two sides each write
// a word of their own and then read that of the other. A load of a lock's word may see, for some
// nanoseconds, that the lock is still held; see WaitUnlocked.
//
// On amd64 stores become visible in their order (Intel's manual, volume 3, 8.2.2), and a
// plain MOV is enough, which is what Rust and C++ make of a release store. Go's atomics are
// sequentially consistent and there is no weaker one: a Store is an XCHG, which waits until
// the processor's earlier stores are visible and takes as long as a compare-and-swap. It is
// assembly, as sync/atomic is; the same in Go would be a data race, to which the language
// gives no meaning. Why it is worth it: docs/design/queues.md.
//
//go:noescape
func publish(word *sched.Uint64, w uint64)
