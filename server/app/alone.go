package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrRunning says that a server already uses the data folder.
var ErrRunning = errors.New("another server uses this data folder; stop it first, or give this one a folder of its own with --data")

// aloneFile is locked by the server that uses a data folder.
const aloneFile = ".server.lock"

// alone takes a data folder for one server until the file is closed or the
// process ends, however it ends. A second server would repair the recordings
// that the first one is still writing.
func alone(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, aloneFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the data folder's lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = fmt.Errorf("%s: %w", dir, ErrRunning)
	default:
		err = fmt.Errorf("locking the data folder: %w", err)
	}
	return nil, errors.Join(err, f.Close())
}
