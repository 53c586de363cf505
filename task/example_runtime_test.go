package task_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// Tasks are notified by their context, and tidy up. One that does not listen is what
// the deadline is for.
func ExampleRuntime_Shutdown() {
	rt, err := task.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := rt.Context(context.Background())
	started := make(chan string, 2)
	server := task.Go(ctx, func(ctx context.Context) error {
		started <- "server"
		_, err := future.Await(ctx, future.Pending[int]()) // for requests
		fmt.Println("saving:", err)
		return nil
	})
	deaf, heard := future.NewPromise[int]()
	task.Go(ctx, func(context.Context) error {
		started <- "deaf"
		_, err := future.Await(context.Background(), heard) // not under its own context
		return err
	}).Drop()
	_, _ = <-started, <-started

	soon, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	fmt.Println(rt.Shutdown(soon))
	_, err = server.Await(context.Background())
	fmt.Println("server:", err)

	deaf.Resolve(0)
	fmt.Println(rt.Shutdown(context.Background())) // goes on waiting
	// Output:
	// saving: context canceled
	// task: tasks did not end in time, 1 still running: context deadline exceeded
	// server: <nil>
	// <nil>
}

// A panic that no Await returns reaches the handler; here the handle was dropped.
func ExampleWithPanicHandler() {
	seen := make(chan *task.PanicError, 1)
	rt, err := task.New(task.WithPanicHandler(func(p *task.PanicError) { seen <- p }))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rt.Shutdown(context.Background())
	task.Go(rt.Context(context.Background()), func(context.Context) error { panic("no luck") }).Drop()
	fmt.Println(<-seen)
	// Output: task: panicked: no luck
}

// A value for each task, such as the number of the request it works for.
func ExampleLocal() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	request := task.NewLocal(func() int { return -1 })
	log := func(ctx context.Context, text string) {
		n, ok := request.Get(ctx)
		fmt.Println(text, n, ok)
	}
	for n := range 2 {
		_, err := task.Go(ctx, func(ctx context.Context) error {
			log(ctx, "before")
			request.Set(ctx, n)
			log(ctx, "after")
			return nil
		}).Await(ctx)
		if err != nil {
			fmt.Println(err)
		}
	}
	log(ctx, "outside")
	// Output:
	// before -1 true
	// after 0 true
	// before -1 true
	// after 1 true
	// outside 0 false
}

// The first of two tasks. The other one is not stopped by that, for dropping its future
// only ends the wait, but by Cancel.
func ExampleJoinHandle_Future() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	quick := task.Go(ctx, func(context.Context) error { return nil })
	slow := task.Go(ctx, func(ctx context.Context) error { return task.Sleep(ctx, time.Hour) })
	winner, err := future.Await(ctx, future.Race(quick.Future(), slow.Future()))
	fmt.Println(winner.Index, err, slow.IsFinished())
	slow.Cancel()
	_, err = slow.Await(ctx)
	fmt.Println(errors.Is(err, context.Canceled))
	// Output:
	// 0 <nil> false
	// true
}

// Which task it was, for results that do not tell.
func ExampleJoinSet_NextHandle() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	var set task.JoinSet[int]
	set.Spawn(ctx, func(context.Context) (int, error) { return 0, errors.New("no luck") }, task.Named("reader"))
	for {
		h, err := set.NextHandle(ctx)
		if h == nil {
			fmt.Println("no more:", err)
			break
		}
		_, err = h.Await(ctx)
		fmt.Println(h.Name(), err)
	}
	// Output:
	// reader no luck
	// no more: <nil>
}

// One seed is one order of the same tasks, each time.
func ExampleWithSeed() {
	order := func(seed uint64) (names string) {
		rt, err := task.New(task.WithSeed(seed))
		if err != nil {
			return err.Error()
		}
		defer rt.Shutdown(context.Background())
		_, _ = task.BlockOn(rt.Context(context.Background()), func(ctx context.Context) (struct{}, error) {
			var set task.JoinSet[string]
			for _, name := range []string{"a", "b", "c", "d", "e"} {
				set.Spawn(ctx, func(ctx context.Context) (string, error) { return name, task.YieldNow(ctx) })
			}
			for {
				name, ok, err := set.Next(ctx)
				if !ok {
					return struct{}{}, err
				}
				names += name
			}
		})
		return names
	}
	first, again := order(1), order(1)
	fmt.Println(first == again, len(first))
	// Output: true 5
}
