package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"bonafide/server/interview"
)

// Cost of argon2id: the OWASP Password Storage Cheat Sheet's minimum of
// 19 MiB, two passes, one lane.
const (
	argonMemoryKiB = 19 * 1024
	argonTime      = 2
	argonLanes     = 1
	argonSaltSize  = 16 // bytes
	argonKeySize   = 32 // bytes
)

// Limits on the length of a password, in characters. The upper one keeps a
// request from buying much hashing; a rule on kinds of characters would only
// make passwords worse.
const (
	MinPassword = 12
	MaxPassword = 256
)

// CheckPassword says what is wrong with a new password, as a field error.
func CheckPassword(password, name, email string) error {
	n := len([]rune(password))
	if n < MinPassword {
		return interview.Invalid("password", "has %d characters; use at least %d, for example four random words", n, MinPassword)
	}
	if n > MaxPassword {
		return interview.Invalid("password", "has %d characters; use at most %d", n, MaxPassword)
	}
	for _, known := range []string{name, email} {
		if strings.EqualFold(strings.TrimSpace(password), strings.TrimSpace(known)) {
			return interview.Invalid("password", "is the name or the e-mail address; choose something that others do not know")
		}
	}
	return nil
}

// HashPassword returns the PHC string of a password under a fresh salt.
func HashPassword(password string) (string, error) {
	salt := make([]byte, argonSaltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("drawing a salt: %w", err)
	}
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemoryKiB, argonLanes, argonKeySize)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		argonMemoryKiB, argonTime, argonLanes, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

var errHash = errors.New("not a PHC string of argon2id that this program can check")

// VerifyPassword reports whether the password has the hash. The cost is the
// hash's own, within bounds, so that old hashes stay valid when it is raised.
func VerifyPassword(phc, password string) (bool, error) {
	fields := strings.Split(phc, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false, fmt.Errorf("reading a password hash: %w", errHash)
	}
	var memory, passes, lanes uint32
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil ||
		memory < 8 || memory > 1<<20 || passes < 1 || passes > 16 || lanes < 1 || lanes > 16 {
		return false, fmt.Errorf("reading a password hash's cost: %w", errHash)
	}
	salt, err := base64.RawStdEncoding.DecodeString(fields[4])
	if err != nil {
		return false, fmt.Errorf("reading a password hash's salt: %w", errHash)
	}
	want, err := base64.RawStdEncoding.DecodeString(fields[5])
	if err != nil || len(want) < 16 || len(want) > 64 {
		return false, fmt.Errorf("reading a password hash's key: %w", errHash)
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, uint8(lanes), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// hashing bounds how many argon2id computations run at once, and so how much
// memory sign-ins can take.
type hashing chan struct{}

func (h hashing) do(ctx context.Context, f func() error) error {
	select {
	case h <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting to hash a password: %w", ctx.Err())
	}
	defer func() { <-h }()
	return f()
}
