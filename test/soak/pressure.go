package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
)

// pressure makes life hard for everybody: it changes the number of processors, and it
// holds memory so that the limit is near and the collector has no rest.
type pressure struct {
	limit   int64
	ballast [][]byte
	samples []metrics.Sample

	memory     uint64 // the most that was in use
	goroutines int    // likewise
	changes    int
	cycles     uint64
}

func newPressure(cfg config) *pressure {
	return &pressure{
		limit:   cfg.memory,
		samples: []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/gc/cycles/total:gc-cycles"}},
	}
}

// press is called every now and then.
func (p *pressure) press(rng *rand.Rand) {
	if rng.IntN(4) == 0 {
		runtime.GOMAXPROCS(1 + rng.IntN(2*runtime.NumCPU()))
		p.changes++
	}
	// Up to half of the limit, in pieces that come and go.
	const piece = 1 << 20
	if p.limit > 0 {
		if most := int(p.limit / piece / 2); len(p.ballast) < most {
			p.ballast = append(p.ballast, make([]byte, piece))
		} else if most > 0 {
			p.ballast = p.ballast[:rng.IntN(most)]
			clear(p.ballast[len(p.ballast):cap(p.ballast)])
		}
	}
	metrics.Read(p.samples)
	p.memory = max(p.memory, p.samples[0].Value.Uint64()-p.samples[1].Value.Uint64())
	p.cycles = p.samples[2].Value.Uint64()
	p.goroutines = max(p.goroutines, runtime.NumGoroutine())
}

func (p *pressure) String() string {
	return fmt.Sprintf("at most %d MiB and %d goroutines; %d collections, %d changes of GOMAXPROCS",
		p.memory>>20, p.goroutines, p.cycles, p.changes)
}
