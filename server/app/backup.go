package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"bonafide/server/auth"
	"bonafide/server/backup"
	"bonafide/server/evidence"
	"bonafide/server/store"
	"bonafide/server/vault"
)

// BackupReport says what a backup did.
type BackupReport struct {
	backup.Manifest
	backup.Copied
	KeyStore string // where its copy is
	Pruned   int    // files of the backup whose keys are destroyed
}

// Backup copies the database and the recordings of a data folder to dir, and
// the key store to a folder of its own, beside a running server or without
// one. Recordings that are there already are not copied again. The database
// comes first and the key store last, so that every key of what was copied is
// in it, unless it was destroyed meanwhile.
func Backup(ctx context.Context, cfg Config, dir, keysDir string, log *slog.Logger) (r BackupReport, err error) {
	if r.KeyStore, err = separate(dir, keysDir); err != nil {
		return r, err
	}
	if _, err := os.Stat(cfg.databasePath()); err != nil {
		return r, fmt.Errorf("%w: the data folder: %w", ErrUsage, err)
	}
	db, v, err := cfg.openStore(ctx, log)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, db.Close(), v.Close()) }()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return r, fmt.Errorf("making the backup's folder: %w", err)
	}
	copied := filepath.Join(dir, "."+backup.Database+".new")
	if err := os.Remove(copied); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("removing what an earlier backup left: %w", err)
	}
	if err := db.BackupTo(ctx, cfg.Data, copied); err != nil {
		return r, err
	}
	r.Manifest = backup.NewManifest()
	r.CreatedMS, r.Program = db.Now().UnixMilli(), Version
	names, err := r.look(ctx, copied, log)
	if err != nil {
		return r, err
	}
	if r.Copied, err = backup.Files(ctx, cfg.mediaDir(), filepath.Join(dir, backup.Media), names); err != nil {
		return r, err
	}
	if err := os.Rename(copied, filepath.Join(dir, backup.Database)); err != nil {
		return r, fmt.Errorf("putting the copy of the database in its place: %w", err)
	}
	if err := backup.KeyStore(ctx, cfg.keyStoreDir(), r.KeyStore); err != nil {
		return r, err
	}
	if r.Pruned, err = prune(dir, v); err != nil {
		return r, err
	}
	r.Manifest.Files = r.Copied.Files
	return r, r.Manifest.Write(dir)
}

// separate gives the folder for the copy of the key store, which must not lie
// in the backup: old copies of it would bring back what was deleted.
func separate(dir, keysDir string) (string, error) {
	if keysDir == "" {
		keysDir = strings.TrimRight(dir, string(filepath.Separator)) + "-keystore"
	}
	a, err1 := filepath.Abs(dir)
	b, err2 := filepath.Abs(keysDir)
	if err := errors.Join(err1, err2); err != nil {
		return "", fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if rel, err := filepath.Rel(a, b); err == nil && filepath.IsLocal(rel) {
		return "", fmt.Errorf("%w: the key store's copy %s lies in the backup %s; put it elsewhere, and keep only its newest copy", ErrUsage, keysDir, dir)
	}
	return keysDir, nil
}

// look reads from a copy of the database which files belong to it, and the
// state of its log.
func (r *BackupReport) look(ctx context.Context, copied string, log *slog.Logger) (names []string, err error) {
	s, err := store.Open(ctx, copied, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	files, err := loggedFiles(ctx, s)
	if err != nil {
		return nil, err
	}
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	if r.Entries, err = s.LastSeq(ctx); err != nil {
		return nil, err
	}
	root, err := s.Root(ctx, r.Entries)
	r.Root = root.String()
	return names, err
}

// loggedFiles are the recordings and pictures that a log speaks of and that
// were not deleted, by slash path below the recordings folder, with their hashes.
func loggedFiles(ctx context.Context, s *store.Store) (map[string]string, error) {
	out := map[string]string{}
	for after := ""; ; {
		page, err := s.RetentionRecords(ctx, after, 200)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, about := range page {
			after = about.Interview
			content, err := s.Content(ctx, about.Interview)
			if err != nil {
				return nil, err
			}
			for _, g := range content.Recordings {
				out[g.File] = g.SHA256
			}
			for sum := range content.Stills {
				out[path.Join(about.Interview, "stills", sum+".jpg")] = sum
			}
		}
	}
}

// prune removes files from a backup that nobody can read any more.
func prune(dir string, v *vault.Vault) (n int, err error) {
	gone, err := v.Gone()
	if err != nil {
		return 0, err
	}
	destroyed := map[string]bool{}
	for _, g := range gone {
		destroyed[fmt.Sprint(g.Interview, " ", g.Part, " ", g.N)] = true
	}
	media := filepath.Join(dir, backup.Media)
	names, err := backup.Below(media)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		head := make([]byte, 64)
		f, err := os.Open(filepath.Join(media, filepath.FromSlash(name)))
		if err != nil {
			return n, fmt.Errorf("looking at a file of the backup: %w", err)
		}
		_, err = f.ReadAt(head, 0)
		if err = errors.Join(ignoreEOF(err), f.Close()); err != nil {
			return n, fmt.Errorf("looking at a file of the backup: %w", err)
		}
		id, _, _ := strings.Cut(name, "/")
		part, key := vault.Head(head)
		if part == "" || !destroyed[fmt.Sprint(id, " ", part, " ", key)] {
			continue
		}
		if err := os.Remove(filepath.Join(media, filepath.FromSlash(name))); err != nil {
			return n, fmt.Errorf("removing a deleted file from the backup: %w", err)
		}
		n++
	}
	return n, nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// RestoreReport says what a restored folder holds.
type RestoreReport struct {
	backup.Manifest
	Again   []store.Tombstone // deletions since the backup, done again
	Lacking int               // records whose names could not be opened: the key store lacks their key
	Log     store.LogReport
	Files   int      // recordings and pictures that are what the log says
	Faults  []string // those that are not, or are missing
}

// Restore makes a data folder from a backup. The master key must be in its
// place. Keys come from keysDir, and from a key store that lies in its place
// already, which may be newer: what either knows as deleted is deleted in what
// was put back, with a tombstone of its own. Then the log and every file are verified.
func Restore(ctx context.Context, cfg Config, dir, keysDir string, log *slog.Logger) (r RestoreReport, err error) {
	if r.Manifest, err = backup.ReadManifest(dir); err != nil {
		return r, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	if keysDir, err = separate(dir, keysDir); err != nil {
		return r, err
	}
	if _, err := os.Stat(cfg.databasePath()); err == nil {
		return r, fmt.Errorf("%w: %s exists already; name an empty folder with --data", ErrUsage, cfg.databasePath())
	}
	if _, err := os.Stat(cfg.masterKeyFile()); err != nil {
		return r, fmt.Errorf("%w: the master key: %w; put it there, or name it with BONAFIDE_MASTER_KEY", ErrUsage, err)
	}
	if err := backup.KeyStore(ctx, keysDir, cfg.keyStoreDir()); err != nil {
		return r, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	v, err := cfg.OpenVault(log)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	names, err := backup.Below(filepath.Join(dir, backup.Media))
	if err != nil {
		return r, err
	}
	if _, err := backup.Files(ctx, filepath.Join(dir, backup.Media), cfg.mediaDir(), names); err != nil {
		return r, err
	}
	if err := os.MkdirAll(cfg.mediaDir(), 0o750); err != nil {
		return r, fmt.Errorf("making the recordings folder: %w", err)
	}
	// The database takes its place when it is ready, so that a restore that
	// broke off can be begun again.
	const fresh = ".restoring.db"
	for _, name := range []string{fresh, fresh + "-wal", fresh + "-shm"} {
		if err := os.Remove(filepath.Join(cfg.Data, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return r, fmt.Errorf("removing what an earlier restore left: %w", err)
		}
	}
	if err := copyFile(filepath.Join(dir, backup.Database), filepath.Join(cfg.Data, fresh)); err != nil {
		return r, err
	}
	if r.Lacking, err = store.OpenCopy(ctx, filepath.Join(cfg.Data, fresh), v); err != nil {
		return r, err
	}
	if err := os.Rename(filepath.Join(cfg.Data, fresh), cfg.databasePath()); err != nil {
		return r, fmt.Errorf("putting the database in its place: %w", err)
	}
	return r, r.settle(ctx, cfg, v, log)
}

// settle repeats deletions and verifies.
func (r *RestoreReport) settle(ctx context.Context, cfg Config, v *vault.Vault, log *slog.Logger) (err error) {
	s, err := store.Open(ctx, cfg.databasePath(), log, store.WithVault(v))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rec, err := newRecords(cfg, s, v, newProofs(cfg, s, v, log), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rec.close()) }()
	if err := rec.resume(ctx); err != nil {
		return err
	}
	if r.Again, err = rec.replay(ctx); err != nil {
		return err
	}
	if r.Log, err = s.VerifyLog(ctx, nil); err != nil {
		return err
	}
	files, err := loggedFiles(ctx, s)
	if err != nil {
		return err
	}
	for name, sum := range files {
		switch got, err := rec.hash(name); {
		case err != nil:
			r.Faults = append(r.Faults, fmt.Sprintf("%s: %v", name, err))
		case got != sum:
			r.Faults = append(r.Faults, name+" is not what the log recorded")
		default:
			r.Files++
		}
	}
	slices.Sort(r.Faults)
	return nil
}

// replay deletes what the key store knows as deleted and the database does not.
func (r *records) replay(ctx context.Context) ([]store.Tombstone, error) {
	gone, err := r.vault.Gone()
	if err != nil {
		return nil, err
	}
	var out []store.Tombstone
	for i, g := range gone {
		if i+1 < len(gone) && gone[i+1].Interview == g.Interview && gone[i+1].Part == g.Part {
			continue // its highest number counts
		}
		known, err := r.store.Tombstones(ctx, g.Interview)
		if err != nil {
			return out, err
		}
		if slices.ContainsFunc(known, func(t store.Tombstone) bool { return t.Part == g.Part && t.UpTo >= g.N }) {
			continue
		}
		t, err := r.store.DeletePart(ctx, store.Deletion{Interview: g.Interview, Part: g.Part, By: auth.Command, Reason: evidence.DeletedAgain,
			Policy: g.Policy, Request: g.Request, UpTo: g.N, Again: true})
		if errors.Is(err, store.ErrNotFound) {
			continue // an interview from after the backup
		}
		if err == nil {
			err = r.finish(ctx, t)
		}
		if err != nil {
			return out, err
		}
		out = append(out, t)
	}
	return out, nil
}

// hash is the SHA-256 of what a file holds, before encryption.
func (r *records) hash(name string) (string, error) {
	c, err := r.vault.OpenMedia(r.media, name)
	if err != nil {
		return "", err
	}
	defer c.Close()
	h := sha256.New()
	if _, err := io.Copy(h, c.Reader()); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	_, err = io.Copy(dst, src)
	if err = errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	return nil
}
