package observe_test

import (
	"testing"

	"github.com/handoff-go/handoff/task/tasktest"
)

func TestMain(m *testing.M) { tasktest.VerifyTestMain(m) }
