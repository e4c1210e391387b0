package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"bonafide/server/durable"
)

// ErrRunning says that a server already uses the data folder.
var ErrRunning = errors.New("another server uses this data folder; stop it first, or give this one a folder of its own with --data")

// aloneFile is locked by the server that uses a data folder.
const aloneFile = ".server.lock"

// alone takes a data folder for one server until the file is closed or the
// process ends, however it ends. A second server would repair the recordings
// that the first one is still writing.
func alone(dir string) (*os.File, error) {
	f, err := durable.Take(filepath.Join(dir, aloneFile))
	if errors.Is(err, durable.ErrTaken) {
		return nil, fmt.Errorf("%s: %w", dir, ErrRunning)
	}
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	return f, nil
}
