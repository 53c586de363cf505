//go:build !race

package mpsc_test

const raceEnabled = false
