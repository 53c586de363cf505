package idle_test

import (
	"testing"

	"github.com/handoff-go/handoff/benchmarks/bench/benchtest"
	"github.com/handoff-go/handoff/benchmarks/idle"
)

func TestScenarios(t *testing.T) { benchtest.Smoke(t, idle.Scenarios()) }
