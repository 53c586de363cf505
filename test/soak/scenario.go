package main

// scenario is one way to use the library. Its round returns when everything that it
// started has ended, whatever faults it met; the books are checked then.
type scenario struct {
	name, about string
	round       func(r *round)
}

var scenarios = []scenario{
	{"mpsc", "blocking channels: cancelled, timed and batched sends, a receiver that leaves", mpscRound},
	{"async", "awaitable channels: futures dropped midway, closes, handles dropped under an operation", asyncRound},
	{"permits", "reservations, permits, ForceSend", permitsRound},
	{"faces", "one channel, used by goroutines, tasks, selects and consumers without a goroutine", facesRound},
	{"stages", "Pipe and ForEach in a runtime that may be shut down midway", stagesRound},
	{"selects", "Select, races and timeouts over channels of different types", selectsRound},
	{"tasks", "JoinSets of tasks that return, panic, call Goexit, sleep, block or are cancelled", tasksRound},
	{"shutdown", "producers and consumers in a runtime that is shut down under them", shutdownRound},
	{"requests", "requests with promises, servers that fail, clients that lose patience", requestsRound},
	{"timers", "alarms, sleeps and timeouts, which must not be early", timersRound},
}
