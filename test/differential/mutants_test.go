package differential

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/internal/testkit/mutant"
)

// mutants are mistakes in package async, each with the pair of libraries whose programs find it.
var mutants = []struct {
	mutant.Mutant
	pair string
}{
	{mutant.Mutant{
		Name: "a wake too many",
		File: "async/recv.go",
		Old:  "func (f *RecvFuture[T]) Poll(cx *future.Context) (v T, ready bool, err error) {\n",
		New: `type twice struct{ w future.Waker }

func (t twice) Wake() { t.w.Wake(); t.w.Wake() }

func (f *RecvFuture[T]) Poll(cx *future.Context) (v T, ready bool, err error) {
	cx = future.NewContext(cx, twice{cx.Waker()})
`,
	}, "tokio"},
	{mutant.Mutant{
		Name: "a wake too few",
		File: "async/send.go",
		Old:  "func (f *SendFuture[T]) Poll(cx *future.Context) (none struct{}, ready bool, err error) {\n",
		New: `type seldom struct{ w future.Waker }

var wakes int

func (s seldom) Wake() {
	if wakes++; wakes%10 != 0 {
		s.w.Wake()
	}
}

func (f *SendFuture[T]) Poll(cx *future.Context) (none struct{}, ready bool, err error) {
	cx = future.NewContext(cx, seldom{cx.Waker()})
`,
	}, "async-channel"},
	{mutant.Mutant{
		Name: "a wrong count",
		File: "async/handle.go",
		Old:  "\tn, _ := s.counts()\n\treturn n\n",
		New:  "\tn, _ := s.counts()\n\treturn min(n, 2)\n",
	}, "tokio"},
	{mutant.Mutant{
		Name: "a value dropped twice",
		File: "async/receiver.go",
		Old:  "func (r *Receiver[T]) Drop() {\n",
		New: `func (r *Receiver[T]) Drop() {
	if r.ReceiverCount() == 1 {
		v, err := r.TryRecv()
		if d, ok := any(v).(Discarder); ok && err == nil {
			d.Discarded()
			d.Discarded()
		}
	}
`,
	}, "tokio-unbounded"},
	{mutant.Mutant{
		Name: "an order swapped",
		File: "async/receiver.go",
		Old:  "func (r *Receiver[T]) TryRecvMany(buf []T) (n int, err error) {",
		New: `func (r *Receiver[T]) TryRecvMany(buf []T) (n int, err error) {
	defer func() {
		if n > 2 {
			buf[1], buf[2] = buf[2], buf[1]
		}
	}()
`,
	}, "flume"},
}

// Each of the mutants differs from the originals within the programs of a run.
func TestPlantedFaultsAreFound(t *testing.T) {
	var overlays []string
	for _, m := range mutants {
		overlays = append(overlays, m.Overlay(t))
	}
	if testing.Short() {
		t.Skip("builds the library with each of the mutants")
	}
	o := originals(t) // builds the Rust program first
	require.NoError(t, o.Close())
	for i, m := range mutants {
		t.Run(m.Name, func(t *testing.T) {
			tests := mutant.Build(t, overlays[i])
			begin := time.Now()
			found := tests.Find(t, nil, "-test.run", "^TestOursDoesWhatTheOriginalsDo$/^"+m.pair+"$", "-programs", "2000")
			assert.Contains(t, found, "differs in")
			assert.Contains(t, found, "-program '"+m.pair)
			t.Logf("found after %v:\n%s", time.Since(begin).Round(time.Millisecond), found)
		})
	}
}
