package mpsc_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/sync/mpsc"
)

func TestTheErrorsOfANamedChannelHaveItsName(t *testing.T) {
	for name, prefix := range map[string]string{"": "handoff: ", "jobs": `handoff: "jobs": `} {
		tx, rx := mpsc.SyncChannel[int](1, mpsc.Named(name))
		_, err := rx.TryRecv()
		assert.EqualError(t, err, prefix+"channel empty")
		assert.ErrorIs(t, err, mpsc.ErrEmpty)
		assert.NoError(t, tx.Send(1))
		err = tx.TrySend(2)
		assert.ErrorContains(t, err, prefix+"channel full")
		assert.ErrorIs(t, err, mpsc.ErrFull)
		clone := tx.Clone()
		clone.Drop()
		err = clone.Send(3)
		assert.ErrorContains(t, err, prefix+"handle dropped")
		assert.ErrorIs(t, err, mpsc.ErrDropped)
		tx.Drop()
		_, err = rx.Recv()
		assert.NoError(t, err)
		_, err = rx.Recv()
		assert.EqualError(t, err, prefix+"channel closed")
		assert.ErrorIs(t, err, mpsc.ErrDisconnected)
		rx.Drop()
		_, err = rx.Recv()
		assert.EqualError(t, err, prefix+"handle dropped")
	}
}

func TestTheErrorsOfANamedChannelAllocateNothing(t *testing.T) {
	tx, rx := mpsc.SyncChannel[int](1, mpsc.Named("jobs"))
	defer tx.Drop()
	defer rx.Drop()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := rx.TryRecv(); !errors.Is(err, mpsc.ErrEmpty) {
			panic(err)
		}
	}))
}
