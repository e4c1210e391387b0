// Package store keeps everything that is not media in one SQLite file: the
// evidence log, what can be asked of it, accounts, interviews and links. One
// handle writes, several read; an entry is acknowledged only when it is on
// disk.
package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/vault"
)

// Errors that callers tell apart. They are those of the package that declares
// what a store of accounts must return.
var (
	ErrNotFound = auth.ErrNotFound
	ErrConflict = auth.ErrConflict
	// ErrEnded is an ErrConflict: an ended interview is not changed any more.
	ErrEnded = fmt.Errorf("the interview has ended: %w", ErrConflict)
	// ErrFull says that the disk, or the file's allowed size, is used up.
	ErrFull = errors.New("the database cannot grow: the disk is full")
)

// readers is the size of the reading pool.
const readers = 4

// Store is an open database. It is safe for concurrent use.
type Store struct {
	// Now is the clock of entries and records; tests replace it before use.
	Now func() time.Time

	log   *slog.Logger
	vault *vault.Vault // nil: parts are kept as they are
	write *sql.DB      // one connection
	read  *sql.DB      // query_only

	texts *textIndex

	appends chan *appendRequest
	stop    chan struct{}
	closing sync.Once
	done    chan struct{}
}

// Option changes how a database is opened.
type Option func(*Store)

// WithVault encrypts the parts of entries with the keys of v.
func WithVault(v *vault.Vault) Option { return func(s *Store) { s.vault = v } }

// Open opens or creates the database at path, brings its tables up to date
// and starts the log's writer. Close it.
func Open(ctx context.Context, path string, log *slog.Logger, options ...Option) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("creating the database's folder: %w", err)
	}
	// Created here so that others of the machine cannot read it; SQLite gives
	// its side files the same mode.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	s := &Store{Now: time.Now, log: log, texts: newTextIndex(), appends: make(chan *appendRequest, appendQueue), stop: make(chan struct{}), done: make(chan struct{})}
	for _, o := range options {
		o(s)
	}
	if s.write, err = sql.Open("sqlite3", dsn(path, false)); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite3", dsn(path, true)); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database: %w", err), s.write.Close())
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := migrate(ctx, s.write); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database %s: %w", path, err), s.read.Close(), s.write.Close())
	}
	if err := s.fillKinds(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database %s: %w", path, err), s.read.Close(), s.write.Close())
	}
	if err := s.refold(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database %s: %w", path, err), s.read.Close(), s.write.Close())
	}
	go s.appendLoop()
	return s, nil
}

// dsn names the file with its settings. They stand here because a PRAGMA sent
// through a pool reaches one connection only.
func dsn(path string, readOnly bool) string {
	q := url.Values{
		"_journal_mode":  {"WAL"},
		"_foreign_keys":  {"on"},
		"_synchronous":   {"FULL"}, // a commit returns when the log is on disk
		"_busy_timeout":  {"5000"}, // ms; another process (the command line) may write too
		"_secure_delete": {"on"},   // deleted parts are overwritten
	}
	if readOnly {
		q.Set("_query_only", "on")
		q.Set("_txlock", "deferred")
	} else {
		q.Set("_txlock", "immediate") // so that reading the last number and writing the next is one act
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Close waits for appends under way and closes the file. Later calls of any
// method fail; closing again does nothing.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.stop)
		<-s.done
		err = errors.Join(s.texts.close(), s.read.Close(), s.write.Close())
	})
	return err
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.read.QueryRowContext(ctx, `SELECT 1 FROM kinds LIMIT 1`).Scan(&one); err != nil {
		return fmt.Errorf("asking the database: %w", err)
	}
	return nil
}

// fillKinds makes the table of kinds say what the program knows. Kinds of
// other versions stay: findings refer to them.
func (s *Store) fillKinds(ctx context.Context) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for i, k := range evidence.Kinds {
			_, err := tx.ExecContext(ctx, `INSERT INTO kinds (kind, title, severity, consent, position) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (kind) DO UPDATE SET title = excluded.title, severity = excluded.severity,
				consent = excluded.consent, position = excluded.position`,
				string(k.Kind), k.Title, string(k.Severity), string(k.Consent), i)
			if err != nil {
				return fmt.Errorf("filling the table of kinds: %w", err)
			}
		}
		return nil
	})
}

// tx runs f in a transaction of the writing handle.
func (s *Store) tx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", known(err))
	}
	if err := f(tx); err != nil {
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			return errors.Join(known(err), fmt.Errorf("rolling back: %w", back))
		}
		return known(err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", known(err))
	}
	return nil
}

// known gives the errors of SQLite that callers tell apart their names.
func known(err error) error {
	var e sqlite3.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%w", ErrNotFound)
	case !errors.As(err, &e):
		return err
	case e.Code == sqlite3.ErrFull:
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey:
		return fmt.Errorf("%w: %w", ErrConflict, err)
	}
	return err
}

// encode returns v as JSON text for a column.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// decode reads a JSON column.
func decode[T any](text string) (v T, err error) {
	if err = json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("decoding a column: %w", err)
	}
	return v, nil
}

// collect reads every row with scan and closes rows.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, known(err)
	}
	defer rows.Close()
	out := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, known(rows.Err())
}

// marks returns n placeholders for an IN list.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }
