package mutant

import (
	"errors"
	"os"
	"path/filepath"
)

// moduleRoot returns the folder of the go.mod above the working directory, which in a test is
// that of its package.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("mutant: no go.mod above the working directory")
		}
	}
	return "", err
}
