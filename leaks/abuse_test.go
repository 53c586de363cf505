package leaks_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/internal/leak"
	"github.com/handoff-go/handoff/leaks"
	"github.com/handoff-go/handoff/sync/mpsc"
)

// Misuse of tracking, and its defined results.
func TestMisuseOfTrackingIsHarmless(t *testing.T) {
	for name, abuse := range map[string]func(t *testing.T){
		"a stop that is called twice leaves the tracking of others on": func(t *testing.T) {
			other := leaks.Track()
			defer other()
			stop := leaks.Track()
			stop()
			stop()
			assert.True(t, leak.On())
		},
		"handles that are dropped twice, or after the end of tracking, are no leaks": func(t *testing.T) {
			before := leaks.Count()
			stop := leaks.Track()
			tx, rx := mpsc.Channel[int]()
			tx.Drop()
			stop()
			tx.Drop()
			rx.Drop()
			rx.Drop()
			collect()
			assert.Equal(t, before, leaks.Count())
		},
	} {
		t.Run(name, abuse)
	}
	assert.False(t, leak.On(), "all of it is off again")
}
