package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Error codes of the server that package jetstream has no names for.
const (
	codeMaxMsgs       = "maximum messages exceeded"
	codeMaxBytes      = "maximum bytes exceeded"
	errStoreFailed    = 10077
	errInsufficient   = 10023
	errNoResources    = 10047
	errMemoryExceeded = 10028
	errAccountLimits  = 10002
	errNotLeader      = 10009
	errOffline        = 10118
	errPeers          = 10005
	errNotAvailable   = 10008
	errTooManyReqs    = 10167
	errUnknownBatch   = 10208
	errIncomplete     = 10004
	errBatchInflight  = 10211
	errIDInProcess    = 10158 // the first try of the same message is not decided yet
	codeStoreClosed   = "store is closed"
)

// explain puts one of our errors beside an error of the client or the server, so that
// errors.Is finds the kind and the text says what to do about it.
func explain(err error) error {
	if err == nil {
		return nil
	}
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return explainAPI(api, err)
	}
	kind := error(nil)
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired),
		errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrAccountAuthExpired),
		errors.Is(err, nats.ErrPermissionViolation), refused(err):
		kind = ErrAuth
	case errors.Is(err, nats.ErrSecureConnRequired):
		return fmt.Errorf("%w: the server wants TLS and the client has not asked for it (nats.Secure, or tls:// in the URL)", err)
	case errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("%w: the client asks for TLS, and the server does not offer it", err)
	case errors.Is(err, nats.ErrMaxPayload):
		kind = ErrTooLarge
	case retryable(err):
		kind = ErrUnavailable
	default:
		return err
	}
	if errors.Is(err, kind) {
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// refused finds the server's words about credentials where the client has no error for
// them: when it reconnects.
func refused(err error) bool {
	text := strings.ToLower(err.Error())
	for _, words := range []string{
		nats.AUTHORIZATION_ERR, nats.AUTHENTICATION_EXPIRED_ERR, nats.AUTHENTICATION_REVOKED_ERR, nats.ACCOUNT_AUTHENTICATION_EXPIRED_ERR,
	} {
		if strings.Contains(text, "nats: "+words) {
			return true
		}
	}
	return false
}

func explainAPI(api *jetstream.APIError, err error) error {
	kind := error(nil)
	switch int(api.ErrorCode) {
	case errStoreFailed:
		switch api.Description {
		case codeMaxMsgs:
			return ErrFull
		case codeMaxBytes:
			return fmt.Errorf("%w: %w", ErrStorage, err)
		case codeStoreClosed: // the server is about to stop
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		kind = ErrStorage
	case errInsufficient, errNoResources, errMemoryExceeded, errAccountLimits:
		kind = ErrStorage
	case int(jetstream.JSErrCodeStreamMessageExceedsMaximum):
		kind = ErrTooLarge
	case int(jetstream.JSErrCodeStreamNotFound):
		kind = ErrDeleted
	case errNotLeader, errOffline, errPeers, errNotAvailable, errIncomplete, errTooManyReqs, errUnknownBatch, errBatchInflight, errIDInProcess:
		kind = ErrUnavailable
	default:
		return err
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// retryable says that the same operation may succeed a moment later.
func retryable(err error) bool {
	return errors.Is(err, ErrUnavailable) ||
		errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrNoResponders) ||
		errors.Is(err, jetstream.ErrNoStreamResponse) ||
		errors.Is(err, nats.ErrReconnectBufExceeded) || errors.Is(err, nats.ErrDisconnected) ||
		errors.Is(err, nats.ErrStaleConnection) || errors.Is(err, nats.ErrConnectionReconnecting) ||
		errors.Is(err, context.DeadlineExceeded)
}

// retry repeats an operation that waits for an answer, until it succeeds, fails for a
// reason that stays, or ctx ends.
func (c *Conn) retry(ctx context.Context, do func(context.Context) error) error {
	wait := 10 * time.Millisecond
	for {
		try, cancel := context.WithTimeout(ctx, attempt)
		err := explain(do(try))
		cancel()
		if err == nil {
			return nil
		}
		if lost := c.lost(); lost != nil {
			return lost
		}
		if !retryable(err) {
			return err
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			if errors.Is(err, ctx.Err()) {
				return err
			}
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-c.stop:
			t.Stop()
			return ErrConn
		case <-t.C:
		}
		wait = min(2*wait, time.Second/2)
	}
}
