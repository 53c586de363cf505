// Package linearizability checks that the channels of both faces are linearizable: small random
// programs run on real channels, by goroutines and tasks at the same time, what each
// operation returned and when is recorded, and porcupine looks for an order of
// the operations that explains all of it, with a sequential model of a channel.
//
// # Operations that are more than one step
//
// An order explains a history if every operation takes effect at one moment between its
// call and its return. Some operations of a channel are documented as more than that, and
// are several steps of the model, each with a moment of its own:
//
//   - A send or a reservation that may wait is queued, and is served
//     later. So a TrySend may find the channel full while a sender is queued, even
//     one that gives up in the end. If the first poll of a future was not ready, its
//     place was taken before that poll returned.
//   - A SendMany that does not fit goes in piece by piece. If there is room for all of
//     it, it goes in at once, and so do a TryRecvMany and an unbounded SendMany.
//   - A RecvMany that waited may be handed one message, and takes what else is there
//     when it wakes.
//   - A receive that gave up has found nothing at one moment at least: it tries once.
//
// # Rendezvous
//
// A queue of capacity 0 cannot explain a rendezvous, since nothing is ever in it. There
// the send and the receive of a message are one step, the meeting, and its moment lies
// in both calls. Every message is different, so the pairs are known from the history;
// two calls that do not overlap have no such moment.
//
// # What is not checked
//
// Which of several receives that wait gets a message. The moment at which a Drop reaches
// operations through the very same handle: those that began before it returned may
// succeed or fail. Len beside a ForceSend that evicts, or after the last receiver left:
// it takes no lock and may be off by what is just being discarded.
package linearizability
