package remote

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// Importing package task starts two goroutines, which are there before the tests are.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// within is a context that ends before the test's patience does.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// embeddedConn opens a server of the test's own.
func embeddedConn(t *testing.T, opts ...OpenOption) *Conn {
	t.Helper()
	c, err := Open(within(t), "embedded:"+t.TempDir(), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}
