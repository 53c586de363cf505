package remote

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnIDThatAHeaderWouldChangeIsRefused(t *testing.T) {
	ctx := within(t)
	c := embeddedConn(t)
	tx, _, err := Unbounded[int](ctx, c, "ids")
	require.NoError(t, err)
	for _, id := range []string{"", " a", "a ", "a\nb", "a\r\nX: y", "a\x00"} {
		require.ErrorIs(t, tx.SendID(id, 1).Await(ctx), ErrOption, "%q", id)
	}
	require.NoError(t, tx.SendID("größe 1", 1).Await(ctx))
	for _, name := range []string{"job ", "job\t1"} {
		_, _, err := Unbounded[int](ctx, c, "types", TypeName(name))
		require.ErrorIs(t, err, ErrOption, "%q", name)
	}
}
