package differential

import (
	"context"
	"fmt"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/future"
)

func (r *asyncReceiver) selector(o receiver) *async.NextFuture[string] {
	event := func(i string) func(message, error) string {
		return func(m message, err error) string { return i + ":" + received(m, err) }
	}
	return async.SelectBiased(async.On(r.rx, event("0")), async.On(o.(*asyncReceiver).rx, event("1"))).Next()
}

func (r *asyncReceiver) selectBiased(o receiver) pending {
	return wrap(r.selector(o), func(s string, err error) out {
		if err != nil {
			return out{text: reason(err)}
		}
		return out{text: s}
	})
}

func (r *asyncReceiver) raceBiased(o receiver) pending {
	race := future.RaceBiased(r.rx.Recv(), o.(*asyncReceiver).rx.Recv())
	return wrap(race, func(won future.Indexed[message], err error) out {
		return out{text: fmt.Sprintf("%d:%s", won.Index, received(won.Value, err))}
	})
}

func (r *asyncReceiver) selectBlocking(o receiver) string {
	s, err := r.selector(o).Await(context.Background())
	if err != nil {
		return reason(err)
	}
	return s
}

// closedBlocking waits as a native select does.
func (s *asyncSender) closedBlocking() string {
	<-s.tx.Done()
	return "ended"
}

// sendOrReceive is a race of a send and a receive, the send first.
func (s *asyncSender) sendOrReceive(m message, o receiver) (*sending, future.Future[future.Indexed[string]]) {
	send := s.sending(m)
	return send, future.RaceBiased(
		future.Map(send.SendFuture, func(struct{}) string { return "ok" }),
		future.Map(o.(*asyncReceiver).rx.Recv(), func(m message) string { return received(m, nil) }),
	)
}

// won renders what a race of a send and a receive returned.
func (s *sending) won(w future.Indexed[string], err error) string {
	fails := reason
	if w.Index == 0 {
		s.over, fails = true, sent
	} else {
		s.drop()
	}
	if err != nil {
		return fmt.Sprintf("%d:%s", w.Index, fails(err))
	}
	return fmt.Sprintf("%d:%s", w.Index, w.Value)
}

func (s *asyncSender) selectSend(m message, o receiver) pending {
	send, race := s.sendOrReceive(m, o)
	return sendWith(send, race, func(w future.Indexed[string], err error) out { return out{text: send.won(w, err)} })
}

func (s *asyncSender) selectSendBlocking(m message, o receiver) string {
	send, race := s.sendOrReceive(m, o)
	return send.won(future.Await(context.Background(), race))
}
