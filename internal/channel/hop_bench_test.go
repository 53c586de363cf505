package channel

import "testing"

// BenchmarkHop is a message handed to a parked receiver, less the switch of
// goroutines: what this package adds to a ping-pong.
func BenchmarkHop(b *testing.B) {
	for _, limit := range []uint64{0, 1} {
		b.Run([]string{"rendezvous", "bounded"}[limit], func(b *testing.B) {
			var tx, rx Handle[uint64]
			c := New[uint64](Options{Limit: limit, Solo: true}, &tx, &rx)
			for b.Loop() {
				var v uint64
				_ = c.Pop(&v)
				_, s, _ := c.RecvOrWait(&rx)
				s.s.parker.Cond.L.Unlock()
				_ = c.Push(1)
				if w, err := c.SendOrWait(&tx, 1); w.Begun() || err != nil {
					b.Fatal(w, err)
				}
				if _, err := c.RecvAfter(&rx, s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("offer", func(b *testing.B) {
		var tx, rx Handle[uint64]
		c := New[uint64](Options{Limit: 0, Solo: true}, &tx, &rx)
		for b.Loop() {
			_ = c.Push(1)
			s, _ := c.SendOrWait(&tx, 1)
			s.s.parker.Cond.L.Unlock()
			var v uint64
			_ = c.Pop(&v)
			if _, w, err := c.RecvOrWait(&rx); w.Begun() || err != nil {
				b.Fatal(w, err)
			}
			if err := c.SendAfter(&tx, s); err != nil {
				b.Fatal(err)
			}
		}
	})
}
