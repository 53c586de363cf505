package probe_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/benchmarks/probe"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		before, after float64
		want          probe.Class
	}{
		{27, 30, probe.Near},
		{59.9, 10, probe.Near},
		{60, 200, probe.Far},
		{27, 200, probe.Mixed},
		{200, 27, probe.Mixed},
		{5000, 5000, probe.Mixed},
		{0, 0, probe.One},
	} {
		assert.Equal(t, c.want, probe.Classify(c.before, c.after), "%v then %v", c.before, c.after)
	}
}

func TestLine(t *testing.T) {
	before := runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(before)
	assert.Positive(t, probe.Line())
	runtime.GOMAXPROCS(1)
	assert.Zero(t, probe.Line())
}
