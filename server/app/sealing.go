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
	"strings"

	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/vault"
)

// sealingEnd ends the name of a file that is being encrypted; one that a crash
// left is written over by the next try.
const sealingEnd = ".sealing"

// SealRecordings encrypts the recordings and pictures that an earlier version of
// the program left as they were, in a data folder that nobody uses. A file whose
// content is not what the log says is left and named in faults. It can be broken
// off and called again.
func SealRecordings(ctx context.Context, data string, log *slog.Logger) (sealed int, faults []string, err error) {
	err = withProofs(ctx, data, log, func(p *proofs) error {
		if err := p.vault.Alone(); errors.Is(err, vault.ErrBusy) {
			return fmt.Errorf("%w: %w", ErrUsage, err)
		} else if err != nil {
			return err
		}
		r, err := newRecords(Config{Data: data}, p.store, p.vault, p, log)
		if err != nil {
			return err
		}
		sealed, faults, err = r.sealPlain(ctx)
		if sealed > 0 {
			_, logged := p.store.Append(ctx, evidence.NewEntry{Actor: auth.Command, Kind: evidence.EntryStorageSealed, Payload: evidence.StoragePayload{Recordings: sealed}})
			err = errors.Join(err, logged)
		}
		return errors.Join(err, r.close())
	})
	return sealed, faults, err
}

// sealPlain encrypts every file of the log's that is not encrypted.
func (r *records) sealPlain(ctx context.Context) (sealed int, faults []string, err error) {
	logged, err := loggedFiles(ctx, r.store)
	if err != nil {
		return 0, nil, err
	}
	for after := ""; ; {
		page, err := r.store.RetentionRecords(ctx, after, 200)
		if err != nil || len(page) == 0 {
			return sealed, faults, err
		}
		for _, about := range page {
			after = about.Interview
			files, err := r.files(ctx, about.Interview)
			if err != nil {
				return sealed, faults, err
			}
			for _, f := range files {
				if f.key != 0 || logged[f.name] == "" {
					continue // encrypted already, or made of the recordings and made again when it is wanted
				}
				if err := ctx.Err(); err != nil {
					return sealed, faults, err
				}
				switch fault, err := r.seal(f, about.Interview, logged[f.name]); {
				case err != nil:
					return sealed, faults, fmt.Errorf("encrypting %s: %w", f.name, err)
				case fault != "":
					faults = append(faults, f.name+" "+fault)
				default:
					sealed++
				}
			}
		}
	}
}

// seal encrypts one file. The plain one is overwritten once the other has its
// place, so that a crash at any moment leaves one of them whole.
func (r *records) seal(f keptFile, interview, sum string) (fault string, err error) {
	plain, err := r.media.OpenFile(f.name, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, plain.Close()) }()
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(plain, 0, f.bytes)); err != nil {
		return "", err
	}
	if hex.EncodeToString(hash.Sum(nil)) != sum {
		return "is not what the log recorded, and stays as it is", nil
	}
	if err := r.writeSealed(f, interview, io.NewSectionReader(plain, 0, f.bytes)); err != nil {
		return "", errors.Join(err, ignoreMissing(r.media.Remove(f.name+sealingEnd)))
	}
	if err := r.media.Rename(f.name+sealingEnd, f.name); err != nil {
		return "", err
	}
	dir, err := r.media.Open(path.Dir(f.name))
	if err != nil {
		return "", err
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return "", err
	}
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < f.bytes; at += int64(len(zeros)) {
		if _, err := plain.WriteAt(zeros[:min(int64(len(zeros)), f.bytes-at)], at); err != nil {
			return "", err
		}
	}
	return "", plain.Sync()
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// writeSealed writes the encrypted content of a file beside it, durably:
// pictures whole, recordings so that they can be read from the middle.
func (r *records) writeSealed(f keptFile, interview string, plain *io.SectionReader) error {
	out, err := r.media.OpenFile(f.name+sealingEnd, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if !strings.HasSuffix(f.name, ".webm") {
		content, err := io.ReadAll(plain)
		if err == nil {
			content, err = r.vault.Seal(interview, f.part, content)
		}
		if err == nil {
			_, err = out.Write(content)
		}
		return errors.Join(err, out.Sync(), out.Close())
	}
	x, err := r.vault.CreateFile(interview, f.part, out)
	if err != nil {
		return errors.Join(err, out.Close())
	}
	_, err = io.Copy(io.NewOffsetWriter(x, 0), struct{ io.Reader }{plain}) // in pieces of 32 KiB
	if err = errors.Join(err, x.Close()); err != nil {
		return err
	}
	done, err := r.media.OpenFile(f.name+sealingEnd, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(done.Sync(), done.Close())
}
