package observe_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// Misuse of recording, and its defined results.
func TestMisuseOfRecordingIsHarmless(t *testing.T) {
	for name, abuse := range map[string]func(t *testing.T){
		"a stop that is called twice leaves the recording of others on": func(t *testing.T) {
			defer observe.Enable(observe.Options{})()
			stop := observe.Enable(observe.Options{Events: 10})
			stop()
			stop()
			assert.Equal(t, "counts", level())
		},
		"a name that is taken back twice is taken back once": func(t *testing.T) {
			defer observe.Name("outer")()
			undo := observe.Name("inner")
			undo()
			undo()
			assert.NotPanics(t, func() { observe.Snapshot() })
		},
		"a label that panics does not panic the send": func(t *testing.T) {
			defer observe.Enable(observe.Options{Events: 10, Label: func(any) string { panic("label") }})()
			tx, rx := mpsc.Channel[int]()
			defer rx.Drop()
			defer tx.Drop()
			assert.NoError(t, tx.Send(1))
			v, err := rx.Recv()
			assert.NoError(t, err)
			assert.Equal(t, 1, v)
		},
		"a source that panics or is nil is an error in its row": func(t *testing.T) {
			defer observe.Enable(observe.Options{})()
			for _, ask := range []func(*observe.Remote){nil, func(*observe.Remote) { panic("source") }} {
				unregister := observe.Register(observe.Remote{Name: "broken"}, ask)
				for _, r := range observe.Snapshot().Remote {
					assert.NotEmpty(t, r.Err)
				}
				unregister()
				unregister()
			}
		},
		"a writer that takes nothing is an error of every form": func(t *testing.T) {
			defer observe.Enable(observe.Options{Events: 10})()
			tx, rx := mpsc.Channel[int]()
			_ = tx.Send(1)
			assert.ErrorIs(t, observe.Snapshot().WriteTable(full{}), errFull)
			assert.ErrorIs(t, observe.Sequence(full{}, observe.Filter{}), errFull)
			assert.ErrorIs(t, observe.Topology(full{}), errFull)
			assert.ErrorIs(t, observe.Trace(full{}, observe.Filter{}), errFull)
			tx.Drop()
			rx.Drop()
		},
		"diagrams of nothing are diagrams": func(t *testing.T) {
			var out bytes.Buffer
			assert.NoError(t, observe.Recording{}.Sequence(&out, observe.Filter{}))
			assert.NoError(t, observe.Recording{}.Topology(&out, observe.Filter{}))
			assert.NoError(t, observe.Recording{}.Trace(&out, observe.Filter{}))
			assert.NotEmpty(t, out.String())
		},
	} {
		t.Run(name, abuse)
	}
	assert.Equal(t, "off", level())
}
