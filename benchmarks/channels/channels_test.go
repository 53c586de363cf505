package channels_test

import (
	"testing"

	"github.com/handoff-go/handoff/benchmarks/bench/benchtest"
	"github.com/handoff-go/handoff/benchmarks/channels"
)

func TestScenarios(t *testing.T) { benchtest.Smoke(t, channels.Scenarios()) }
