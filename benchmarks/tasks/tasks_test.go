package tasks_test

import (
	"testing"

	"github.com/handoff-go/handoff/benchmarks/bench/benchtest"
	"github.com/handoff-go/handoff/benchmarks/tasks"
)

func TestScenarios(t *testing.T) { benchtest.Smoke(t, tasks.Scenarios()) }
