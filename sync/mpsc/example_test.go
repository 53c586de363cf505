package mpsc_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/handoff-go/handoff/sync/mpsc"
)

func Example() {
	tx, rx := mpsc.Channel[int]()
	for worker := range 3 {
		tx := tx.Clone()
		go func() {
			defer tx.Drop()
			if err := tx.Send(worker * worker); err != nil {
				fmt.Println(err)
			}
		}()
	}
	tx.Drop() // this goroutine sends nothing itself

	sum := 0
	for square := range rx.All() {
		sum += square
	}
	fmt.Println("sum of squares:", sum)
	// Output: sum of squares: 5
}

func ExampleChannel() {
	tx, rx := mpsc.Channel[string]()
	for _, word := range []string{"no", "send", "waits"} {
		if err := tx.Send(word); err != nil {
			fmt.Println(err)
		}
	}
	tx.Drop()

	fmt.Println(rx.Len(), "buffered")
	for word := range rx.All() {
		fmt.Println(word)
	}
	_, err := rx.Recv()
	fmt.Println(err)
	// Output:
	// 3 buffered
	// no
	// send
	// waits
	// handoff: channel closed
}

func ExampleSyncChannel() {
	tx, rx := mpsc.SyncChannel[int](1)
	go func() {
		defer tx.Drop()
		for i := range 3 {
			if err := tx.Send(i); err != nil { // waits while one is buffered
				fmt.Println(err)
			}
		}
	}()
	for i := range rx.All() {
		fmt.Println(i)
	}
	// Output:
	// 0
	// 1
	// 2
}

// A bound of 0 makes every message a meeting.
func ExampleSyncChannel_rendezvous() {
	tx, rx := mpsc.SyncChannel[string](0)
	fmt.Println("no receive waits:", errors.Is(tx.TrySend("lost?"), mpsc.ErrFull))

	var wg sync.WaitGroup
	wg.Go(func() {
		msg, err := rx.Recv()
		fmt.Println("received:", msg, err)
	})
	err := tx.Send("here you are")
	wg.Wait()
	fmt.Println("sent:", err)
	// Output:
	// no receive waits: true
	// received: here you are <nil>
	// sent: <nil>
}

// A failed send gives its value back.
func ExampleSendError() {
	tx, rx := mpsc.Channel[string]()
	rx.Drop()

	err := tx.Send("precious")
	fmt.Println(errors.Is(err, mpsc.ErrDisconnected))

	if failed, ok := errors.AsType[*mpsc.SendError[string]](err); ok {
		fmt.Println("still have:", failed.Value)
	}
	// Output:
	// true
	// still have: precious
}

func ExampleSender_SendMany() {
	tx, rx := mpsc.Channel[int]()
	n, err := tx.SendMany([]int{1, 2, 3})
	fmt.Println(n, err, rx.Len())
	// Output: 3 <nil> 3
}

// A producer that waits for something else learns that the receiver left.
func ExampleSender_Done() {
	tx, rx := mpsc.Channel[int]()
	stopped := make(chan struct{})
	work := make(chan int) // nothing ever comes here
	go func() {
		defer close(stopped)
		select {
		case v := <-work:
			fmt.Println(tx.Send(v))
		case <-tx.Done():
			fmt.Println("no receiver is left")
		}
	}()
	rx.Drop()
	<-stopped
	// Output: no receiver is left
}

func ExampleSyncSender_TrySend() {
	tx, rx := mpsc.SyncChannel[int](1)
	fmt.Println(tx.TrySend(1))
	fmt.Println(tx.TrySend(2))
	rx.Drop()
	fmt.Println(tx.TrySend(3))
	// Output:
	// <nil>
	// send: handoff: channel full
	// send: handoff: channel closed
}

func ExampleSyncSender_SendTimeout() {
	tx, rx := mpsc.SyncChannel[string](1)
	defer rx.Drop()
	fmt.Println(tx.SendTimeout("first", time.Millisecond))
	err := tx.SendTimeout("second", time.Millisecond)
	fmt.Println(errors.Is(err, mpsc.ErrTimeout))
	// Output:
	// <nil>
	// true
}

func ExampleSyncSender_SendContext() {
	tx, rx := mpsc.SyncChannel[string](0)
	defer rx.Drop()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := tx.SendContext(ctx, "too late")
	fmt.Println(errors.Is(err, context.Canceled))
	// Output: true
}

// A batch that does not fit tells how much of it went out.
func ExampleSyncSender_SendManyContext() {
	tx, rx := mpsc.SyncChannel[int](2)
	defer rx.Drop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	jobs := []int{1, 2, 3, 4}
	n, err := tx.SendManyContext(ctx, jobs)
	fmt.Println(n, err, "left:", jobs[n:])
	// Output: 2 context deadline exceeded left: [3 4]
}

// Producers stop when a context ends. Messages that were sent before are still handled.
func Example_gracefulShutdown() {
	ctx, stop := context.WithCancel(context.Background()) // signal.NotifyContext in a program
	defer stop()
	var sent atomic.Int64
	tx, rx := mpsc.SyncChannel[string](8)
	for range 3 {
		tx := tx.Clone()
		go func() {
			defer tx.Drop()
			for ctx.Err() == nil && tx.SendContext(ctx, "work") == nil {
				sent.Add(1)
			}
		}()
	}
	tx.Drop()

	var handled int64
	for range rx.All() { // ends when the last producer has dropped its handle
		if handled++; handled == 100 {
			stop()
		}
	}
	fmt.Println("enough:", handled >= 100, "lost:", sent.Load()-handled)
	// Output: enough: true lost: 0
}

func ExampleReceiver_TryRecv() {
	tx, rx := mpsc.Channel[int]()
	_, err := rx.TryRecv()
	fmt.Println(err)
	_ = tx.Send(7)
	fmt.Println(rx.TryRecv())
	tx.Drop()
	_, err = rx.TryRecv()
	fmt.Println(err)
	// Output:
	// handoff: channel empty
	// 7 <nil>
	// handoff: channel closed
}

func ExampleReceiver_RecvMany() {
	tx, rx := mpsc.Channel[int]()
	_, _ = tx.SendMany([]int{1, 2, 3, 4, 5})
	tx.Drop()

	buf := make([]int, 3)
	for {
		n, err := rx.RecvMany(buf)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(buf[:n])
	}
	// Output:
	// [1 2 3]
	// [4 5]
	// handoff: channel closed
}

// A wait that ends with a context loses nothing: the message is there for the next one.
func ExampleReceiver_RecvContext() {
	tx, rx := mpsc.Channel[string]()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := rx.RecvContext(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))

	_ = tx.Send("late")
	fmt.Println(rx.RecvContext(ctx)) // tries once before it looks at ctx
	// Output:
	// true
	// late <nil>
}

func ExampleReceiver_RecvTimeout() {
	tx, rx := mpsc.Channel[int]()
	defer tx.Drop()
	_, err := rx.RecvTimeout(time.Millisecond)
	fmt.Println(err)
	// Output: handoff: timed out
}

func ExampleReceiver_TryAll() {
	tx, rx := mpsc.Channel[int]()
	defer tx.Drop() // still open: TryAll does not wait for the end
	_, _ = tx.SendMany([]int{1, 2})
	for v := range rx.TryAll() {
		fmt.Println(v)
	}
	// Output:
	// 1
	// 2
}

// Ready lets the channel take part in a select beside native channels.
func ExampleReceiver_Ready() {
	tx, rx := mpsc.Channel[string]()
	quit := make(chan struct{})
	go func() {
		_ = tx.Send("work")
		tx.Drop()
	}()
	for {
		select {
		case <-rx.Ready():
			msg, err := rx.TryRecv()
			if err != nil {
				fmt.Println("end:", err)
				return
			}
			fmt.Println("got", msg)
		case <-quit:
			return
		}
	}
	// Output:
	// got work
	// end: handoff: channel closed
}

func ExampleReceiver_Drop() {
	tx, rx := mpsc.SyncChannel[int](8)
	fmt.Println(tx.Send(1))
	rx.Drop() // discards the 1
	fmt.Println(tx.IsDisconnected(), tx.Send(2))
	// Output:
	// <nil>
	// true send: handoff: channel closed
}
