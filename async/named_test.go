package async_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/async"
)

func TestTheErrorsOfANamedChannelHaveItsName(t *testing.T) {
	for name, prefix := range map[string]string{"": "handoff: ", "jobs": `handoff: "jobs": `} {
		ctx := t.Context()
		tx, rx := async.Bounded[int](1, async.Named(name))
		_, err := rx.TryRecv()
		assert.EqualError(t, err, prefix+"channel empty")
		assert.ErrorIs(t, err, async.ErrEmpty)
		assert.NoError(t, tx.TrySend(1))
		_, err = tx.TryReserve()
		assert.EqualError(t, err, prefix+"channel full")
		assert.ErrorIs(t, err, async.ErrFull)
		clone := tx.Clone()
		clone.Drop()
		err = clone.Send(3).Await(ctx)
		assert.ErrorContains(t, err, prefix+"handle dropped")
		assert.ErrorIs(t, err, async.ErrDropped)
		_, err = rx.Recv().Await(ctx)
		assert.NoError(t, err)
		reason := errors.New("out of paper")
		tx.CloseCause(reason)
		_, err = rx.Recv().Await(ctx)
		assert.EqualError(t, err, prefix+"channel closed: out of paper")
		assert.ErrorIs(t, err, async.ErrClosed)
		assert.ErrorIs(t, err, reason)
		tx.Drop()
		rx.Drop()
		_, err = rx.Recv().Await(ctx)
		assert.EqualError(t, err, prefix+"handle dropped")
	}
}
