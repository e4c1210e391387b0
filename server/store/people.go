package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// participants come with their answered consents as one JSON object.
const participantColumns = `p.id, p.interview, coalesce(p.user, ''), p.name, p.role,
	(SELECT json_group_object(consent, json(iif(granted, 'true', 'false'))) FROM consents WHERE participant = p.id)`

func scanParticipant(row scanner) (interview.Participant, error) {
	var p interview.Participant
	var consents string
	if err := row.Scan(&p.ID, &p.Interview, &p.User, &p.Name, &p.Role, &consents); err != nil {
		return interview.Participant{}, known(err)
	}
	var err error
	p.Consents, err = decode[map[evidence.Consent]bool](consents)
	return p, err
}

// Participants lists the people of an interview, the candidate first.
func (s *Store) Participants(ctx context.Context, interviewID string) ([]interview.Participant, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+participantColumns+` FROM participants p WHERE p.interview = ?
		ORDER BY p.role = 'candidate' DESC, p.created_ms, p.id`, interviewID)
	out, err := collect(rows, err, func(rows *sql.Rows) (interview.Participant, error) { return scanParticipant(rows) })
	if err != nil {
		return nil, fmt.Errorf("reading participants: %w", err)
	}
	return out, nil
}

// Participant returns a participant, or ErrNotFound.
func (s *Store) Participant(ctx context.Context, id string) (interview.Participant, error) {
	p, err := scanParticipant(s.read.QueryRowContext(ctx, `SELECT `+participantColumns+` FROM participants p WHERE p.id = ?`, id))
	if err != nil {
		return p, fmt.Errorf("reading participant %q: %w", id, err)
	}
	return p, nil
}

// JoinInterview returns the participant that an account is in an interview,
// creating it at the first join. Its role becomes the one given: somebody may
// come back as an observer. It is for interviewers and observers; the
// candidate exists since the interview was created.
func (s *Store) JoinInterview(ctx context.Context, interviewID string, a auth.Account, role interview.Role) (interview.Participant, error) {
	if role != interview.Interviewer && role != interview.Observer {
		return interview.Participant{}, fmt.Errorf("joining as %q: accounts join as interviewer or observer", role)
	}
	var p interview.Participant
	err := s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO participants (id, interview, user, name, role, created_ms) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (interview, user) DO UPDATE SET name = excluded.name, role = excluded.role`,
			auth.NewID(), interviewID, a.ID, a.Name, string(role), s.Now().UnixMilli())
		if err != nil {
			return err
		}
		p, err = scanParticipant(tx.QueryRowContext(ctx, `SELECT `+participantColumns+` FROM participants p WHERE p.interview = ? AND p.user = ?`, interviewID, a.ID))
		return err
	})
	if err != nil {
		return interview.Participant{}, fmt.Errorf("joining interview %q: %w", interviewID, err)
	}
	return p, nil
}

// SaveConsent keeps a participant's answer, with entries; the newest counts.
func (s *Store) SaveConsent(ctx context.Context, participant string, c evidence.Consent, granted bool, entries ...evidence.NewEntry) error {
	if !c.Valid() {
		return interview.Invalid("consent", "%q is not one of recording, face, gaze, speech, templates", c)
	}
	err := s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO consents (participant, consent, granted, changed_ms) VALUES (?, ?, ?, ?)
			ON CONFLICT (participant, consent) DO UPDATE SET granted = excluded.granted, changed_ms = excluded.changed_ms`,
			participant, string(c), granted, s.Now().UnixMilli())
		if err != nil {
			return err
		}
		return s.appendTx(ctx, tx, entries)
	})
	if err != nil {
		return fmt.Errorf("keeping a consent: %w", err)
	}
	return nil
}

// Removed lists the participants whom somebody else sent out of an interview
// and nobody admitted since, by the log.
func (s *Store) Removed(ctx context.Context, interviewID string) ([]string, error) {
	entries, err := s.Entries(ctx, EntryQuery{Interview: interviewID, Kinds: []evidence.EntryKind{evidence.EntryParticipantLeft, evidence.EntryParticipantAdmit}})
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, e := range entries {
		var p evidence.ParticipantPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return nil, fmt.Errorf("reading entry %d (%s): %w", e.Seq, e.Kind, err)
		}
		switch {
		case e.Kind == evidence.EntryParticipantAdmit:
			out = slices.DeleteFunc(out, func(id string) bool { return id == p.Participant })
		case p.Reason == "removed" && e.Actor.Type == "participant" && !slices.Contains(out, p.Participant):
			out = append(out, p.Participant) // what the server did by itself, the room decides anew
		}
	}
	return out, nil
}

const linkColumns = `id, interview, created_ms, expires_ms, revoked_ms`

func scanLink(row scanner, extra ...any) (l interview.Link, err error) {
	err = row.Scan(append([]any{&l.ID, &l.Interview, &l.CreatedMS, &l.ExpiresMS, &l.RevokedMS}, extra...)...)
	return l, known(err)
}

// CreateLink keeps a link under the hash of its secret, with entries.
func (s *Store) CreateLink(ctx context.Context, l interview.Link, secretHash []byte, entries ...evidence.NewEntry) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO links (id, interview, secret_hash, created_ms, expires_ms, revoked_ms) VALUES (?, ?, ?, ?, ?, ?)`,
			l.ID, l.Interview, secretHash, l.CreatedMS, l.ExpiresMS, l.RevokedMS)
		if err != nil {
			return err
		}
		return s.appendTx(ctx, tx, ofInterview(entries, l.Interview))
	})
}

// LinkState returns the link of a secret's hash and where its interview
// stands, or ErrNotFound.
func (s *Store) LinkState(ctx context.Context, secretHash []byte) (l interview.Link, state interview.State, err error) {
	l, err = scanLink(s.read.QueryRowContext(ctx, `SELECT `+linkColumns+`, (SELECT `+stateColumn+` FROM interviews i WHERE i.id = interview)
		FROM links WHERE secret_hash = ?`, secretHash), &state)
	return l, state, err
}

// Links lists the links of an interview, the newest first.
func (s *Store) Links(ctx context.Context, interviewID string) ([]interview.Link, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+linkColumns+` FROM links WHERE interview = ? ORDER BY created_ms DESC, id`, interviewID)
	out, err := collect(rows, err, func(rows *sql.Rows) (interview.Link, error) { return scanLink(rows) })
	if err != nil {
		return nil, fmt.Errorf("reading links: %w", err)
	}
	return out, nil
}

// errRevoked ends a transaction that has nothing to do.
var errRevoked = errors.New("revoked already")

// RevokeLink withdraws a link of an interview, with entries. A link that is
// revoked already stays as it is; one that does not exist is ErrNotFound.
func (s *Store) RevokeLink(ctx context.Context, interviewID, id string, entries ...evidence.NewEntry) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		l, err := scanLink(tx.QueryRowContext(ctx, `SELECT `+linkColumns+` FROM links WHERE id = ? AND interview = ?`, id, interviewID))
		if err != nil {
			return err
		}
		if l.RevokedMS != 0 {
			return errRevoked
		}
		if _, err := tx.ExecContext(ctx, `UPDATE links SET revoked_ms = ? WHERE id = ?`, s.Now().UnixMilli(), id); err != nil {
			return err
		}
		return s.appendTx(ctx, tx, ofInterview(entries, interviewID))
	})
	if err != nil && !errors.Is(err, errRevoked) {
		return fmt.Errorf("revoking a link: %w", err)
	}
	return nil
}
