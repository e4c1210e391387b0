package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// NewID returns a random identifier of 26 lower-case letters and digits
// (130 bits), safe in URLs and file names.
func NewID() string { return strings.ToLower(rand.Text()) }

// newSecret returns 32 random bytes as base64url, for cookies and links.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: the runtime stops the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// secretHash is what is kept of a secret. A plain hash suffices because the
// secret has 256 random bits: there is nothing to guess.
func secretHash(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// plausible reports whether s can be a secret of ours, before the store is asked.
func plausible(s string) bool {
	b, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && len(b) == 32
}
