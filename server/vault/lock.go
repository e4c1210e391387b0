package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrBusy says that another process uses the key store.
var ErrBusy = errors.New("the key store is in use by another process; stop the server and other commands first")

// lockFile is held by everybody who has the key store open, and by nobody else
// while its master key is being replaced. It is no part of a copy.
const lockFile = ".lock"

// lock takes the key store's lock for the life of the process or until it is
// closed: with others, or alone.
func lock(dir string, alone bool) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the key store's lock: %w", err)
	}
	if err := relock(f, alone); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// relock changes how a lock is held. It does not wait: who replaces the master
// key is about to make what others hold in memory worthless.
func relock(f *os.File, alone bool) error {
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK) && alone:
		return ErrBusy
	case errors.Is(err, syscall.EWOULDBLOCK):
		return fmt.Errorf("the master key is being replaced; try again when that is done: %w", ErrBusy)
	case err != nil:
		return fmt.Errorf("taking the key store's lock: %w", err)
	}
	return nil
}

// Alone makes sure that no other process uses the key store, for as long as v is
// open; ErrBusy where one does.
func (v *Vault) Alone() error { return relock(v.lock, true) }

// Close gives up the key store, so that its master key can be replaced. Nothing
// else of v works afterwards that needs a key which was not used before.
func (v *Vault) Close() error { return v.lock.Close() }
