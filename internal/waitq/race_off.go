//go:build !race

package waitq

const raceEnabled = false
