package linearizability

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What no program does is not checked, however many run: that a context ends while its
// call waits is rare unless the programs see to it.
func TestProgramsCancelReceivesThatWaitInEveryFlavour(t *testing.T) {
	for _, face := range []func(int) Factory{MPSC, Async} {
		for _, capacity := range []int{Unlimited, 0, 1, 2} {
			for _, tasks := range []bool{false, true} {
				f := face(capacity)
				f.Tasks = tasks
				t.Run(fmt.Sprintf("%s/tasks=%t", f.Name, tasks), func(t *testing.T) {
					cancelled, seed := map[Kind]int{}, uint64(1)
					for ; seed <= ofOneFlavour && min(cancelled[Recv], cancelled[RecvMany]) < 3; seed++ {
						for _, c := range run(t, f, generate(seed, f.Features)).Calls {
							if c.Out == GaveUp && c.Form == formNames[cancel] {
								cancelled[c.Kind]++
							}
						}
					}
					t.Logf("in %d histories: %v", seed-1, cancelled)
					assert.LessOrEqual(t, seed, uint64(ofOneFlavour), "histories until there are three of each")
				})
			}
		}
	}
}
