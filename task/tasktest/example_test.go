package tasktest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/task"
	"github.com/handoff-go/handoff/task/tasktest"
)

// The sum must be right in whatever order the tasks go on. If it is not, the
// message says which seed to run again.
func ExampleExplore() {
	var t *testing.T // of the test function
	tasktest.Explore(t, 1000, func(ctx context.Context) {
		var set task.JoinSet[int]
		for i := range 4 {
			set.Spawn(ctx, func(ctx context.Context) (int, error) { return i, task.YieldNow(ctx) })
		}
		sum := 0
		for {
			v, ok, err := set.Next(ctx)
			assert.NoError(t, err)
			if !ok {
				break
			}
			sum += v
		}
		assert.Equal(t, 6, sum)
	})
}

// One line for all tests of a package.
func ExampleVerifyTestMain() {
	var m *testing.M // of TestMain
	tasktest.VerifyTestMain(m)
}

// One test that must leave nothing behind.
func ExampleVerifyNone() {
	var t *testing.T // of the test function
	defer tasktest.VerifyNone(t)
	rt, err := task.New()
	assert.NoError(t, err)
	defer func() { assert.NoError(t, rt.Shutdown(context.Background())) }()
}
