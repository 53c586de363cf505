//go:build (amd64 || arm64) && gc && !purego

package probe

import "unsafe"

// descriptor returns the address of what the runtime keeps about the calling goroutine. It
// stays the same for as long as the goroutine lives, and is another one's after that.
//
// That it can be had so is part of Go's assembler: https://go.dev/doc/asm.
func descriptor() unsafe.Pointer
