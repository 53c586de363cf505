// Package task runs tasks on a bounded number of workers: async_std::task, in Go.
//
// There are two kinds of task, and one scheduler for both. A function task ([Spawn], [Go])
// runs a function on a worker. Each running one holds a slot, of which there are as many as
// workers; while it awaits it releases its slot, so one worker is enough for any number of
// tasks that wait for each other. A polled task ([SpawnFuture]) polls a future; while that
// is pending the task costs a few hundred bytes of memory and no goroutine.
//
// A [JoinHandle] awaits, cancels or drops a task, from any goroutine. Inside, a task awaits
// under the context it was given. The code that makes a [Runtime] shuts it down.
//
//	sum, err := task.BlockOn(ctx, func(ctx context.Context) (sum int, err error) {
//	    var set task.JoinSet[int]
//	    for i := range 3 {
//	        set.Spawn(ctx, func(ctx context.Context) (int, error) {
//	            return i, task.Sleep(ctx, time.Second) // other tasks run during the wait
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
// A function task releases its slot only in an await on its own goroutine and under a
// context of its runtime: the context it was given, one derived from it, or another one of
// that runtime. Under any other context it keeps the slot while it waits. A goroutine that
// a task starts is not the task: an await there parks that goroutine, and the task keeps its
// slot.
//
// The context of a task ends with the one it was spawned under, with Cancel and with Shutdown, and
// when the task has returned, as that of an http.Request does. A task that returns does
// not cancel the tasks it spawned under its context, or under that context with more
// values. Contexts that package context derived from it with a cancellation or a deadline of
// their own end when it does.
//
// Err is non-nil exactly when Done is closed, and does not change. When Cancel has
// returned, the contexts of the tasks it cancelled have ended, and so have those derived
// from them. context.Cause returns [ErrCancelled] after Cancel, [ErrShutdown] after Shutdown,
// context.Canceled after the task's return, and otherwise the cause of the context above.
//
// # Results
//
// The result of a task is what its function returns, also after Cancel. After a panic it is a
// [*PanicError], after Goexit [ErrGoexit], and for a task that ended before it returned
// anything [ErrCancelled], [ErrShutdown] or context.DeadlineExceeded. A panic that no Await
// returned is passed to the panic handler.
//
// # Observing
//
// [Runtime.Stats] counts, [Runtime.Dump] shows each live task, and [Named] gives a task
// a name, which goroutine profiles and execution traces show too. Package tasktest
// checks that tests leave nothing behind, and runs programs under many seeds.
//
// # Stuck workers
//
// Workers may be stuck outside of an await, at a mutex or in a system call. When all are in
// use and a task is ready, but no task started or went on for the relief interval
// ([WithStallRelief]), one more worker is lent. Use [SpawnBlocking] for code that is known
// to block.
//
// # Costs
//
// A task is one allocation, with its handle, its context and its result; an Await that
// has to wait is another. Spawning one, and the wakeup of one that waits, takes the
// runtime's lock for a moment. A polled task that waits costs only memory; a function task
// that waits also keeps its goroutine. An idle runtime has no timer, and no
// goroutine but the housekeeping of its ants pools.
package task
