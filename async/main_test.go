package async_test

import (
	"context"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/task"
)

// ants, which comes with package task, starts two goroutines when it is imported.
func TestMain(m *testing.M) { goleak.VerifyTestMain(withRuntime{m}, goleak.IgnoreCurrent()) }

// withRuntime stops the default runtime, which the examples use, before leaks are looked
// for.
type withRuntime struct{ m *testing.M }

func (w withRuntime) Run() int {
	code := w.m.Run()
	if err := task.Default().Shutdown(context.Background()); err != nil {
		fmt.Println("shutdown:", err)
		return 1
	}
	return code
}
