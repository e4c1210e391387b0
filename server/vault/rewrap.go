package vault

import (
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"bonafide/server/durable"
)

// The master key is replaced in these steps. A crash between any two of them
// leaves what the next start completes: until the check file is of the new
// master key the old one is kept, and until the new one is in its place it lies
// beside it.
//
//  1. the new master key is drawn and kept beside the old one (nextEnd)
//  2. every part key is wrapped with the new one, each in one rename
//  3. the old check file's hash is noted (earlierFile), so that copies of the
//     key store from before are known as such
//  4. the check file is written with the new master key
//  5. what crashes left of files being written is destroyed
//  6. the old master key is overwritten, and the new one takes its place
const (
	nextEnd     = ".next"
	earlierFile = "master.earlier" // SHA-256 of check files of before, in hex, one a line
)

// Rewrap replaces the master key by a new one and wraps every part key with it,
// or completes a replacement that a crash interrupted. Nobody else may use the
// key store (ErrBusy). It returns how many part keys there are. Copies of the
// old master key open only what was copied of the key store before.
func Rewrap(cfg Config, log *slog.Logger) (int, error) {
	return rewrap(cfg, log, func(string) {})
}

// rewrap tells at before each step.
func rewrap(cfg Config, log *slog.Logger, at func(step string)) (n int, err error) {
	if _, err := os.Stat(filepath.Join(cfg.Dir, checkFile)); err != nil {
		return 0, fmt.Errorf("opening the key store: %w", err)
	}
	l, err := lock(cfg.Dir, true)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if waits, err := rewrapping(cfg); err != nil || waits {
		if err != nil {
			return 0, err
		}
		log.Warn("a replacement of the master key was interrupted; it is completed now, without drawing another")
		return completeRewrap(cfg, at)
	}
	v, err := openLocked(cfg, log) // refuses a wrong master key
	if err != nil {
		return 0, err
	}
	if err := v.checkPartKeys(); err != nil {
		return 0, err
	}
	at("draw")
	key, err := draw(keySize)
	if err != nil {
		return 0, err
	}
	text := masterHead + "\n" + base64.StdEncoding.EncodeToString(key) + "\n"
	if err := durable.WriteNew(cfg.Master+nextEnd, []byte(text)); err != nil {
		return 0, fmt.Errorf("keeping the new master key beside the old one, %s: %w", cfg.Master, err)
	}
	return completeRewrap(cfg, at)
}

// rewrapping tells whether a replacement was begun.
func rewrapping(cfg Config) (bool, error) {
	_, err := os.Stat(cfg.Master + nextEnd)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// completeRewrap does what is left of a replacement whose new master key is kept.
func completeRewrap(cfg Config, at func(step string)) (n int, err error) {
	next, err := readAEAD(cfg.Master + nextEnd)
	if err != nil {
		return 0, err
	}
	check := filepath.Join(cfg.Dir, checkFile)
	old, err := os.ReadFile(check)
	if err != nil {
		return 0, fmt.Errorf("replacing the master key: %w", err)
	}
	n, err = countKeys(cfg.Dir)
	if err != nil {
		return 0, err
	}
	if _, err := next.Open(nil, nil, old, []byte(checkText)); err != nil { // steps 2 to 4 are not done
		master, err := readAEAD(cfg.Master)
		if err != nil {
			return 0, err
		}
		if _, err := master.Open(nil, nil, old, []byte(checkText)); err != nil {
			return 0, fmt.Errorf("%w in %s is not the one that the key store %s was made with; put the right one there, or name it with --master-key", ErrMaster, cfg.Master, cfg.Dir)
		}
		if err := wrapAll(cfg.Dir, master, next, at); err != nil {
			return 0, err
		}
		at("note")
		if err := noteEarlier(cfg.Dir, old); err != nil {
			return 0, fmt.Errorf("replacing the master key: %w", err)
		}
		at("check")
		if err := durable.Write(check, next.Seal(nil, nil, []byte(checkText), []byte(checkText))); err != nil {
			return 0, fmt.Errorf("replacing the master key: %w", err)
		}
	}
	if err := destroyUnfinished(cfg.Dir); err != nil {
		return 0, err
	}
	at("shred")
	if err := Shred(cfg.Master); err != nil {
		return 0, fmt.Errorf("overwriting the old master key: %w", err)
	}
	at("place")
	if err := os.Rename(cfg.Master+nextEnd, cfg.Master); err != nil {
		return 0, fmt.Errorf("putting the new master key in its place: %w", err)
	}
	return n, durable.SyncFolder(filepath.Dir(cfg.Master))
}

func readAEAD(path string) (cipher.AEAD, error) {
	key, _, err := loadMaster(path, false)
	if err != nil {
		return nil, err
	}
	return newAEAD(key)
}

// partKeys calls do with the path of every part key.
func partKeys(dir string, do func(path string) error) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*"+keyEnd))
	if err != nil {
		return fmt.Errorf("listing the key store: %w", err)
	}
	for _, p := range paths {
		if err := do(p); err != nil {
			return fmt.Errorf("the key %s: %w", p, err)
		}
	}
	return nil
}

func countKeys(dir string) (n int, err error) {
	return n, partKeys(dir, func(string) error { n++; return nil })
}

func readStored(path string) (s storedKey, k keyName, err error) {
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	return s, keyName{s.Interview, s.Part, s.N}, err
}

// checkPartKeys refuses to begin while a key cannot be unwrapped: afterwards
// nobody could tell whether the replacement did that.
func (v *Vault) checkPartKeys() error {
	return partKeys(v.dir, func(path string) error {
		s, k, err := readStored(path)
		if err != nil {
			return fmt.Errorf("it cannot be read: %w", err)
		}
		if _, err := v.master.Open(nil, nil, s.Wrapped, k.label()); err != nil {
			return errors.New("it was changed, or wrapped with another master key; put it back from the newest copy of the key store first")
		}
		return nil
	})
}

// wrapAll wraps with next every part key that is not wrapped with it yet.
func wrapAll(dir string, master, next cipher.AEAD, at func(step string)) error {
	return partKeys(dir, func(path string) error {
		s, k, err := readStored(path)
		if err != nil {
			return fmt.Errorf("it cannot be read: %w", err)
		}
		if _, err := next.Open(nil, nil, s.Wrapped, k.label()); err == nil {
			return nil
		}
		key, err := master.Open(nil, nil, s.Wrapped, k.label())
		if err != nil {
			return errors.New("neither the old nor the new master key opens it; put it back from the newest copy of the key store")
		}
		s.Wrapped = next.Seal(nil, nil, key, k.label())
		b, err := json.Marshal(s)
		if err != nil {
			return err
		}
		at("wrap")
		return durable.Write(path, b)
	})
}

// noteEarlier adds a check file to those of before, once.
func noteEarlier(dir string, check []byte) error {
	known, err := Earlier(dir)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(check)
	line := hex.EncodeToString(sum[:])
	for _, k := range known {
		if k == line {
			return nil
		}
	}
	return durable.Write(filepath.Join(dir, earlierFile), []byte(strings.Join(append(known, line), "\n")+"\n"))
}

// Earlier lists the SHA-256, in hex, of the check files that a key store had
// before its master key was replaced, oldest first.
func Earlier(dir string) ([]string, error) {
	b, err := os.ReadFile(filepath.Join(dir, earlierFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the earlier master keys of a key store: %w", err)
	}
	return strings.Fields(string(b)), nil
}
