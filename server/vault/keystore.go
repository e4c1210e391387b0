package vault

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"bonafide/server/durable"
	"bonafide/server/evidence"
)

// The files of the key store: <interview>/<part>.<n>.key holds a wrapped key,
// <interview>/<part>.<n>.gone says that it was destroyed, when and why. A copy
// of the folder is a backup of it; only the newest copy may be kept.
const (
	checkFile = "master.check"
	checkText = "bonafide key store v1"
	keyEnd    = ".key"
	goneEnd   = ".gone"
	server    = "_server" // folder of what belongs to no interview
)

var folderRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)

// storedKey is a .key file.
type storedKey struct {
	Interview string              `json:"interview"`
	Part      evidence.RecordPart `json:"part"`
	N         uint32              `json:"n"`
	MadeMS    int64               `json:"made_ms"`
	Wrapped   []byte              `json:"wrapped"`
}

// Gone is a destroyed key, as the key store remembers it.
type Gone struct {
	Interview string                  `json:"interview"`
	Part      evidence.RecordPart     `json:"part"`
	N         uint32                  `json:"n"`
	GoneMS    int64                   `json:"gone_ms"` // Unix ms
	Reason    evidence.DeletionReason `json:"reason"`
	Policy    string                  `json:"policy,omitempty"`
	Request   string                  `json:"request,omitempty"`
}

func (k keyName) folder() (string, error) {
	if k.interview == "" {
		return server, nil
	}
	if !folderRule.MatchString(k.interview) {
		return "", fmt.Errorf("interview %q cannot name a folder of the key store", k.interview)
	}
	return k.interview, nil
}

// path is the key's file without its ending.
func (v *Vault) path(k keyName) (string, error) {
	folder, err := k.folder()
	if err == nil && !k.part.Valid() {
		err = fmt.Errorf("%q is not a part of a record", k.part)
	}
	return filepath.Join(v.dir, folder, fmt.Sprintf("%s.%d", k.part, k.n)), err
}

// label is what a wrapped key is bound to.
func (k keyName) label() []byte {
	return fmt.Appendf(nil, "bonafide part key v1\n%s\n%s\n%d", k.interview, k.part, k.n)
}

// newest is the highest number of a part's keys, destroyed ones included; 0 for none.
func (v *Vault) newest(interview string, part evidence.RecordPart) (n uint32, destroyed bool, err error) {
	folder, err := keyName{interview: interview}.folder()
	if err != nil {
		return 0, false, err
	}
	files, err := os.ReadDir(filepath.Join(v.dir, folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, false, fmt.Errorf("listing the key store: %w", err)
	}
	gone := map[uint32]bool{}
	for _, f := range files {
		if of, i, end, ok := parseName(f.Name()); ok && of == part {
			n = max(n, i)
			gone[i] = gone[i] || end == goneEnd
		}
	}
	return n, gone[n], nil
}

func parseName(name string) (part evidence.RecordPart, n uint32, end string, ok bool) {
	fields := strings.Split(name, ".")
	if len(fields) != 3 {
		return "", 0, "", false
	}
	i, err := strconv.ParseUint(fields[1], 10, 32)
	end = "." + fields[2]
	part = evidence.RecordPart(fields[0])
	return part, uint32(i), end, err == nil && i > 0 && part.Valid() && (end == keyEnd || end == goneEnd)
}

// sealing returns the key that seals what is added to a part now.
func (v *Vault) sealing(interview string, part evidence.RecordPart) (keyName, []byte, error) {
	n, destroyed, err := v.newest(interview, part)
	if err != nil {
		return keyName{}, nil, err
	}
	k := keyName{interview, part, n}
	if n > 0 && !destroyed {
		key, err := v.key(k)
		if !errors.Is(err, ErrDestroyed) { // meanwhile
			return k, key, err
		}
	}
	return v.add(interview, part, n+1)
}

// add draws key n of a part. When another process did so first, that one counts.
func (v *Vault) add(interview string, part evidence.RecordPart, n uint32) (keyName, []byte, error) {
	k := keyName{interview, part, n}
	path, err := v.path(k)
	if err != nil {
		return k, nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return k, nil, fmt.Errorf("making a folder of the key store: %w", err)
	}
	key, err := draw(keySize)
	if err != nil {
		return k, nil, err
	}
	b, err := json.Marshal(storedKey{interview, part, n, v.now().UnixMilli(), v.master.Seal(nil, nil, key, k.label())})
	if err != nil {
		return k, nil, fmt.Errorf("encoding a key: %w", err)
	}
	switch err = durable.WriteNew(path+keyEnd, b); {
	case errors.Is(err, fs.ErrExist):
		key, err = v.key(k)
		return k, key, err
	case err != nil:
		return k, nil, fmt.Errorf("keeping a key: %w", err)
	}
	if err := durable.SyncFolder(v.dir); err != nil { // the interview's folder may be new
		return k, nil, fmt.Errorf("keeping a key: %w", err)
	}
	v.mu.Lock()
	v.keys[k] = key
	v.mu.Unlock()
	return k, key, nil
}

// key returns a key that exists. Its file is looked at every time: another
// process may have destroyed it.
func (v *Vault) key(k keyName) ([]byte, error) {
	path, err := v.path(k)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path + goneEnd); err == nil {
		v.forget(k)
		return nil, ErrDestroyed
	}
	if _, err := os.Stat(path + keyEnd); errors.Is(err, fs.ErrNotExist) {
		v.forget(k)
		return nil, ErrNoKey
	}
	v.mu.Lock()
	key := v.keys[k]
	v.mu.Unlock()
	if key != nil {
		return key, nil
	}
	b, err := os.ReadFile(path + keyEnd)
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	var s storedKey
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("the key %s.%s cannot be read: %w", path, keyEnd, err)
	}
	if key, err = v.master.Open(nil, nil, s.Wrapped, k.label()); err != nil {
		return nil, fmt.Errorf("the key %s%s was changed, or wrapped with another master key", path, keyEnd)
	}
	v.mu.Lock()
	v.keys[k] = key
	v.mu.Unlock()
	return key, nil
}

func (v *Vault) forget(k keyName) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.keys, k)
}

// Retire makes what is added to a part from now on use a new key, and returns
// the number up to which keys are to be destroyed; 0 where the part has none.
func (v *Vault) Retire(interview string, part evidence.RecordPart) (uint32, error) {
	n, destroyed, err := v.newest(interview, part)
	if err != nil || n == 0 {
		return 0, err
	}
	if destroyed {
		return n, nil
	}
	_, _, err = v.add(interview, part, n+1)
	return n, err
}

// Destroy overwrites and removes the keys of a part up to a number, for good,
// and remembers when and why. Doing it again does nothing.
func (v *Vault) Destroy(interview string, part evidence.RecordPart, upTo uint32, why Gone) error {
	for n := uint32(1); n <= upTo; n++ {
		why.Interview, why.Part, why.N, why.GoneMS = interview, part, n, v.now().UnixMilli()
		k := keyName{interview, part, n}
		path, err := v.path(k)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("destroying a key: %w", err)
		}
		b, err := json.Marshal(why)
		if err != nil {
			return fmt.Errorf("destroying a key: %w", err)
		}
		if err := durable.WriteNew(path+goneEnd, b); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("destroying a key: %w", err)
		}
		v.forget(k)
		if err := Shred(path + keyEnd); err != nil {
			return fmt.Errorf("destroying a key: %w", err)
		}
	}
	return nil
}

// Shred overwrites a file and removes it for good. One that does not exist is done.
func Shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt(make([]byte, info.Size()), 0)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return errors.Join(os.Remove(path), durable.SyncFolder(filepath.Dir(path)))
}

// tidy destroys what crashes left of files being written in the key store: it
// may be a copy of a key that is destroyed later. Whoever else uses the key
// store may be writing right now; then the next opening does it.
func tidy(dir string, log *slog.Logger) (err error) {
	left, err := durable.Unfinished(dir)
	if err != nil || len(left) == 0 {
		return err
	}
	l, err := lock(dir, true)
	if errors.Is(err, ErrBusy) {
		log.Warn("files that a crash may have left in the key store stay until it is opened by nobody else", "files", len(left))
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return destroyUnfinished(dir)
}

// destroyUnfinished is tidy for whoever has the key store alone.
func destroyUnfinished(dir string) error {
	left, err := durable.Unfinished(dir)
	if err != nil {
		return err
	}
	for _, path := range left {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("destroying what a crash left in the key store: %w", err)
		}
		if is, ok := info.Sys().(*syscall.Stat_t); ok && is.Nlink > 1 {
			// It is a second name of a file that was finished, and must not be
			// overwritten.
			err = errors.Join(os.Remove(path), durable.SyncFolder(filepath.Dir(path)))
		} else {
			err = Shred(path)
		}
		if err != nil {
			return fmt.Errorf("destroying what a crash left in the key store: %w", err)
		}
	}
	return nil
}

// finishDestroying removes keys whose destruction a crash interrupted.
func (v *Vault) finishDestroying() error {
	gone, err := v.Gone()
	if err != nil {
		return err
	}
	for _, g := range gone {
		path, err := v.path(keyName{g.Interview, g.Part, g.N})
		if err != nil {
			return err
		}
		if err := Shred(path + keyEnd); err != nil {
			return fmt.Errorf("destroying a key: %w", err)
		}
	}
	return nil
}

// Gone lists every destroyed key, by interview, part and number.
func (v *Vault) Gone() ([]Gone, error) {
	paths, err := filepath.Glob(filepath.Join(v.dir, "*", "*"+goneEnd))
	if err != nil {
		return nil, fmt.Errorf("listing destroyed keys: %w", err)
	}
	out := make([]Gone, 0, len(paths))
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			return nil, fmt.Errorf("listing destroyed keys: %w", err)
		}
		var g Gone
		if err := json.Unmarshal(b, &g); err != nil {
			return nil, fmt.Errorf("the note of a destroyed key, %s, cannot be read: %w", p, err)
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Gone) int {
		return cmp.Or(cmp.Compare(a.Interview, b.Interview), cmp.Compare(a.Part, b.Part), cmp.Compare(a.N, b.N))
	})
	return out, nil
}
