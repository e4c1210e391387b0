package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// Errors of second factors.
var (
	// ErrSecondNeeded says that the password was right, and that a code is wanted too.
	ErrSecondNeeded = errors.New("enter the six digits that your authenticator app shows, or one of your recovery codes")
	ErrBadCode      = errors.New("this code is not valid, or was used already; wait for the next one that your app shows")
	ErrMustEnrol    = errors.New("your account needs a second factor before you can go on; set it up under Your account")
	ErrSecondKept   = conflict("an administrator requires a second factor of this account")
	ErrHasSecond    = conflict("this account has a second factor already; remove it first")
)

// Time-based one-time passwords as every authenticator app takes them:
// RFC 6238 with SHA-1, six digits, 30 seconds; one step of clock skew each way.
const (
	codeStep      = 30 // seconds
	recoveryCodes = 10
)

var codeOptions = totp.ValidateOpts{Period: codeStep, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// Enrolment is a second factor that waits for its first code.
type Enrolment struct {
	Secret string // base32, to be typed
	URI    string // otpauth://…, to be scanned
}

// BeginSecond draws the secret of a second factor for an account, whose
// password it asks for again. It counts once ConfirmSecond has seen a code.
func (s *Service) BeginSecond(ctx context.Context, a Account, password string) (Enrolment, error) {
	if a.HasSecond {
		return Enrolment{}, ErrHasSecond
	}
	if err := s.checkOwn(ctx, a, password); err != nil {
		return Enrolment{}, err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Bonafide", AccountName: a.Email, Period: codeStep, SecretSize: 20, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1, Rand: rand.Reader})
	if err != nil {
		return Enrolment{}, fmt.Errorf("drawing a second factor: %w", err)
	}
	if err := s.store.BeginSecond(ctx, a.ID, key.Secret()); err != nil {
		return Enrolment{}, fmt.Errorf("keeping a second factor: %w", err)
	}
	return Enrolment{Secret: key.Secret(), URI: key.URL()}, nil
}

// ConfirmSecond makes a second factor count when the code is right. Every
// session of the account ends; the recovery codes are returned this once.
func (s *Service) ConfirmSecond(ctx context.Context, a Account, code string) ([]string, error) {
	secret, confirmed, err := s.store.SecondSecret(ctx, a.ID)
	if errors.Is(err, ErrNotFound) || err == nil && confirmed {
		return nil, fmt.Errorf("there is nothing to confirm: %w", ErrConflict)
	}
	if err != nil {
		return nil, err
	}
	if err := s.useCode(ctx, a, secret, code); err != nil {
		return nil, err
	}
	codes, hashes := make([]string, recoveryCodes), make([][]byte, recoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
		hashes[i] = secretHash(plainCode(codes[i]))
	}
	if err := s.store.ConfirmSecond(ctx, a.ID, hashes, secondEntry(a.Actor(), a, "second_factor")); err != nil {
		return nil, fmt.Errorf("confirming a second factor: %w", err)
	}
	return codes, nil
}

// RemoveSecond takes the account's own second factor away, after its password.
func (s *Service) RemoveSecond(ctx context.Context, a Account, password string) error {
	if a.RequireSecond {
		return ErrSecondKept
	}
	if err := s.checkOwn(ctx, a, password); err != nil {
		return err
	}
	return s.store.RemoveSecond(ctx, a.ID, secondEntry(a.Actor(), a, "second_factor_removed"))
}

// ResetSecond takes another account's second factor away, whose owner lost it.
func (s *Service) ResetSecond(ctx context.Context, by evidence.Actor, id string) error {
	a, err := s.store.Account(ctx, id)
	if err != nil {
		return err
	}
	return s.store.RemoveSecond(ctx, id, secondEntry(by, a, "second_factor_removed"))
}

func secondEntry(by evidence.Actor, a Account, change string) evidence.NewEntry {
	return evidence.NewEntry{Actor: by, Kind: evidence.EntryUserChanged, Payload: evidence.UserPayload{User: a.ID, Roles: roleNames(a.Roles), Change: change, OK: true}}
}

// checkSecond asks for the code of an account that has a second factor.
func (s *Service) checkSecond(ctx context.Context, a Account, code string) error {
	if !a.HasSecond {
		return nil
	}
	if strings.TrimSpace(code) == "" {
		return ErrSecondNeeded
	}
	if len(plainCode(code)) == recoveryLength {
		if err := s.bySecond.Take(a.ID); err != nil {
			return err
		}
		err := s.store.UseRecovery(ctx, a.ID, secretHash(plainCode(code)), secondEntry(a.Actor(), a, "recovery_code"))
		if errors.Is(err, ErrNotFound) {
			return ErrBadCode
		}
		return err
	}
	secret, _, err := s.store.SecondSecret(ctx, a.ID)
	if err != nil {
		return err
	}
	return s.useCode(ctx, a, secret, code)
}

// useCode accepts a code of now, or of the step before or after, once.
func (s *Service) useCode(ctx context.Context, a Account, secret, code string) error {
	if err := s.bySecond.Take(a.ID); err != nil {
		return err
	}
	code, now := plainCode(code), s.Now()
	for _, skew := range []int64{0, -1, 1} {
		step := now.Unix()/codeStep + skew
		ok, err := totp.ValidateCustom(code, secret, time.Unix(step*codeStep, 0), codeOptions)
		if errors.Is(err, otp.ErrValidateInputInvalidLength) {
			return interview.Invalid("code", "has %d characters; enter the six digits of your app, or a recovery code", len(code))
		}
		if err != nil {
			return fmt.Errorf("checking a code: %w", err)
		}
		if !ok {
			continue
		}
		err = s.store.UseStep(ctx, a.ID, step)
		if errors.Is(err, ErrConflict) {
			return ErrBadCode
		}
		if err == nil {
			s.bySecond.Reset(a.ID)
		}
		return err
	}
	return ErrBadCode
}

// recoveryLength is the number of letters and digits of a recovery code: 80 bits.
const recoveryLength = 16

// newRecoveryCode draws a code such as "k3xq-7mzp-a2lw-9dvt".
func newRecoveryCode() string {
	text := strings.ToLower(rand.Text())[:recoveryLength]
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

// plainCode is a code without the spaces and hyphens that people type.
func plainCode(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(code)))
}

// checkOwn asks for the password of somebody who is signed in, before a change
// that a stranger at their screen must not make.
func (s *Service) checkOwn(ctx context.Context, a Account, password string) error {
	if err := s.byOwn.Take(a.ID); err != nil {
		return err
	}
	ok, err := s.verify(ctx, a, true, password)
	if err != nil {
		return err
	}
	if !ok {
		return ErrOwnPassword
	}
	s.byOwn.Reset(a.ID)
	return nil
}

// ErrOwnPassword says that the present password was not given.
var ErrOwnPassword = errors.New("this is not your present password")

// ChangeOwnPassword gives somebody a new password for their present one. Every
// session of the account ends.
func (s *Service) ChangeOwnPassword(ctx context.Context, a Account, present, password string) error {
	if err := s.checkOwn(ctx, a, present); err != nil {
		return err
	}
	_, err := s.ChangeUser(ctx, a.Actor(), a.ID, Change{Password: &password})
	return err
}
