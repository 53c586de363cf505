package differential

// Pair is a library and the part of handoff that stands for it.
type Pair struct {
	Library string // what the Rust program calls it
	Caps    []int  // capacities to draw from
	Like    string // the pair whose intended divergences it shares, if not its own
	Two     bool   // whether programs may have two channels
	Weights map[string]int
	open    func(b *books, capacity int) (sender, receiver)
}

// Pairs are all pairs by name.
var Pairs = map[string]Pair{
	"std":             {Library: "std", Caps: allCaps, Weights: stdOps, open: openMPSC},
	"async-channel":   {Library: "async-channel", Caps: someRoom, Two: true, Weights: asyncChannelOps, open: openAsync(habits{})},
	"tokio":           {Library: "tokio", Caps: []int{1, 2, 3, 7}, Two: true, Weights: tokioOps, open: openAsync(tokioHabits)},
	"tokio-unbounded": {Library: "tokio", Caps: []int{Unbounded}, Two: true, Weights: tokioUnboundedOps, open: openAsync(tokioHabits)},
	"tokio-time":      {Library: "tokio", Like: "tokio", Caps: []int{1, 2}, Weights: tokioTimeOps, open: openAsync(tokioHabits)},
	"oneshot":         {Library: "oneshot", Caps: []int{1}, Two: true, Weights: oneshotOps, open: openPromise},
	"crossbeam":       {Library: "crossbeam", Caps: allCaps, Two: true, Weights: crossbeamOps, open: openAsync(habits{drains: true})},
	"crossbeam-one":   {Library: "crossbeam-one", Caps: allCaps, Weights: crossbeamOneOps, open: openMPSC},
	"flume":           {Library: "flume", Caps: allCaps, Two: true, Weights: flumeOps, open: openAsync(habits{drains: true})},
	"flume-one":       {Library: "flume-one", Caps: allCaps, Weights: flumeOneOps, open: openMPSC},
	"kanal":           {Library: "kanal", Caps: allCaps, Weights: kanalOps, open: openAsync(habits{loses: true, drains: true})},
}

var tokioHabits = habits{exclusive: true, quiet: true}

var (
	allCaps  = []int{Unbounded, 0, 1, 2, 3, 7}
	someRoom = []int{Unbounded, 1, 2, 3, 7} // 0 panics there
)

// How often each operation is drawn, beside the others of its pair.
var (
	stdOps = map[string]int{
		"clone s": 4, "drop s": 3, "drop r": 1, "trysend": 8, "tryrecv": 6, "recvnow": 2,
		"tsend": 12, "trecv": 10, "trecvfar": 3, "drain": 2,
	}
	asyncChannelOps = map[string]int{
		"clone s": 3, "clone r": 3, "drop s": 3, "drop r": 2, "down s": 2, "down r": 2, "drop w": 1, "up": 4, "same": 1,
		"trysend": 8, "tryrecv": 6, "force": 3, "close": 1, "send": 10, "recv": 10, "select": 3, "closed": 2,
		"poll": 24, "drop f": 5, "forget": 1, "tsend": 4, "trecv": 4, "selectsend": 3, "tclosed": 1,
	}
	tokioOps = map[string]int{
		"clone s": 3, "drop s": 3, "drop r": 1, "down s": 2, "drop w": 1, "up": 4, "same": 1,
		"trysend": 8, "tryrecv": 6, "close r": 1, "send": 8, "recv": 8, "recvmany": 5, "select": 3, "closed": 2,
		"reserve": 5, "reservemany": 4, "reserveowned": 3, "tryreserve": 3, "tryreservemany": 3, "tryreserveowned": 2,
		"permit": 10, "drop p": 4, "poll": 24, "drop f": 5, "forget": 1, "tsend": 2, "trecv": 2,
		"selectsend": 3, "tclosed": 1,
	}
	tokioUnboundedOps = map[string]int{
		"clone s": 3, "drop s": 3, "drop r": 1, "down s": 2, "drop w": 1, "up": 4, "same": 1, "trysend": 12, "tryrecv": 6,
		"close r": 1, "recv": 8, "recvmany": 5, "select": 3, "closed": 3, "poll": 24, "drop f": 5, "forget": 1, "trecv": 3, "tclosed": 1,
	}
	tokioTimeOps = map[string]int{
		"clone s": 2, "drop s": 2, "drop r": 1, "trysend": 8, "tryrecv": 8, "close r": 1, "send": 4, "recv": 2, "sendfor": 10,
		"recvfor": 10, "tryreserve": 2, "permit": 3, "drop p": 2, "poll": 24, "drop f": 4, "forget": 1, "advance": 16,
	}
	oneshotOps   = map[string]int{"trysend": 3, "drop s": 2, "drop r": 2, "tryrecv": 4, "recv": 6, "poll": 12, "drop f": 4, "forget": 1, "close r": 1, "tclosed": 2}
	crossbeamOps = map[string]int{
		"clone s": 3, "clone r": 3, "drop s": 3, "drop r": 2, "same": 1, "trysend": 8, "tryrecv": 6, "sendnow": 2, "recvnow": 2,
		"tsend": 8, "tsendfar": 2, "trecv": 8, "trecvfar": 2, "tselect": 3,
		"tselectsend": 3, "drain": 2,
	}
	crossbeamOneOps = map[string]int{
		"clone s": 3, "drop s": 3, "drop r": 1, "same": 1, "trysend": 8, "tryrecv": 6, "sendnow": 2, "recvnow": 2,
		"tsend": 8, "tsendfar": 3, "trecv": 8, "trecvfar": 3, "drain": 2,
	}
	flumeOps = map[string]int{
		"clone s": 3, "clone r": 3, "drop s": 3, "drop r": 2, "down s": 2, "drop w": 1, "up": 4, "same": 1, "trysend": 8,
		"tryrecv": 6, "sendnow": 2, "recvnow": 2, "drain": 2, "tsend": 6, "tsendfar": 2, "trecv": 6, "trecvfar": 2,
		"send": 6, "recv": 6, "poll": 12, "drop f": 4, "forget": 1, "tselect": 2, "tselectsend": 2,
	}
	flumeOneOps = crossbeamOneOps
	kanalOps    = map[string]int{
		"clone s": 3, "clone r": 3, "drop s": 3, "drop r": 2, "trysend": 8, "tryrecv": 6, "sendnow": 2, "recvnow": 2,
		"drain": 2, "send": 8, "recv": 8, "poll": 20, "drop f": 4, "forget": 1, "close": 1,
		"tsend": 1, "trecv": 1, // seldom, because it yields 256 times before it sleeps, and with a timeout it never sleeps
	}
)
