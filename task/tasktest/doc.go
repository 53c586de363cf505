// Package tasktest helps to test programs that use package task.
//
// [VerifyTestMain] and [VerifyNone] fail a test that leaves a goroutine or a task
// behind. They ignore the two goroutines that importing package task starts, and report a
// [task.Runtime] that was not shut down.
//
//	func TestMain(m *testing.M) { tasktest.VerifyTestMain(m) }
//
// [Explore] runs a program under many seeds, each of which is another order of the
// same tasks, and names the seed that broke it:
//
//	func TestTransfer(t *testing.T) {
//	    tasktest.Explore(t, 1000, func(ctx context.Context) {
//	        var set task.JoinSet[int] // all tasks under ctx, or one derived from it
//	        ...
//	        assert.Equal(t, 100, total)
//	    })
//	}
//
// With HANDOFF_SEED in the environment it runs that one alone:
//
//	HANDOFF_SEED=17 go test -run '^TestTransfer$' ./bank
//
// Only tests should import this package: it imports testing and goleak.
package tasktest
