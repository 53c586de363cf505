package channel

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/litmus"
)

// A send that finds the channel full and the receive that makes room meet at every
// distance in time, and after each of them there is no receive until the send has
// returned. If they missed each other the sender would sleep for ever.
//
// What is at stake are stores that processors delay (queue's publish), so it takes two of
// them and no race detector; the orders of whole steps are searched in schedules_test.go.
func TestASendThatFindsNoRoomMissesNoReceive(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("nothing is delayed on one processor")
	}
	for name, send := range map[string]func(c *Chan[int], h *Handle[int], v int) error{
		"a send": (*Chan[int]).send,
		"a reservation": func(c *Chan[int], h *Handle[int], v int) error {
			if err := c.Reserve(h, 1, nil); err != nil {
				return err
			}
			return c.SendReserved(v)
		},
	} {
		t.Run(name, func(t *testing.T) { meets(t, send) })
	}
}

// budget bounds the rounds of a test, which take a second where nothing else runs.
const budget = 3 * time.Second

func meets(t *testing.T, send func(c *Chan[int], h *Handle[int], v int) error) {
	const rounds = 200_000
	c, tx, rx := many[int](1)
	require.NoError(t, c.send(tx, -1))
	var turn, sent atomic.Int64 // how often the sender may begin, and has returned
	var stop atomic.Bool
	defer stop.Store(true)
	go func() {
		for i := range int64(rounds) {
			for spins := 0; turn.Load() <= i; spins++ {
				if stop.Load() {
					return
				}
				if spins > 1000 {
					runtime.Gosched()
				}
			}
			litmus.Delay(int(i) / 16 % 64)
			_ = send(c, tx, int(i))
			sent.Store(i + 1)
		}
	}()
	begin := time.Now()
	for i := range int64(rounds) {
		if i%64 == 0 && time.Since(begin) > budget {
			t.Logf("%d rounds", i) // on a busy machine each takes long, and few are as close
			return
		}
		turn.Store(i + 1)
		litmus.Delay(int(i) % 16 * 4)
		v, err := c.receive(rx, nil)
		require.NoError(t, err)
		require.EqualValues(t, i-1, v)
		for began := time.Now(); sent.Load() <= i; {
			runtime.Gosched()
			if time.Since(began) > time.Minute {
				t.Fatalf("round %d: the channel has room and the send sleeps", i)
			}
		}
	}
}
