package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"bonafide/server/durable"
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/vault"
)

// kept are the columns of an interview that hold names and texts as they are,
// so that they can be searched. A copy of the database holds them sealed, with
// the key of the interview's texts: destroying that key deletes them there too.
type kept struct {
	Name     string            `json:"name"`
	Place    string            `json:"place"`
	Holds    map[string]string `json:"holds,omitempty"`    // reasons by hold
	Requests map[string]string `json:"requests,omitempty"` // texts by request
	Answers  map[string]string `json:"answers,omitempty"`
}

// BackupTo writes a copy of the database as it is at this moment, while
// everybody goes on working, to a file that must not exist. The copy has names
// sealed; OpenCopy opens them again. Saved searches, which may name people, are
// not in it. At no time does the file hold a name as it is, not even where the
// backup is killed: the pages are copied to the folder scratch, that of the
// database, and only what was sealed goes on from there.
func (s *Store) BackupTo(ctx context.Context, scratch, path string) (err error) {
	if s.vault == nil {
		return errors.New("backing up the database: no key store was opened")
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("backing up the database: %s exists already", path)
	}
	if err != nil {
		return fmt.Errorf("backing up the database: %w", err)
	}
	err = s.sealedCopy(ctx, scratch, path)
	if err = errors.Join(err, f.Sync(), f.Close(), durable.SyncFolder(filepath.Dir(path))); err != nil {
		_ = os.Remove(path) // half a copy is of no use
		return fmt.Errorf("backing up the database: %w", known(err))
	}
	return nil
}

// sealedCopy copies the database to an empty file, by way of one in scratch
// where names are sealed.
func (s *Store) sealedCopy(ctx context.Context, scratch, path string) (err error) {
	if err := RemoveScratch(scratch); err != nil {
		return err
	}
	f, err := os.CreateTemp(scratch, scratchFiles)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeScratch(f.Name()), f.Close()) }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil { // says that it is in use
		return err
	}
	copied, err := openCopy(f.Name())
	if err != nil {
		return err
	}
	err = s.copyPages(ctx, copied)
	if err == nil {
		err = sealNames(ctx, copied, s.vault)
	}
	if err == nil {
		_, err = copied.ExecContext(ctx, `VACUUM INTO ?`, path)
	}
	return errors.Join(err, copied.Close())
}

// scratchFiles are copies of the database, with names as they are, that a
// backup works on.
const scratchFiles = ".backup-*.db"

// RemoveScratch overwrites and removes what backups that were killed left in a
// folder. Files of backups that are under way are left.
func RemoveScratch(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, scratchFiles))
	if err != nil {
		return fmt.Errorf("looking for unfinished backups: %w", err)
	}
	for _, path := range left {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("removing an unfinished backup: %w", err)
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			err = removeScratch(path)
		} else if errors.Is(err, syscall.EWOULDBLOCK) {
			err = nil
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("removing an unfinished backup: %w", err)
		}
	}
	return nil
}

func removeScratch(path string) error {
	var errs []error
	for _, end := range []string{"-wal", "-shm", ""} {
		errs = append(errs, vault.Shred(path+end))
	}
	return errors.Join(errs...)
}

// openCopy opens a database file by itself: one connection, no write-ahead
// log, so that the file alone is the database.
func openCopy(path string) (*sql.DB, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite3", strings.Replace(dsn(path, false), "_journal_mode=WAL", "_journal_mode=MEMORY", 1))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// copyPages is SQLite's online backup.
func (s *Store) copyPages(ctx context.Context, to *sql.DB) error {
	from, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	dest, err := to.Conn(ctx)
	if err != nil {
		return err
	}
	defer dest.Close()
	return dest.Raw(func(d any) error {
		return from.Raw(func(f any) error {
			b, err := d.(*sqlite3.SQLiteConn).Backup("main", f.(*sqlite3.SQLiteConn), "main")
			if err != nil {
				return err
			}
			// All pages in one step, under one reading lock: writers go on beside it.
			_, err = b.Step(-1)
			return errors.Join(err, b.Finish())
		})
	})
}

// sealNames moves what of names and texts lies in columns into a sealed table.
// The pages may keep traces of them, which VACUUM INTO leaves behind.
func sealNames(ctx context.Context, db *sql.DB, v *vault.Vault) error {
	if _, err := db.ExecContext(ctx, `PRAGMA journal_mode = MEMORY`); err != nil { // the pages came with the mode of the original
		return err
	}
	rows, err := db.QueryContext(ctx, `SELECT id FROM interviews`)
	ids, err := collect(rows, err, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) })
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, `CREATE TABLE sealed_names (interview TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT`); err != nil {
		return err
	}
	for _, id := range ids {
		k, err := readKept(ctx, tx, id)
		if err != nil {
			return err
		}
		if k.Name == interview.NameDeleted {
			continue
		}
		text, err := json.Marshal(k)
		if err != nil {
			return err
		}
		sealed, err := v.Seal(id, evidence.PartText, text)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO sealed_names VALUES (?, ?)`, id, sealed); err != nil {
			return err
		}
		if err := redact(ctx, tx, id); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM saved_searches`); err != nil {
		return err
	}
	return tx.Commit()
}

func readKept(ctx context.Context, tx *sql.Tx, id string) (k kept, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT candidate_name, place FROM interviews WHERE id = ?`, id).Scan(&k.Name, &k.Place); err != nil {
		return k, err
	}
	for _, q := range []struct {
		query string
		into  *map[string]string
	}{
		{`SELECT id, reason FROM holds WHERE interview = ?`, &k.Holds},
		{`SELECT id, text FROM deletion_requests WHERE interview = ?`, &k.Requests},
		{`SELECT id, answer FROM deletion_requests WHERE interview = ?`, &k.Answers},
	} {
		rows, err := tx.QueryContext(ctx, q.query, id)
		type row struct{ id, text string }
		all, err := collect(rows, err, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.id, &r.text) })
		if err != nil {
			return k, err
		}
		*q.into = map[string]string{}
		for _, r := range all {
			(*q.into)[r.id] = r.text
		}
	}
	return k, nil
}

// OpenCopy makes a copy that BackupTo wrote a database again: names whose key
// still exists are put back, others stay deleted. It returns how many records
// could not be opened because the key store lacks their key.
func OpenCopy(ctx context.Context, path string, v *vault.Vault) (lacking int, err error) {
	db, err := openCopy(path)
	if err != nil {
		return 0, fmt.Errorf("opening a copy of the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `SELECT interview, sealed FROM sealed_names`)
	type row struct {
		id     string
		sealed []byte
	}
	all, err := collect(rows, err, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.id, &r.sealed) })
	if err != nil {
		return 0, fmt.Errorf("opening a copy of the database: it is not one of ours: %w", err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("opening a copy of the database: %w", err)
	}
	defer tx.Rollback() // after Commit it does nothing
	for _, r := range all {
		text, err := v.Unseal(r.id, r.sealed)
		switch {
		case errors.Is(err, vault.ErrDestroyed):
			continue
		case errors.Is(err, vault.ErrNoKey):
			lacking++
			continue
		case err != nil:
			return lacking, fmt.Errorf("opening a copy of the database: %w", err)
		}
		if err := putBack(ctx, tx, r.id, text); err != nil {
			return lacking, fmt.Errorf("opening a copy of the database: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `DROP TABLE sealed_names`); err != nil {
		return lacking, fmt.Errorf("opening a copy of the database: %w", err)
	}
	return lacking, tx.Commit()
}

func putBack(ctx context.Context, tx *sql.Tx, id string, text []byte) (err error) {
	k, err := decode[kept](string(text))
	if err != nil {
		return err
	}
	var role string
	if err := tx.QueryRowContext(ctx, `SELECT role FROM interviews WHERE id = ?`, id).Scan(&role); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE interviews SET candidate_name = ?, place = ?, search = ? WHERE id = ?`, k.Name, k.Place, searched(k.Name, role), id)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE participants SET name = ? WHERE interview = ? AND role = 'candidate'`, k.Name, id); err != nil {
		return err
	}
	for _, q := range []struct {
		change string
		all    map[string]string
	}{
		{`UPDATE holds SET reason = ? WHERE id = ?`, k.Holds},
		{`UPDATE deletion_requests SET text = ? WHERE id = ?`, k.Requests},
		{`UPDATE deletion_requests SET answer = ? WHERE id = ?`, k.Answers},
	} {
		for one, text := range q.all {
			if _, err := tx.ExecContext(ctx, q.change, text, one); err != nil {
				return err
			}
		}
	}
	return nil
}
