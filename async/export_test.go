package async

// SetBlockSlots makes channels created from now on use blocks of n slots, so that a
// test crosses the end of a block often. 0 is the default.
func SetBlockSlots(n int) (restore func()) {
	old := blockSlots
	blockSlots = n
	return func() { blockSlots = old }
}
