package task_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

// Tasks that run side by side, and their results as they come.
func Example() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx) // at the end of the program
	sum, err := task.BlockOn(ctx, func(ctx context.Context) (sum int, err error) {
		var set task.JoinSet[int]
		for i := range 3 {
			set.Spawn(ctx, func(ctx context.Context) (int, error) {
				return i, task.Sleep(ctx, time.Millisecond) // other tasks run during the wait
			})
		}
		for {
			v, ok, err := set.Next(ctx)
			if !ok || err != nil {
				return sum, err
			}
			sum += v
		}
	})
	fmt.Println(sum, err)
	// Output: 3 <nil>
}

// A task runs on its own, here on the default runtime, until its caller wants the
// result.
func ExampleSpawn() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx) // at the end of the program
	answer := task.Spawn(ctx, func(context.Context) (int, error) { return 6 * 7, nil })
	fmt.Println(answer.Await(ctx))

	broken := task.Spawn(ctx, func(context.Context) (int, error) { panic("no luck") })
	_, err := broken.Await(ctx)
	var p *task.PanicError
	fmt.Println(errors.As(err, &p), p.Value)
	// Output:
	// 42 <nil>
	// true no luck
}

// Tasks that wait for each other need no worker each: one is enough.
func ExampleGo() {
	rt, err := task.New(task.WithWorkers(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { fmt.Println(rt.Shutdown(context.Background())) }()
	ctx := rt.Context(context.Background())

	question, asked := future.NewPromise[string]()
	reply, answered := future.NewPromise[int]()
	client := task.Go(ctx, func(ctx context.Context) error {
		question.Resolve("6 * 7")
		v, err := future.Await(ctx, answered) // the worker is free during the wait
		fmt.Println("answer", v)
		return err
	})
	server := task.Go(ctx, func(ctx context.Context) error {
		q, err := future.Await(ctx, asked)
		fmt.Println("question", q)
		reply.Resolve(42)
		return err
	})
	_, err = client.Await(ctx)
	fmt.Println(err)
	_, err = server.Await(ctx)
	fmt.Println(err)
	// Output:
	// question 6 * 7
	// answer 42
	// <nil>
	// <nil>
	// <nil>
}

// Results in the order in which the tasks finish. Here each lets the next one go.
func ExampleJoinSet() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	first, go1 := future.NewPromise[int]()
	second, go2 := future.NewPromise[int]()
	var set task.JoinSet[string]
	set.Spawn(ctx, func(ctx context.Context) (string, error) {
		_, err := future.Await(ctx, go2)
		return "slow", err
	})
	set.Spawn(ctx, func(ctx context.Context) (string, error) {
		_, err := future.Await(ctx, go1)
		return "quick", err
	})
	first.Resolve(0)
	for {
		v, ok, err := set.Next(ctx)
		if !ok {
			break
		}
		fmt.Println(v, err)
		second.Resolve(0)
	}
	// Output:
	// quick <nil>
	// slow <nil>
}

// At most two at a time, and the first error ends them all.
func ExampleJoinSet_limit() {
	ctx, cancel := context.WithCancel(context.Background())
	defer task.Default().Shutdown(context.Background())
	defer cancel()
	var set task.JoinSet[int]
	var failed error
	next := func() bool {
		_, ok, err := set.Next(context.WithoutCancel(ctx)) // also those that are cancelled
		if err != nil && failed == nil {
			failed = err
			cancel() // the others, and what is spawned from now on
		}
		return ok
	}
	for n := range 100 {
		for set.Len() >= 2 {
			next()
		}
		set.Spawn(ctx, func(ctx context.Context) (int, error) {
			if n == 3 {
				return 0, errors.New("three is one too many")
			}
			return n, nil
		})
	}
	for next() {
	}
	fmt.Println(failed, set.Len())
	// Output:
	// three is one too many 0
}

// A polled task is a few hundred bytes of memory while it waits, and no goroutine.
func ExampleSpawnFuture() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	const n = 10_000
	start, started := future.NewPromise[int]()
	sum := task.SpawnFuture(ctx, future.Map(started, func(v int) int { return v * v }))

	waiting := make([]*task.JoinHandle[int], n)
	for i := range waiting {
		waiting[i] = task.SpawnFuture(ctx, future.Map(sum.Future(), func(v int) int { return v + i }))
	}
	start.Resolve(7)
	for i, h := range waiting {
		if v, err := h.Await(ctx); err != nil || v != 49+i {
			fmt.Println(i, v, err)
		}
	}
	fmt.Println(sum.Await(ctx))
	// Output: 49 <nil>
}

// Cancel ends the context of a task. What the task makes of it is its result.
func ExampleJoinHandle_Cancel() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	started := make(chan struct{})
	tidy := task.Spawn(ctx, func(ctx context.Context) (string, error) {
		close(started)
		_, err := future.Await(ctx, future.Pending[int]())
		fmt.Println("tidying up after:", err)
		return "tidied", nil
	})
	<-started
	tidy.Cancel()
	fmt.Println(tidy.Await(ctx))

	// A polled task is not asked: it ends, and its future is dropped.
	p, f := future.NewPromise[int]()
	polled := task.SpawnFuture(ctx, f)
	polled.Cancel()
	_, err := polled.Await(ctx)
	fmt.Println(err, errors.Is(err, context.Canceled), p.Resolve(1))
	// Output:
	// tidying up after: context canceled
	// tidied <nil>
	// task: cancelled true false
}

// The way from ordinary code into tasks: BlockOn runs its function here and now,
// and returns its result.
func ExampleBlockOn() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	total, err := task.BlockOn(ctx, func(ctx context.Context) (int, error) {
		a := task.Spawn(ctx, func(context.Context) (int, error) { return 40, nil })
		b := task.Spawn(ctx, func(context.Context) (int, error) { return 2, nil })
		both, err := future.Await(ctx, future.Join2(a.Future(), b.Future()))
		return both.A + both.B, err
	})
	fmt.Println(total, err)
	// Output: 42 <nil>
}

// What blocks a thread goes to a pool of its own, so that no worker is held up.
func ExampleSpawnBlocking() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	exists := task.SpawnBlocking(ctx, func(context.Context) (bool, error) {
		info, err := os.Stat(".")
		return err == nil && info.IsDir(), err
	})
	fmt.Println(exists.Await(ctx))
	// Output: true <nil>
}

// A sleeping task holds no worker. It wakes when the time is over, never early, or
// when its context ends.
func ExampleSleep() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	begin := time.Now()
	fmt.Println(task.Sleep(ctx, time.Millisecond), time.Since(begin) >= time.Millisecond)

	soon, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	fmt.Println(task.Sleep(soon, time.Hour))

	// A limit for one wait only: the task goes on.
	slow := task.SpawnFuture(ctx, future.Pending[int]())
	_, err := future.Await(ctx, future.Timeout(time.Millisecond, slow.Future()))
	fmt.Println(errors.Is(err, future.ErrTimeout), slow.IsFinished())
	slow.Cancel()
	_, err = slow.Await(ctx)
	fmt.Println(err)
	// Output:
	// <nil> true
	// context deadline exceeded
	// true false
	// task: cancelled
}

// A runtime of one's own: its workers, its name in the log, and an end after which
// nothing of it is left.
func ExampleNew() {
	rt, err := task.New(task.WithWorkers(4), task.WithBlockingLimit(10), task.WithName("orders"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := rt.Context(context.Background()) // what is spawned under it runs there
	idle := task.SpawnFuture(ctx, future.Pending[int]())

	soon, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fmt.Println(rt.Shutdown(soon))

	_, err = idle.Await(context.Background())
	fmt.Println(errors.Is(err, task.ErrShutdown))
	_, err = task.Go(ctx, func(context.Context) error { return nil }).Await(context.Background())
	fmt.Println(err)
	// Output:
	// <nil>
	// true
	// task: runtime shut down
}

// The context of a task tells which one it is.
func ExampleCurrent() {
	ctx := context.Background()
	defer task.Default().Shutdown(ctx)
	_, err := task.Go(ctx, func(ctx context.Context) error {
		me, ok := task.Current(ctx)
		fmt.Println(me.Name, ok)
		return nil
	}, task.Named("reader")).Await(ctx)
	fmt.Println(err)
	_, ok := task.Current(ctx)
	fmt.Println(ok)
	// Output:
	// reader true
	// <nil>
	// false
}
