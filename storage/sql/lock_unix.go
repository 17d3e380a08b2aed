//go:build unix

package sqlstore

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// tryLock takes the file for this process alone. The kernel lets go of it when the
// process ends, however it ends.
func tryLock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
