package differential

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAProgramIsReadAsItIsWritten(t *testing.T) {
	for name := range Pairs {
		for seed := range uint64(50) {
			p := Generate(name, seed)
			read, err := ParseProgram(p.String())
			require.NoError(t, err)
			require.Equal(t, p, read)
			require.Equal(t, p, Generate(name, seed), "one seed is one program")
		}
	}
	_, err := ParseProgram("tokio prompt|poll f0 w0")
	assert.ErrorContains(t, err, "is no program")
}

func TestAStepIsReadAsTheRustProgramWritesIt(t *testing.T) {
	s, err := parseStep("ok\tf1=[3 4] t0=ok\t7 8\ts0: len=1 cap=none; r0: len=1\tf1/w2 ~f0/w1")
	require.NoError(t, err)
	assert.Equal(t, Step{
		Result: "ok", Completed: []string{"f1=[3 4]", "t0=ok"}, Dropped: []string{"7", "8"},
		State: map[string]string{"s0.len": "1", "s0.cap": "none", "r0.len": "1"}, Wakes: []string{"f1/w2", "~f0/w1"},
	}, s)
	_, err = parseStep("ok")
	assert.Error(t, err)
}

// Each field counts, and what one side does not answer does not.
func TestTracesDifferInEachField(t *testing.T) {
	step := func(change func(*Step)) Step {
		s := Step{Result: "ok", Completed: []string{"f0=ok"}, Dropped: []string{"1", "2"}, State: map[string]string{"s0.len": "1"}, Wakes: []string{"f0/w0"}}
		change(&s)
		return s
	}
	same := step(func(*Step) {})
	for field, change := range map[string]func(*Step){
		"result":    func(s *Step) { s.Result = "full(1)" },
		"completed": func(s *Step) { s.Completed = nil },
		"dropped":   func(s *Step) { s.Dropped = []string{"2", "1"} },
		"s0.len":    func(s *Step) { s.State = map[string]string{"s0.len": "2"} },
		"wakes":     func(s *Step) { s.Wakes = []string{"f0/w0", "f0/w0"} },
	} {
		assert.Equal(t, []string{field}, differing(same, step(change)), field)
	}
	assert.Empty(t, differing(same, step(func(s *Step) { s.State = map[string]string{"s0.free": "3"} })))
	assert.Empty(t, differing(step(func(s *Step) { s.Wakes = append(s.Wakes, "~f1/w0") }), same), "a wake of a future that is over has no effect")
}

func TestASmallerProgramStillFails(t *testing.T) {
	p := Program{Pair: "std", Caps: []int{7, 3}, Ops: []string{"a", "b", "c", "d", "e", "f", "g"}}
	small := Shrink(p, func(p Program) bool { return slices.Contains(p.Ops, "c") && slices.Contains(p.Ops, "f") })
	assert.Equal(t, Program{Pair: "std", Caps: []int{1}, Ops: []string{"c", "f"}}, small)
}

// What is wrong here whatever the originals do.
func TestASecondEndOfAMessageAndAWakeOfWhatIsOverAreFaults(t *testing.T) {
	p := Program{Pair: "tokio", Ops: []string{"tryrecv r0", "drop r0"}}
	assert.Nil(t, Faults(p, []Step{{Result: "v1"}, {Result: "done", Dropped: []string{"2"}}}))
	assert.NotNil(t, Faults(p, []Step{{Result: "v1"}, {Result: "done", Dropped: []string{"1"}}}))
	assert.NotNil(t, Faults(p, []Step{{Result: "v1", Wakes: []string{"~f0/w0"}}, {Result: "done"}}))
	assert.NotNil(t, Faults(p, []Step{{Result: "0:v1"}, {Completed: []string{"f0=[2 1]"}}}))
	p.Ops = []string{"selectsend s0 r0 f0 1", "trysend s0 2"}
	woken := []string{"f0/w0", "~f0/w0"}
	assert.Nil(t, Faults(p, []Step{{Result: "done"}, {Completed: []string{"f0=1:v2"}, Wakes: woken}}), "it frees the slot that its send waits for")
	assert.NotNil(t, Faults(p, []Step{{Result: "done"}, {Completed: []string{"f0=0:ok"}, Wakes: woken}}))
}
