package store

import (
	"errors"
	"fmt"

	"bonafide/server/evidence"
	"bonafide/server/vault"
)

// layers are the parts of the record with whose keys an entry's part is sealed,
// the innermost first. It is lost with any of them: a template of a face on a
// photograph goes with the photograph and with the templates.
func layers(n evidence.NewEntry) []evidence.RecordPart {
	own := evidence.PartOf(n.Kind)
	if t, ok := n.Payload.(evidence.FaceTemplatePayload); ok && t.From.Source() != "" {
		return []evidence.RecordPart{t.From.Source(), own}
	}
	return []evidence.RecordPart{own}
}

// sealPart makes a part as it is stored: its salt and its content sealed
// together, because the salt of something short would let it be guessed from
// its commitment. Without a vault both stay as they are.
func (s *Store) sealPart(n evidence.NewEntry, salt, content []byte) (storedSalt, kept []byte, err error) {
	if s.vault == nil {
		return salt, content, nil
	}
	kept = append(append([]byte(nil), salt...), content...)
	for _, part := range layers(n) {
		if kept, err = s.vault.Seal(n.Interview, part, kept); err != nil {
			return nil, nil, err
		}
	}
	return []byte{}, kept, nil
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
	if err == nil && vault.Sealed(plain) { // the inner of two layers
		plain, err = s.vault.Unseal(r.Interview, plain)
	}
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
