package linearizability

// state is a channel between two steps. It is comparable as a whole, because porcupine
// compares and keeps many of them.
type state struct {
	buf      [maxMessages]uint8
	n        uint8
	line     [maxLine]uint8 // IDs of calls that wait for room, plus one
	waiting  uint8
	reserved uint8
	progress [maxCalls]uint8 // of batches: messages done; of reservations that fail: 1 while granted
	tx, rx   uint16          // live handles
	closed   bool
	handing  bool // buf is one message on its way from a send to a parked receive, without a slot
	cause    uint8
}

// Bounds of a history, which the generator of programs keeps to.
const (
	maxMessages = 64
	maxLine     = 32
	maxCalls    = 80
)

func (s *state) push(v uint8) {
	s.buf[s.n] = v
	s.n++
}

func (s *state) pop() uint8 {
	v := s.buf[0]
	copy(s.buf[:], s.buf[1:s.n])
	s.n--
	s.buf[s.n] = 0
	return v
}

// popAll takes vs from the front, if they stand there.
func (s *state) popAll(vs []uint8) bool {
	if len(vs) > int(s.n) {
		return false
	}
	for _, v := range vs {
		if s.pop() != v {
			return false
		}
	}
	return true
}

// room is how many slots are neither filled nor reserved, whether or not senders wait.
func (s *state) room(capacity int) int {
	if capacity == Unlimited {
		return maxMessages
	}
	return capacity - int(s.n) - int(s.reserved)
}

func (s *state) join(id int) {
	s.line[s.waiting] = uint8(id) + 1
	s.waiting++
}

func (s *state) first(id int) bool { return s.waiting > 0 && s.line[0] == uint8(id)+1 }

// leave takes a call out of the line, wherever it stands, and reports whether it did.
func (s *state) leave(id int) bool {
	for i := range s.waiting {
		if s.line[i] == uint8(id)+1 {
			copy(s.line[i:], s.line[i+1:s.waiting])
			s.waiting--
			s.line[s.waiting] = 0
			return true
		}
	}
	return false
}

func (s *state) dropTx(h int) {
	if s.tx &^= 1 << h; s.tx == 0 {
		s.closed = true
	}
}

func (s *state) dropRx(h int) {
	if s.rx &^= 1 << h; s.rx == 0 {
		s.closed = true
		s.n, s.buf = 0, [maxMessages]uint8{}
	}
}

// over reports whether nothing can be sent any more.
func (s *state) over() bool { return s.closed && s.reserved == 0 }
