//go:build unix && !solaris && !aix

package remote

import (
	"os"
	"syscall"
)

// lockFile keeps other processes away until f is closed, which the system does for one
// that is killed.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
