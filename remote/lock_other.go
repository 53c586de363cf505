//go:build !unix || solaris || aix

package remote

import "os"

// lockFile does nothing where package syscall has no such lock.
func lockFile(*os.File) error { return nil }
