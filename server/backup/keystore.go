package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bonafide/server/vault"
)

// KeyStore brings what a key store holds into another folder: keys, and the
// notes of those that were destroyed. A key that either side knows as destroyed
// is overwritten and removed in the target and never copied, so that the newest
// knowledge of deletions wins whichever way keys are copied.
func KeyStore(ctx context.Context, from, to string) error {
	here, err := Below(from)
	if err != nil {
		return err
	}
	if len(here) == 0 {
		return fmt.Errorf("the key store %s is empty or missing", from)
	}
	there, err := Below(to)
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, name := range append(append([]string{}, here...), there...) {
		if key, ok := strings.CutSuffix(name, ".gone"); ok {
			gone[key+".key"] = true
		}
	}
	if err := sameMaster(from, to); err != nil {
		return err
	}
	var copied []string
	for _, name := range here {
		if !gone[name] {
			copied = append(copied, name)
		}
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("making the folder of a key store: %w", err)
	}
	if _, err := Files(ctx, from, to, copied); err != nil {
		return err
	}
	for _, name := range there {
		if gone[name] {
			if err := vault.Shred(filepath.Join(to, filepath.FromSlash(name))); err != nil {
				return fmt.Errorf("destroying a key in %s: %w", to, err)
			}
		}
	}
	return nil
}

// sameMaster refuses to mix key stores of two master keys. A copy from before
// the master key was replaced may be brought up to date, never put back over
// what is newer.
func sameMaster(from, to string) error {
	const check = "master.check"
	a, err := os.ReadFile(filepath.Join(from, check))
	if err != nil {
		return fmt.Errorf("%s is not a key store: %w", from, err)
	}
	b, err := os.ReadFile(filepath.Join(to, check))
	if errors.Is(err, fs.ErrNotExist) || bytes.Equal(a, b) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the key store %s: %w", to, err)
	}
	newer, err := isEarlier(from, b)
	if err != nil || newer {
		return err
	}
	if older, err := isEarlier(to, a); err != nil || older {
		return errors.Join(err, fmt.Errorf("the key store %s is from before the master key of %s was replaced", from, to))
	}
	return fmt.Errorf("the key stores %s and %s were made with different master keys", from, to)
}

// isEarlier tells whether a key store had this check file before its master key
// was replaced.
func isEarlier(dir string, check []byte) (bool, error) {
	earlier, err := vault.Earlier(dir)
	sum := sha256.Sum256(check)
	return slices.Contains(earlier, hex.EncodeToString(sum[:])), err
}
