package faults_test

import (
	"github.com/nats-io/nats-server/v2/server"
)

// stored is how many messages a stream of a single server has.
func stored(s *server.Server, stream string) int {
	acc := s.GlobalAccount()
	if acc == nil {
		return 0
	}
	info, err := s.JszAccount(&server.JSzOptions{Account: acc.GetName(), Streams: true})
	if err != nil {
		return 0
	}
	for _, d := range info.Streams {
		if d.Name == stream {
			return int(d.State.Msgs)
		}
	}
	return 0
}
