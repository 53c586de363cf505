package async_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
	"github.com/handoff-go/handoff/task"
)

func Example() {
	ctx := context.Background()
	tx, rx := async.Bounded[string](8)
	for _, name := range []string{"a", "b", "c"} {
		tx := tx.Clone()
		go func() {
			defer tx.Drop()
			_ = tx.Send("hello from " + name).Await(ctx)
		}()
	}
	tx.Drop()
	n := 0
	for range rx.All(ctx) { // ends when the last sender was dropped
		n++
	}
	fmt.Println(n, "messages")
	// Output: 3 messages
}

// An unbounded channel in a task: the third listing of the chapter.
func ExampleUnbounded() {
	_, _ = task.BlockOn(context.Background(), func(ctx context.Context) (struct{}, error) {
		tx, rx := async.Unbounded[int]()
		task.Go(ctx, func(ctx context.Context) error {
			defer tx.Drop()
			for i := 1; i < 5; i++ {
				if err := tx.Send(i).Await(ctx); err != nil {
					return err
				}
			}
			return nil
		}).Drop()
		for v := range rx.All(ctx) {
			fmt.Println("received", v)
		}
		return struct{}{}, nil
	})
	// Output:
	// received 1
	// received 2
	// received 3
	// received 4
}

// Channels of different types in one wait: each receive is mapped to one type. Race is
// fair; RaceBiased takes the first in the list of several that are ready.
func ExampleReceiver_Recv_race() {
	type event string
	ctx := context.Background()
	orders, ordersRx := async.Unbounded[int]()
	ticks, ticksRx := async.Unbounded[time.Time]()
	_ = orders.TrySend(7)
	_ = ticks.TrySend(time.Unix(0, 0).UTC())

	next := func() (event, error) {
		won, err := future.Await(ctx, future.RaceBiased(
			future.Map(ordersRx.Recv(), func(n int) event { return event(fmt.Sprintf("order %d", n)) }),
			future.Map(ticksRx.Recv(), func(t time.Time) event { return event("tick at " + t.Format(time.TimeOnly)) }),
		))
		return won.Value, err
	}
	for range 2 {
		fmt.Println(next())
	}
	// Output:
	// order 7 <nil>
	// tick at 00:00:00 <nil>
}

// A native select beside other channels.
func ExampleReceiver_Ready() {
	tx, rx := async.Unbounded[int]()
	quit := make(chan struct{})
	_ = tx.TrySend(1)
	tx.Drop()
	for {
		select {
		case <-rx.Ready():
			v, err := rx.TryRecv()
			if errors.Is(err, async.ErrClosed) {
				fmt.Println("the end")
				return
			}
			if err == nil {
				fmt.Println(v)
			}
		case <-quit:
			return
		}
	}
	// Output:
	// 1
	// the end
}

// A producer that stops when the last receiver was dropped.
func ExampleSender_Done() {
	tx, rx := async.Bounded[int](1)
	rx.Drop()
	select {
	case <-tx.Done():
		fmt.Println(tx.Cause())
	case <-time.After(time.Hour):
	}
	// Output: handoff: channel closed
}

// A value that did not go out comes back.
func ExampleSendFuture_Unsent() {
	tx, _ := async.Bounded[string](0)
	send := tx.Send("a letter")
	_, err := future.Await(context.Background(), future.Timeout(time.Millisecond, send))
	letter, ok := send.Unsent()
	fmt.Println(err, letter, ok)
	// Output: handoff: timed out a letter true
}

// A slot first, the message then.
func ExampleSender_Reserve() {
	ctx := context.Background()
	tx, rx := async.Bounded[string](1)
	permit, err := tx.Reserve().Await(ctx)
	if err != nil {
		return
	}
	defer permit.Drop() // if there is no message after all
	fmt.Println("a slot is free:", tx.Available() > 0)
	_ = permit.Send("made when it was clear that it can be sent")
	fmt.Println(rx.TryRecv())
	// Output:
	// a slot is free: false
	// made when it was clear that it can be sent <nil>
}

// A channel that keeps the newest.
func ExampleSender_ForceSend() {
	tx, rx := async.Bounded[int](2)
	for i := range 5 {
		_, _, _ = tx.ForceSend(i)
	}
	fmt.Println(rx.TryRecv())
	fmt.Println(rx.TryRecv())
	// Output:
	// 3 <nil>
	// 4 <nil>
}

func ExampleSender_CloseCause() {
	full := errors.New("the disk is full")
	tx, rx := async.Unbounded[int]()
	rx.CloseCause(full)
	err := tx.TrySend(1)
	fmt.Println(errors.Is(err, async.ErrClosed), errors.Is(err, full))
	// Output: true true
}

// A consumer that costs no goroutine while there is nothing to do.
func ExampleForEach() {
	ctx := context.Background()
	tx, rx := async.Unbounded[int]()
	sum := 0
	consumer := task.SpawnFuture(ctx, async.ForEach(rx, func(_ context.Context, v int) error {
		sum += v
		return nil
	}))
	for i := range 5 {
		_ = tx.TrySend(i)
	}
	tx.Drop()
	_, err := consumer.Await(ctx)
	fmt.Println(sum, err)
	// Output: 10 <nil>
}

// Two stages, no goroutines.
func ExamplePipe() {
	ctx := context.Background()
	words, in := async.Bounded[string](4)
	mid, lengths := async.Bounded[int](4)
	task.SpawnFuture(ctx, async.Pipe(in, mid, func(_ context.Context, w string) (int, error) { return len(w), nil })).Drop()
	go func() {
		defer words.Drop()
		for _, w := range []string{"every", "good", "boy"} {
			_ = words.SendBlocking(w)
		}
	}()
	for n := range lengths.All(ctx) {
		fmt.Println(n)
	}
	// Output:
	// 5
	// 4
	// 3
}

// An actor with a handle to itself that does not keep it alive.
func ExampleSender_Downgrade() {
	ctx := context.Background()
	tx, rx := async.Unbounded[int]()
	self := tx.Downgrade()
	done := make(chan struct{})
	countdown := task.SpawnFuture(ctx, async.ForEach(rx, func(_ context.Context, n int) error {
		fmt.Println(n)
		if n == 1 {
			close(done)
			return nil
		}
		me, ok := self.Upgrade()
		if !ok {
			return nil // there is no receiver left to count for
		}
		defer me.Drop()
		return me.TrySend(n - 1)
	}))
	_ = tx.TrySend(2)
	<-done
	tx.Drop() // the only handle that keeps the actor alive
	_, err := countdown.Await(ctx)
	fmt.Println("ended:", err)
	// Output:
	// 2
	// 1
	// ended: <nil>
}
