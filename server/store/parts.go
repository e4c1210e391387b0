package store

import (
	"errors"
	"fmt"

	"bonafide/server/evidence"
	"bonafide/server/vault"
)

// sealPart makes a part as it is stored: its salt and its content sealed
// together, because the salt of something short would let it be guessed from
// its commitment. Without a vault both stay as they are.
func (s *Store) sealPart(n evidence.NewEntry, salt, content []byte) (storedSalt, kept []byte, err error) {
	if s.vault == nil {
		return salt, content, nil
	}
	kept, err = s.vault.Seal(n.Interview, evidence.PartOf(n.Kind), append(append([]byte(nil), salt...), content...))
	return []byte{}, kept, err
}

// openPart undoes sealPart in a record. A part whose key was destroyed does
// not exist any more. One whose key is missing, or whose bytes were changed,
// is left out too, with why: the rest of the log must stay readable.
func (s *Store) openPart(r *Record) error {
	if r.Part == nil {
		r.Salt = nil
		return nil
	}
	if !vault.Sealed(r.Part) {
		return nil
	}
	sealed := r.Part
	r.Part, r.Salt = nil, nil
	if s.vault == nil {
		r.Unreadable = errors.New("it is encrypted, and no key store was opened")
		return nil
	}
	plain, err := s.vault.Unseal(r.Interview, sealed)
	switch {
	case errors.Is(err, vault.ErrDestroyed):
		return nil
	case errors.Is(err, vault.ErrNoKey), errors.Is(err, vault.ErrDamaged):
		r.Unreadable = err
		return nil
	case err != nil:
		return fmt.Errorf("the part of entry %d: %w", r.Seq, err)
	case len(plain) < evidence.SaltSize:
		r.Unreadable = vault.ErrDamaged
		return nil
	}
	r.Salt, r.Part = plain[:evidence.SaltSize], plain[evidence.SaltSize:]
	return nil
}
