package audit

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint says what the log was at one moment: its first Size entries and
// nothing else. A signed one binds whoever holds the key to that.
type Checkpoint struct {
	Origin string // the log's name, which its keys bear too
	Size   int64  // entries
	Root   Hash
}

// originPrefix begins the origin of every log; random hexadecimal follows, so
// that no two logs share a name.
const originPrefix = "bonafide-log/"

// maxCheckpoint bounds the length of a signed checkpoint in bytes.
const maxCheckpoint = 64 << 10

// Text is the body of the note that is signed: origin, size and root, a line
// each (https://c2sp.org/tlog-checkpoint).
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// parseText reads the body of a note. Lines after the third are extensions
// that this program does not write; it accepts and ignores them.
func parseText(text string) (Checkpoint, error) {
	lines := strings.SplitAfterN(text, "\n", 4)
	if len(lines) < 4 {
		return Checkpoint{}, errors.New("a checkpoint has three lines: origin, size, root hash")
	}
	for i := range 3 {
		lines[i] = strings.TrimSuffix(lines[i], "\n")
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Origin == "" {
		return c, errors.New("the first line of the checkpoint, the log's name, is empty")
	}
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return c, fmt.Errorf("the second line of the checkpoint, %q, is not a number of entries", clip(lines[1]))
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil || c.Root.String() != lines[2] {
		return c, fmt.Errorf("the third line of the checkpoint, %q, is not a SHA-256 in base64", clip(lines[2]))
	}
	return c, nil
}

// clip shortens text from outside for an error.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// Errors of Open that callers tell apart.
var (
	ErrNoSignature  = errors.New("it bears no signature by a known key")
	ErrBadSignature = errors.New("a signature on it is wrong: the text or the signature was changed")
)

// Open checks the signatures of a checkpoint and returns it with the keys, of
// those given, that signed it. A wrong signature by a known key is
// ErrBadSignature; no signature by any is ErrNoSignature.
func Open(signed []byte, keys []string) (Checkpoint, []string, error) {
	n, by, err := open(signed, keys)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	c, err := parseText(n.Text)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	for _, s := range n.Sigs {
		if s.Name != c.Origin {
			return Checkpoint{}, nil, fmt.Errorf("the checkpoint is of log %q, its signature of %q", clip(c.Origin), clip(s.Name))
		}
	}
	return c, by, nil
}

// open checks a signed note of any text.
func open(signed []byte, keys []string) (*note.Note, []string, error) {
	if len(signed) > maxCheckpoint {
		return nil, nil, fmt.Errorf("it is %d bytes long; a signed note has at most %d", len(signed), maxCheckpoint)
	}
	keys = slices.Compact(slices.Sorted(slices.Values(keys))) // a key twice is one key
	verifiers := make([]note.Verifier, len(keys))
	for i, k := range keys {
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, nil, fmt.Errorf("%q is not a verification key: %w", clip(k), err)
		}
		verifiers[i] = v
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	var wrong *note.InvalidSignatureError
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &wrong):
		return nil, nil, ErrBadSignature
	case errors.As(err, &unknown):
		return nil, nil, ErrNoSignature
	case err != nil:
		return nil, nil, fmt.Errorf("it is not a signed note: %w", err)
	}
	var by []string
	for i, v := range verifiers {
		for _, s := range n.Sigs {
			if s.Name == v.Name() && s.Hash == v.KeyHash() {
				by = append(by, keys[i])
			}
		}
	}
	return n, by, nil
}

// signNote makes a signed note.
func signNote(text string, keys ...Key) ([]byte, error) {
	signers := make([]note.Signer, len(keys))
	for i, k := range keys {
		signers[i] = k.signer
	}
	b, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return b, nil
}

// KeyName is what people compare a key by: the log's name and the key's
// 32-bit fingerprint, as it is written in the note's signature lines.
func KeyName(verifier string) string {
	name, rest, ok := strings.Cut(verifier, "+")
	hash, _, ok2 := strings.Cut(rest, "+")
	if !ok || !ok2 {
		return clip(verifier)
	}
	return name + " key " + hash
}

// CheckKey reports what is wrong with a verification key.
func CheckKey(verifier string) error {
	if _, err := note.NewVerifier(verifier); err != nil {
		return fmt.Errorf("%q is not a verification key of the form name+fingerprint+base64: %w", clip(verifier), err)
	}
	return nil
}
