//go:build !purego

package probe

const purego = false
