package channel

import "github.com/handoff-go/handoff/internal/probe"

// Option is an option of a new channel. Both faces export it under their own name.
type Option struct{ name string }

// Named is the option that gives a channel a name.
func Named(name string) Option { return Option{name} }

// With applies opts. Of two names the last one counts.
func (o *Options) With(opts []Option) {
	for _, opt := range opts {
		o.Name = opt.name
	}
}

// Observe sets the level at which channels that are made now are observed, and reports
// whether they are.
func (o *Options) Observe() bool {
	o.Level = probe.On()
	return o.Level != probe.Off
}
