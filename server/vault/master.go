package vault

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"bonafide/server/durable"
)

const masterHead = "bonafide-master-key-v1"

// loadMaster reads the master key: a line that names the format and a line of
// base64. It draws one only where nothing was ever encrypted.
func loadMaster(path string, fresh bool) (key []byte, made bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !fresh:
		return nil, false, fmt.Errorf("%w is not at %s, and the key store is not empty; put it back from its backup, or name it with --master-key", ErrMaster, path)
	case errors.Is(err, fs.ErrNotExist):
		return makeMaster(path)
	case err != nil:
		return nil, false, fmt.Errorf("reading %w: %w", ErrMaster, err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, false, fmt.Errorf("%w %s can be read by other accounts of this machine (mode %o); run: chmod 600 %s", ErrMaster, path, info.Mode().Perm(), path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, false, fmt.Errorf("reading %w: %w", ErrMaster, err)
	}
	lines := strings.Fields(string(b))
	if len(lines) != 2 || lines[0] != masterHead {
		return nil, false, fmt.Errorf("%w %s is not a key file: its first line must be %s, its second the key", ErrMaster, path, masterHead)
	}
	key, err = base64.StdEncoding.DecodeString(lines[1])
	if err != nil || len(key) != keySize {
		return nil, false, fmt.Errorf("%w %s: its second line is not %d bytes in base64", ErrMaster, path, keySize)
	}
	return key, false, nil
}

func makeMaster(path string) ([]byte, bool, error) {
	key, err := draw(keySize)
	if err != nil {
		return nil, false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, false, fmt.Errorf("making the folder of %w: %w", ErrMaster, err)
	}
	text := masterHead + "\n" + base64.StdEncoding.EncodeToString(key) + "\n"
	err = durable.WriteNew(path, []byte(text))
	if errors.Is(err, fs.ErrExist) { // another process drew one at the same time
		key, _, err = loadMaster(path, false)
		return key, false, err
	}
	if err != nil {
		return nil, false, fmt.Errorf("keeping %w: %w", ErrMaster, err)
	}
	return key, true, nil
}
