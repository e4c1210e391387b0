// Package vault encrypts what an interview leaves behind, with a key for each
// part of a record, so that a part is deleted, in every backup too, by
// destroying its key. The keys lie in a store of their own, each encrypted
// ("wrapped") with the master key that the operator holds.
//
// The construction is that of Go's standard library: AES-256-GCM with a random
// nonce for every piece that is written (crypto/cipher), and keys derived by
// HKDF-SHA-256 (crypto/hkdf). The streaming formats of Tink and age count their
// nonces and therefore cannot take a file that is written in place, continued
// after a crash and patched when it is finished; see File.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"bonafide/server/durable"
	"bonafide/server/evidence"
)

// Errors that callers tell apart.
var (
	// ErrDestroyed says that the content was deleted: its key was destroyed.
	ErrDestroyed = errors.New("it was deleted: its key was destroyed")
	// ErrNoKey says that the key store lacks a key that it should have.
	ErrNoKey = errors.New("its key is not in the key store; put the newest copy of the key store back")
	// ErrDamaged says that encrypted bytes were changed, cut off, or are of another record.
	ErrDamaged = errors.New("its encrypted bytes were changed or cut off")
	// ErrMaster says that the master key is missing or is not the one that the key store was made with.
	ErrMaster = errors.New("the master key")
)

const keySize = 32 // bytes; AES-256

// Config names where the keys are.
type Config struct {
	Dir    string // the key store's folder; made if missing
	Master string // file of the master key; made when there is neither it nor a key store
}

// Vault seals and opens content. It is safe for concurrent use, also by
// several processes over the same key store.
type Vault struct {
	dir     string
	master  cipher.AEAD
	now     func() time.Time
	lock    *os.File
	resumed int

	mu   sync.Mutex
	keys map[keyName][]byte // unwrapped; a file that is gone makes its line void
}

// keyName names one key: a part's keys are numbered 1, 2, …, because what is
// added after a deletion has a new one.
type keyName struct {
	interview string
	part      evidence.RecordPart
	n         uint32
}

// Open opens the key store. At the very first start it draws the master key
// and says in the log that it must be backed up. A missing or wrong master key
// is an error that wraps ErrMaster. A replacement of the master key that a crash
// interrupted is completed.
func Open(cfg Config, log *slog.Logger) (*Vault, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the key store: %w", err)
	}
	waits, err := rewrapping(cfg)
	if err != nil {
		return nil, fmt.Errorf("reading %w: %w", ErrMaster, err)
	}
	if !waits {
		if err := tidy(cfg.Dir, log); err != nil {
			return nil, err
		}
	}
	l, err := lock(cfg.Dir, waits)
	if err != nil {
		return nil, err
	}
	resumed := 0
	if waits {
		if resumed, err = completeRewrap(cfg, func(string) {}); err == nil {
			err = relock(l, false)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("completing a replacement of the master key: %w", err), l.Close())
		}
		log.Warn("a replacement of the master key that was interrupted is complete: back up the new one now", "file", cfg.Master)
	}
	v, err := openLocked(cfg, log)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	v.lock, v.resumed = l, resumed
	return v, v.finishDestroying()
}

// Resumed tells how many part keys there are where opening completed a
// replacement of the master key; 0 where there was none to complete.
func (v *Vault) Resumed() int { return v.resumed }

// openLocked opens the key store for whoever holds its lock.
func openLocked(cfg Config, log *slog.Logger) (*Vault, error) {
	check := filepath.Join(cfg.Dir, checkFile)
	_, err := os.Stat(check)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		return nil, fmt.Errorf("opening the key store: %w", err)
	}
	master, made, err := loadMaster(cfg.Master, fresh)
	if err != nil {
		return nil, err
	}
	v := &Vault{dir: cfg.Dir, now: time.Now, keys: map[keyName][]byte{}}
	if v.master, err = newAEAD(master); err != nil {
		return nil, err
	}
	if fresh {
		if err := durable.WriteNew(check, v.master.Seal(nil, nil, []byte(checkText), []byte(checkText))); err != nil {
			return nil, fmt.Errorf("making the key store: %w", err)
		}
	} else if err := v.checkMaster(check, cfg.Master); err != nil {
		return nil, err
	}
	if made {
		log.Warn("a master key was made: back it up now, apart from the database and the recordings; without it nothing can be read",
			"file", cfg.Master, "key_store", cfg.Dir)
	}
	return v, nil
}

func (v *Vault) checkMaster(check, masterFile string) error {
	b, err := os.ReadFile(check)
	if err != nil {
		return fmt.Errorf("opening the key store: %w", err)
	}
	if _, err := v.master.Open(nil, nil, b, []byte(checkText)); err != nil {
		return fmt.Errorf("%w in %s is not the one that the key store %s was made with; put the right one there, or name it with --master-key",
			ErrMaster, masterFile, filepath.Dir(check))
	}
	return nil
}

// newAEAD is AES-256-GCM that draws a nonce for every message and puts it first.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	return aead, nil
}

// derive makes the cipher of one purpose from a part's key.
func derive(key, salt []byte, purpose string) (cipher.AEAD, error) {
	sub, err := hkdf.Key(sha256.New, key, salt, purpose, keySize)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	return newAEAD(sub)
}

func draw(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return nil, fmt.Errorf("drawing random bytes: %w", err)
	}
	return b, nil
}
