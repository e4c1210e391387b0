package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A witness is somebody else's program that has seen the log grow: it signs a
// checkpoint together with the time only after a proof that nothing before it
// was changed. The formats are those of https://c2sp.org/tlog-cosignature
// (Ed25519, "cosignature/v1") and https://c2sp.org/tlog-witness, so that any
// witness that speaks them can be used.

// algCosignature is the type byte of a timestamped Ed25519 cosignature's key.
const algCosignature = 0x04

// ErrNotAWitness says that a key is not one of a witness.
var ErrNotAWitness = errors.New("it is not a witness's key (name+fingerprint+base64, of type 4)")

// WitnessKey is the public key of a witness.
type WitnessKey struct {
	Name string
	id   uint32
	pub  ed25519.PublicKey
}

// ParseWitnessKey reads a witness's public key in its text form.
func ParseWitnessKey(text string) (WitnessKey, error) {
	name, rest, ok := strings.Cut(text, "+")
	id, key, ok2 := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(key)
	if !ok || !ok2 || err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algCosignature || !plainName(name) {
		return WitnessKey{}, fmt.Errorf("%q: %w", clip(text), ErrNotAWitness)
	}
	k := WitnessKey{Name: name, pub: raw[1:]}
	k.id = witnessID(name, k.pub)
	if fmt.Sprintf("%08x", k.id) != id {
		return WitnessKey{}, fmt.Errorf("%q: its fingerprint is %08x, not what it says: a character was lost or changed", clip(text), k.id)
	}
	return k, nil
}

// plainName reports whether a name can stand in a signature line.
func plainName(name string) bool {
	return name != "" && len(name) <= 200 && !strings.ContainsAny(name, " +\t\r\n")
}

func witnessID(name string, pub ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), append([]byte{algCosignature}, pub...)...))
	return binary.BigEndian.Uint32(sum[:])
}

// String is the key's text form.
func (k WitnessKey) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.Name, k.id, base64.StdEncoding.EncodeToString(append([]byte{algCosignature}, k.pub...)))
}

// cosigned is what a witness signs.
func cosigned(c Checkpoint, unix uint64) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", unix, c.Text())
}

// Verify checks a cosignature line about a checkpoint and returns when the
// witness saw it, by the witness's clock.
func (k WitnessKey) Verify(c Checkpoint, line string) (time.Time, error) {
	name, raw, err := parseSignature(line)
	if err != nil {
		return time.Time{}, err
	}
	if name != k.Name || len(raw) != 4+8+ed25519.SignatureSize || binary.BigEndian.Uint32(raw) != k.id {
		return time.Time{}, ErrNoSignature
	}
	unix := binary.BigEndian.Uint64(raw[4:])
	if unix > 1<<40 || !ed25519.Verify(k.pub, cosigned(c, unix), raw[12:]) {
		return time.Time{}, ErrBadSignature
	}
	return time.Unix(int64(unix), 0), nil
}

// SignatureName is whose signature a line is, as the line says.
func SignatureName(line string) string {
	name, _, err := parseSignature(line)
	if err != nil {
		return ""
	}
	return name
}

// parseSignature reads a line "— name base64".
func parseSignature(line string) (name string, raw []byte, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "\u2014 ")
	name, text, ok2 := strings.Cut(rest, " ")
	raw, err = base64.StdEncoding.DecodeString(text)
	if !ok || !ok2 || err != nil || !plainName(name) || len(raw) < 5 {
		return "", nil, fmt.Errorf("%q is not a signature line", clip(line))
	}
	return name, raw, nil
}

// Witness signs for a witness.
type Witness struct {
	Key  WitnessKey
	priv ed25519.PrivateKey
}

// NewWitness draws a key for a witness of this name.
func NewWitness(name string) (Witness, error) {
	if !plainName(name) {
		return Witness{}, fmt.Errorf("the witness's name %q must be 1 to 200 characters without spaces and +, such as witness.example.org/1", clip(name))
	}
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Witness{}, fmt.Errorf("drawing a key: %w", err)
	}
	return Witness{WitnessKey{name, witnessID(name, pub), pub}, priv}, nil
}

// Secret is the private key as it is kept: the name and the seed, a line each.
func (w Witness) Secret() string {
	return w.Key.Name + "\n" + hex.EncodeToString(w.priv.Seed()) + "\n"
}

// ParseWitness reads what Secret wrote.
func ParseWitness(secret string) (Witness, error) {
	name, seed, _ := strings.Cut(strings.TrimSpace(secret), "\n")
	raw, err := hex.DecodeString(strings.TrimSpace(seed))
	if err != nil || len(raw) != ed25519.SeedSize || !plainName(name) {
		return Witness{}, errors.New("it is not a witness's private key: a line with its name and a line of 64 hexadecimal digits")
	}
	priv := ed25519.NewKeyFromSeed(raw)
	pub := priv.Public().(ed25519.PublicKey)
	return Witness{WitnessKey{name, witnessID(name, pub), pub}, priv}, nil
}

// Cosign is the signature line of a witness that saw a checkpoint at a time.
func (w Witness) Cosign(c Checkpoint, at time.Time) string {
	raw := binary.BigEndian.AppendUint32(nil, w.Key.id)
	raw = binary.BigEndian.AppendUint64(raw, uint64(at.Unix()))
	raw = append(raw, ed25519.Sign(w.priv, cosigned(c, uint64(at.Unix())))...)
	return "\u2014 " + w.Key.Name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
}

// AddCheckpoint is what a log sends to a witness: the size of the checkpoint
// that it saw last, the proof that the log only grew since, and the checkpoint.
type AddCheckpoint struct {
	Old    int64
	Growth []Hash
	Note   []byte
}

// maxGrowth bounds a consistency proof, which has at most 63 hashes.
const maxGrowth = 63

// Text is the request's body.
func (a AddCheckpoint) Text() []byte {
	b := fmt.Appendf(nil, "old %d\n", a.Old)
	for _, h := range a.Growth {
		b = fmt.Appendf(b, "%s\n", h)
	}
	return append(append(b, '\n'), a.Note...)
}

// ParseAddCheckpoint reads a request's body. Nothing in it has been checked yet.
func ParseAddCheckpoint(body []byte) (AddCheckpoint, error) {
	var a AddCheckpoint
	head, note, ok := bytes.Cut(body, []byte("\n\n"))
	if !ok || len(body) > maxCheckpoint {
		return a, fmt.Errorf("the request must hold a line \"old N\", hashes, an empty line and a checkpoint, in at most %d bytes", maxCheckpoint)
	}
	lines := strings.Split(string(head), "\n")
	old, ok := strings.CutPrefix(lines[0], "old ")
	size, err := strconv.ParseInt(old, 10, 64)
	if !ok || err != nil || size < 0 || strconv.FormatInt(size, 10) != old {
		return a, fmt.Errorf("the first line %q is not \"old\" and a number of entries", clip(lines[0]))
	}
	if len(lines)-1 > maxGrowth {
		return a, fmt.Errorf("the proof has %d hashes; at most %d fit any log", len(lines)-1, maxGrowth)
	}
	a.Old, a.Note = size, note
	for _, line := range lines[1:] {
		var h Hash
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != len(h) {
			return a, fmt.Errorf("%q in the proof is not a SHA-256 in base64", clip(line))
		}
		a.Growth = append(a.Growth, Hash(raw))
	}
	return a, nil
}
