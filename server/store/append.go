package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"bonafide/server/evidence"
)

// Bounds of the log's writer.
const (
	appendQueue = 256 // requests that wait
	appendBatch = 64  // requests that share one transaction, and so one wait for the disk
)

// ErrClosed is returned by Append after Close.
var ErrClosed = errors.New("the store is closed")

// ErrRefused is wrapped by errors about an entry that can never be written,
// however often it is tried.
var ErrRefused = errors.New("the entry is refused")

// prepared is an entry whose JSON is made, before it has a number.
type prepared struct {
	entry   evidence.Entry
	payload any // the typed payload, for what is projected from it
	part    []byte
	kept    []byte // the part as it is stored: with its salt, encrypted, where there is a vault
	salt    []byte // empty where it is inside kept
}

// appendRequest is one call of Append on its way through the writer.
type appendRequest struct {
	entries []prepared
	result  chan error // takes one value
}

// Append writes entries to the log, in order and together or not at all, and
// returns them as stored when they are durable. Calls at the same time may
// share a transaction. Once a request is queued its outcome is waited for even
// when ctx ends, so that the answer is true.
func (s *Store) Append(ctx context.Context, entries ...evidence.NewEntry) ([]evidence.Entry, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	prep, err := s.prepare(entries)
	if err != nil {
		return nil, err
	}
	r := &appendRequest{entries: prep, result: make(chan error, 1)}
	select {
	case s.appends <- r:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to append to the log: %w", ctx.Err())
	case <-s.stop:
		return nil, ErrClosed
	}
	select {
	case err = <-r.result:
	case <-s.done: // the writer has ended; it may have served us last
		select {
		case err = <-r.result:
		default:
			err = ErrClosed
		}
	}
	if err != nil {
		return nil, fmt.Errorf("appending to the log: %w", err)
	}
	return stored(prep), nil
}

// prepare encodes entries, so that what cannot be written is refused before
// anything is.
func (s *Store) prepare(entries []evidence.NewEntry) ([]prepared, error) {
	out := make([]prepared, len(entries))
	for i, n := range entries {
		p, err := s.prepareOne(n)
		if err != nil {
			return nil, fmt.Errorf("entry %d of %d (%s): %w: %w", i+1, len(entries), n.Kind, ErrRefused, err)
		}
		out[i] = p
	}
	return out, nil
}

func (s *Store) prepareOne(n evidence.NewEntry) (prepared, error) {
	if n.Kind == "" {
		return prepared{}, errors.New("the kind is empty")
	}
	switch n.Actor.Type {
	case "user", "participant", "system", "command":
	default:
		return prepared{}, fmt.Errorf("actor type %q is not one of user, participant, system, command", n.Actor.Type)
	}
	if err := checkPayload(n); err != nil {
		return prepared{}, err
	}
	payload, err := json.Marshal(n.Payload)
	if err != nil {
		return prepared{}, fmt.Errorf("encoding the payload: %w", err)
	}
	if n.Payload == nil {
		payload = []byte("{}")
	}
	p := prepared{payload: n.Payload, entry: evidence.Entry{Version: evidence.EntryVersion, Interview: n.Interview,
		WallMS: s.Now().UnixMilli(), AtMS: n.AtMS, Actor: n.Actor, Kind: n.Kind, Payload: payload}}
	if n.Part != nil {
		if p.part, err = json.Marshal(n.Part); err != nil {
			return prepared{}, fmt.Errorf("encoding the part: %w", err)
		}
		if p.salt, p.entry.PartSHA256, err = evidence.CommitPart(p.part); err != nil {
			return prepared{}, err
		}
		p.entry.Part = p.part
		if p.salt, p.kept, err = s.sealPart(n, p.salt, p.part); err != nil {
			return prepared{}, err
		}
	}
	return p, nil
}

func stored(prep []prepared) []evidence.Entry {
	out := make([]evidence.Entry, len(prep))
	for i, p := range prep {
		out[i] = p.entry
	}
	return out
}

// appendLoop is the one goroutine that writes what Append queues. It ends at
// Close, after what is queued by then.
func (s *Store) appendLoop() {
	defer close(s.done)
	for {
		select {
		case r := <-s.appends:
			s.appendAll(s.batch(r))
		case <-s.stop:
			for {
				select {
				case r := <-s.appends:
					s.appendAll(s.batch(r))
				default:
					return
				}
			}
		}
	}
}

// batch adds to r what waits already.
func (s *Store) batch(r *appendRequest) []*appendRequest {
	batch := []*appendRequest{r}
	for len(batch) < appendBatch {
		select {
		case r := <-s.appends:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// appendAll writes requests in one transaction. When that fails each is tried
// alone, so that nobody fails for another's entry.
func (s *Store) appendAll(batch []*appendRequest) {
	err := s.appendTogether(batch)
	if err == nil || len(batch) == 1 {
		for _, r := range batch {
			r.result <- err
		}
		return
	}
	for _, r := range batch {
		r.result <- s.appendTogether([]*appendRequest{r})
	}
}

func (s *Store) appendTogether(batch []*appendRequest) error {
	// No caller's context: a batch serves many callers.
	ctx := context.Background()
	err := s.tx(ctx, func(tx *sql.Tx) error {
		for _, r := range batch {
			if err := insert(ctx, tx, r.entries); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.log.Error("appending to the log failed", "requests", len(batch), "error", err)
	}
	return err
}

// appendTx writes entries in a transaction that changes something else too.
func (s *Store) appendTx(ctx context.Context, tx *sql.Tx, entries []evidence.NewEntry) error {
	prep, err := s.prepare(entries)
	if err != nil {
		return err
	}
	return insert(ctx, tx, prep)
}

// insert numbers and writes entries with their parts and projections.
func insert(ctx context.Context, tx *sql.Tx, entries []prepared) error {
	var last int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM entries`).Scan(&last); err != nil {
		return fmt.Errorf("reading the last entry's number: %w", err)
	}
	for i := range entries {
		last++
		p := &entries[i]
		p.entry.Seq = last
		canonical, err := p.entry.Canonical()
		if err != nil {
			return err
		}
		e := p.entry
		if err := addToTree(ctx, tx, e.Seq, canonical); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO entries (seq, interview, wall_ms, at_ms, kind, actor_type, actor_id, canonical)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, e.Seq, e.Interview, e.WallMS, e.AtMS, string(e.Kind), e.Actor.Type, e.Actor.ID, canonical)
		if err != nil {
			return fmt.Errorf("writing entry %d (%s): %w", e.Seq, e.Kind, err)
		}
		if p.part != nil {
			if _, err := tx.ExecContext(ctx, `INSERT INTO parts (seq, salt, content, part) VALUES (?, ?, ?, ?)`, e.Seq, p.salt, p.kept, string(evidence.PartOf(e.Kind))); err != nil {
				return fmt.Errorf("writing the part of entry %d (%s): %w", e.Seq, e.Kind, err)
			}
		}
		if err := project(ctx, tx, e, p.payload); err != nil {
			if never(err) {
				err = fmt.Errorf("%w: %w", ErrRefused, err)
			}
			return fmt.Errorf("projecting entry %d (%s): %w", e.Seq, e.Kind, err)
		}
	}
	return nil
}

// never tells that an entry collides with what is there or with the schema,
// which trying again does not change.
func never(err error) bool {
	var e sqlite3.Error
	return errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) ||
		errors.As(err, &e) && (e.Code == sqlite3.ErrConstraint || e.Code == sqlite3.ErrMismatch)
}
