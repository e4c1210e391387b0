//go:build unix

// What verifies records is built for other systems too, and takes no locks.

package durable

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrTaken tells that another process has taken a lock.
var ErrTaken = errors.New("in use by another process")

// Take takes a lock, made where it is missing, for one process: until the file
// is closed or the process ends, however it ends. It does not wait: an error
// that wraps ErrTaken tells that another has it.
func Take(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = ErrTaken
	}
	return nil, errors.Join(fmt.Errorf("taking %s: %w", path, err), f.Close())
}
