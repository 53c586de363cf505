//go:build purego

package probe

const purego = true
