package audit

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"bonafide/server/durable"
)

// Key is one signing key of a log.
type Key struct {
	// Verifier is the public half, in the text form of signed notes:
	// name+fingerprint+base64.
	Verifier string
	signer   note.Signer
}

// The files of the folder of keys. next.key exists only while a rotation is
// under way.
const (
	currentKey = "current.key"
	nextKey    = "next.key"
)

// ErrKeyMissing says that the log has checkpoints but the key that signed
// them is not in its folder.
var ErrKeyMissing = errors.New("the log has signed checkpoints, but its key is missing; put the folder of keys back from its backup, " +
	"or, if it is lost for good, run: bonafide keys rotate --lost")

// Keys is the folder that holds a log's signing key. Whoever calls its
// methods holds the log's write lock, so that two processes never do at once.
type Keys struct{ dir string }

// NewKeys names the folder; nothing is read or made yet.
func NewKeys(dir string) *Keys { return &Keys{dir} }

// newKey draws a key for a log.
func newKey(origin string) (private string, k Key, err error) {
	private, k.Verifier, err = note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", Key{}, fmt.Errorf("drawing a key: %w", err)
	}
	if k.signer, err = note.NewSigner(private); err != nil {
		return "", Key{}, fmt.Errorf("drawing a key: %w", err)
	}
	return private, k, nil
}

func newOrigin() (string, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("drawing a name for the log: %w", err)
	}
	return originPrefix + hex.EncodeToString(b[:]), nil
}

// create draws a key and keeps it, durably, in a file that only the owner reads.
func (k *Keys) create(name, origin string) (Key, error) {
	private, key, err := newKey(origin)
	if err != nil {
		return Key{}, err
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return Key{}, fmt.Errorf("making the folder of keys: %w", err)
	}
	if err := durable.Write(filepath.Join(k.dir, name), []byte(private+"\n"+key.Verifier+"\n")); err != nil {
		return Key{}, fmt.Errorf("keeping a key: %w", err)
	}
	return key, nil
}

// load reads a key file. It refuses one that others of the machine can read.
func (k *Keys) load(name string) (Key, error) {
	path := filepath.Join(k.dir, name)
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, fmt.Errorf("reading a key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("the key %s can be read by other accounts of this machine (mode %o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Key{}, fmt.Errorf("reading a key: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) != 2 {
		return Key{}, fmt.Errorf("the key %s has %d lines; a key file has two, the private and the public half", path, len(lines))
	}
	key := Key{Verifier: lines[1]}
	if key.signer, err = note.NewSigner(lines[0]); err != nil {
		return Key{}, fmt.Errorf("the first line of %s is not a private key: %w", path, err)
	}
	probe, err := signNote("probe\n", key)
	if err == nil {
		_, _, err = open(probe, []string{key.Verifier})
	}
	if err != nil {
		return Key{}, fmt.Errorf("the two lines of %s are not halves of one key: %w", path, err)
	}
	return key, nil
}

// current returns the key that signs now. newest is the newest checkpoint of
// the log, or nil: a log without any gets its first key here, and a rotation
// whose checkpoint was kept but whose key was not yet put in place is completed.
func (k *Keys) current(newest []byte) (Key, error) {
	if err := k.tidy(); err != nil {
		return Key{}, err
	}
	next, err := k.load(nextKey)
	switch {
	case err == nil:
		if _, _, err := Open(newest, []string{next.Verifier}); err == nil {
			return next, k.promote()
		}
		// The rotation was given up before its checkpoint was kept.
		if err := os.Remove(filepath.Join(k.dir, nextKey)); err != nil {
			return Key{}, fmt.Errorf("discarding an unused key: %w", err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return Key{}, err
	}
	key, err := k.load(currentKey)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if newest != nil {
		return Key{}, fmt.Errorf("%s: %w", filepath.Join(k.dir, currentKey), ErrKeyMissing)
	}
	origin, err := newOrigin()
	if err != nil {
		return Key{}, err
	}
	return k.create(currentKey, origin)
}

// tidy removes what crashes left of keys being written: keys that never signed
// anything. Nobody writes in the folder meanwhile; the master key, which may lie
// there too, is made before a log is opened.
func (k *Keys) tidy() error {
	left, err := durable.Unfinished(k.dir)
	if err != nil {
		return fmt.Errorf("looking for unfinished keys: %w", err)
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("removing an unfinished key: %w", err)
		}
	}
	return nil
}

// promote puts the next key in the place of the current one, whose private
// half is then gone.
func (k *Keys) promote() error {
	if err := os.Rename(filepath.Join(k.dir, nextKey), filepath.Join(k.dir, currentKey)); err != nil {
		return fmt.Errorf("putting the new key in place: %w", err)
	}
	return durable.SyncFolder(k.dir)
}

// Signed is a checkpoint with its signatures.
type Signed struct {
	Checkpoint
	Keys []string // verifiers of the keys that signed it, oldest first
	Note []byte   // the text that is kept and shown
}

// Sign signs the state of the log. newest is the newest checkpoint so far, or
// nil. It returns nil when that one says the same already.
func (k *Keys) Sign(size int64, root Hash, newest []byte) (*Signed, error) {
	key, err := k.current(newest)
	if err != nil {
		return nil, err
	}
	c := Checkpoint{key.signer.Name(), size, root}
	if newest != nil {
		if old, _, err := Open(newest, []string{key.Verifier}); err == nil && old == c {
			return nil, nil
		} else if errors.Is(err, ErrNoSignature) || errors.Is(err, ErrBadSignature) {
			return nil, fmt.Errorf("the key in %s is not the one that signed the newest checkpoint; put the right key back from its backup, "+
				"or, if it is lost for good, run: bonafide keys rotate --lost", k.dir)
		}
	}
	b, err := signNote(c.Text(), key)
	return &Signed{c, []string{key.Verifier}, b}, err
}

// Rotate draws a new key. sign then signs a state of the log with the present
// key and the new one. The new one takes the present one's place at the next
// use of Keys, or at Settle, once the checkpoint is kept. With lost, the
// present key is not needed and does not sign.
func (k *Keys) Rotate(newest []byte, lost bool) (verifier string, sign func(size int64, root Hash) (*Signed, error), err error) {
	var signing []Key
	var origin string
	if lost {
		if newest == nil {
			return "", nil, errors.New("the log has no checkpoint yet, so no key can have been lost")
		}
		origin, _, _ = strings.Cut(string(newest), "\n")
	} else {
		key, err := k.current(newest)
		if err != nil {
			return "", nil, err
		}
		origin, signing = key.signer.Name(), []Key{key}
	}
	next, err := k.create(nextKey, origin)
	if err != nil {
		return "", nil, err
	}
	signing = append(signing, next)
	return next.Verifier, func(size int64, root Hash) (*Signed, error) {
		s := &Signed{Checkpoint: Checkpoint{origin, size, root}}
		for _, key := range signing {
			s.Keys = append(s.Keys, key.Verifier)
		}
		s.Note, err = signNote(s.Text(), signing...)
		return s, err
	}, nil
}

// SignText signs any text with the present key, for the manifest of a bundle.
func (k *Keys) SignText(text string, newest []byte) ([]byte, error) {
	key, err := k.current(newest)
	if err != nil {
		return nil, err
	}
	return signNote(text, key)
}

// Settle completes a rotation whose checkpoint has been kept.
func (k *Keys) Settle(newest []byte) error {
	_, err := k.current(newest)
	return err
}
