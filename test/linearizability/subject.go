package linearizability

import (
	"context"
	"time"
)

// Tx and Rx are handles of a channel under test. A nil context asks for the form of the
// operation that has none. What a channel does not have, it lacks by its [Features].
type (
	Tx interface {
		Send(ctx context.Context, v int) error
		SendTimeout(v int, d time.Duration) error
		TrySend(v int) error
		SendMany(ctx context.Context, vs []int) (int, error)
		Clone() Tx
		Drop()
	}

	Rx interface {
		Recv(ctx context.Context) (int, error)
		RecvTimeout(d time.Duration) (int, error)
		TryRecv() (int, error)
		RecvMany(ctx context.Context, buf []int) (int, error)
		TryRecvMany(buf []int) (int, error)
		Len() int
		Clone() Rx
		Drop()
	}

	// AsyncTx is what package async adds to senders.
	AsyncTx interface {
		Tx
		PollSend(v int) Pending
		PollSendMany(vs []int) Pending
		PollReserve(n int) Pending
		Reserve(ctx context.Context, n int) (Permits, error)
		TryReserve(n int) (Permits, error)
		ForceSend(v int) (evicted int, replaced bool, err error)
		CloseCause(cause error) bool
	}

	// AsyncRx is what package async adds to receivers.
	AsyncRx interface {
		Rx
		PollRecv() Pending
		PollRecvMany(buf []int) Pending
		RecvInTask(ctx context.Context) (int, error)
		CloseCause(cause error) bool
	}

	// Permits are reserved slots.
	Permits interface {
		Send(v int) error
		Drop()
	}
)

// Pending is a future that is polled by hand.
type Pending interface {
	Poll() (ready bool, r Result)
	Drop() Result // what had happened until then
}

// Result is what came of a future: messages sent or received, or the permits.
type Result struct {
	N       int
	V       int // a message received by a receive of one
	Permits Permits
	Err     error
}

// Features of a channel under test.
type Features struct {
	Name     string
	Capacity int
	TrySends bool // TrySend and the sends with a limit
	Async    bool // the handles are AsyncTx and AsyncRx
	Tasks    bool // every other client is a task, and receives of futures may be some
}

// Factory makes a channel under test.
type Factory struct {
	Features
	Make func() (Tx, Rx)
}
