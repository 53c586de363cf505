// Package task runs tasks on a bounded number of workers that wait for nobody:
// async_std::task, in Go.
//
// There are two kinds, and one scheduler for both. A function task ([Spawn], [Go])
// runs a function on a worker; where it awaits, it gives the worker to others and
// takes one back before it goes on, so one worker runs any number of tasks that wait
// for each other. A polled task ([SpawnFuture]) polls a future; while that is pending
// the task is a few hundred bytes of memory, without a goroutine.
//
// A task answers through its [JoinHandle], which is awaited, cancelled, or dropped, by
// anybody. Inside, a task awaits under the context it was given. Whoever makes a
// [Runtime] shuts it down.
//
//	sum, err := task.BlockOn(ctx, func(ctx context.Context) (sum int, err error) {
//	    var set task.JoinSet[int]
//	    for i := range 3 {
//	        set.Spawn(ctx, func(ctx context.Context) (int, error) {
//	            return i, task.Sleep(ctx, time.Second) // others run meanwhile
//	        })
//	    }
//	    for {
//	        v, ok, err := set.Next(ctx)
//	        if !ok || err != nil {
//	            return sum, err
//	        }
//	        sum += v
//	    }
//	})
//
// # Which runtime
//
// The one that the context names: a [Runtime] made by [New] hands out such contexts,
// and a task's own context names the runtime it runs on. Otherwise it is [Default].
// A test makes its own, inside its synctest bubble if it uses one.
//
// # Which context
//
// A task is found through its context. So it awaits under the context it was given,
// or one derived from it; under another it keeps its worker while it waits. A
// goroutine that a task starts, and that awaits under the task's context, gives away the
// task's worker too: meanwhile one task more may run than there are workers. The
// context ends with the one it was spawned under, with Cancel and with Shutdown, and
// when the task has returned, as that of an http.Request does. A task that returns does
// not cancel the tasks it spawned under its context, or under that context with more
// values; what package context derived from it with an end of its own ends with it.
//
// Err is non-nil exactly when Done is closed, and does not change. When Cancel has
// returned, the contexts of the tasks it cancelled have ended, and what is derived from
// them. context.Cause returns [ErrCancelled] after Cancel, [ErrShutdown] after Shutdown,
// context.Canceled after the task's return, and otherwise the cause of the context above.
//
// # What a task comes to
//
// What its function returns, also after Cancel. A panic is a [*PanicError], Goexit is
// [ErrGoexit], and a task that never got to return anything ends with [ErrCancelled],
// [ErrShutdown] or context.DeadlineExceeded. A panic that nobody receives reaches the
// panic handler.
//
// # Seeing it
//
// [Runtime.Stats] counts, [Runtime.Dump] shows each live task, and [Named] gives a task
// a name, which goroutine profiles and execution traces show too. Package tasktest
// checks that tests leave nothing behind, and runs programs under many seeds.
//
// # Stuck workers
//
// A worker that is stuck outside of an await, at a mutex or in a system call, is
// noticed when something is ready and nothing has moved for a while: one more worker
// is lent. [SpawnBlocking] is the place for what is known to block.
//
// # Costs
//
// A task is one allocation, with its handle, its context and its result; an Await that
// has to wait is another. Spawning one, and the wake-up of one that waits, takes the
// runtime's lock for a moment. A polled task that waits is memory alone; a function task
// that waits keeps its goroutine besides. An idle runtime has no timer, and no
// goroutine but the housekeeping of its ants pools.
package task
