package async_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
)

// FuzzMixed has up to eight operations meet in goroutines of one bubble, where a parked
// call may be handed a message and others are only notified. No model says what comes first
// then; the books say that each message came to one end. A wait without an end is a
// deadlock of the bubble.
func FuzzMixed(f *testing.F) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 40 {
		f.Add(rng.Uint64(), randomProgram(rng, 2+rng.IntN(8)))
	}
	f.Fuzz(func(t *testing.T, seed uint64, program []byte) {
		if len(program) < 2 {
			return
		}
		capacity := stressCapacities[int(program[0])%len(stressCapacities)]
		program = program[1:min(len(program), 9)]
		synctest.Test(t, func(t *testing.T) {
			tx, rx := open[int](capacity)
			w := &world{t: t, tx: tx, rx: rx, yield: runtime.Gosched}
			w.spawn = func(fn func(context.Context)) { go fn(context.Background()) }
			last := int(program[len(program)-1]) % len(operations)
			for i, b := range program[:len(program)-1] {
				op := operations[int(b)%len(operations)]
				w.spawn(func(ctx context.Context) { op.run(w, ctx, rand.New(rand.NewPCG(seed, uint64(3+i)))) })
			}
			w.race(seed, last, last, func() {
				synctest.Wait() // who is not over yet waits for the end
				tx.Drop()
				synctest.Wait()
			})
			w.drain()
			rx.Drop()
			w.book.check(t)
		})
	})
}
