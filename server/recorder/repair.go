package recorder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/vault"
	"bonafide/server/webm"
)

// RepairReport says what was done about one file that an earlier run left.
type RepairReport struct {
	Segment   evidence.Segment // complete unless Err is set
	LostBytes int64            // of a torn block, cut off
	Torn      string           // why the blocks ended before the file did
	Took      time.Duration
	Err       error // the file could not be repaired and is as it was
}

// RepairDir finishes all files below a recordings folder whose writer was
// killed, and reports them. A finished file is left alone; it is reported, not
// as repaired, when logged is given and does not know it, which happens when
// the program was killed between finishing the file and logging it. A file that
// cannot be repaired is reported with its error and does not stop the others.
// Recordings whose key was destroyed are passed over. It must not run while a
// Recorder writes below dir; v opens encrypted files.
func RepairDir(ctx context.Context, dir string, v *vault.Vault, logged func(file string) bool) ([]RepairReport, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening the recordings folder: %w", err)
	}
	defer root.Close()
	interviews, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("listing the recordings folder: %w", err)
	}
	var reports []RepairReport
	for _, iv := range interviews {
		if !iv.IsDir() || checkName("interview", iv.Name()) != nil {
			continue
		}
		files, err := fs.ReadDir(root.FS(), iv.Name())
		if err != nil {
			return reports, fmt.Errorf("listing the recordings of an interview: %w", err)
		}
		for _, f := range files {
			k, n, ok := parseFileName(iv.Name(), f.Name())
			if !ok || !f.Type().IsRegular() {
				continue
			}
			if err := ctx.Err(); err != nil {
				return reports, err
			}
			if rep, changed := repairFile(root, v, k, n, logged); changed {
				reports = append(reports, rep)
			}
		}
	}
	return reports, nil
}

// repairFile repairs one file and tells whether there is anything to report.
func repairFile(root *os.Root, v *vault.Vault, k key, n int, logged func(string) bool) (RepairReport, bool) {
	began := time.Now()
	rep := RepairReport{Segment: evidence.Segment{
		Interview: k.interview, Participant: k.participant, Stream: k.stream, N: n, File: fileName(k, n),
	}}
	r, err := repairContent(root, v, rep.Segment.Interview, rep.Segment.File)
	if errors.Is(err, vault.ErrDestroyed) {
		return rep, false // deleted; its file goes when the deletion is finished
	}
	if err != nil {
		rep.Err = err
		return rep, true
	}
	if r.Finished && (logged == nil || logged(rep.Segment.File)) {
		return rep, false
	}
	rep.LostBytes, rep.Torn = r.LostBytes, r.Torn
	rep.Segment.Repaired = !r.Finished
	rep.Segment.StartMS = r.Header.Start.Milliseconds()
	describe(&rep.Segment, r.Header.Tracks, r.Duration)
	rep.Segment.SHA256, rep.Segment.Bytes, rep.Err = hashFile(root, v, rep.Segment.File)
	rep.Took = time.Since(began)
	return rep, true
}

// repairContent repairs one file, encrypted or plain.
func repairContent(root *os.Root, v *vault.Vault, interview, name string) (rep webm.Report, err error) {
	f, err := root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return rep, fmt.Errorf("opening a recording to repair it: %w", err)
	}
	defer f.Close() // again, where what follows closed it
	info, err := f.Stat()
	if err != nil {
		return rep, fmt.Errorf("opening a recording to repair it: %w", err)
	}
	head := make([]byte, 64)
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return rep, fmt.Errorf("opening a recording to repair it: %w", err)
	}
	if vault.PartOf(head) == "" {
		if rep, err = webm.RepairFile(f, info.Size()); err != nil {
			return rep, fmt.Errorf("repairing %s: %w", name, err)
		}
		return rep, f.Close()
	}
	if v == nil {
		return rep, fmt.Errorf("repairing %s: it is encrypted, and no key store was opened", name)
	}
	sealed, err := v.OpenFile(interview, dataFile{f}, info.Size())
	if err != nil {
		return rep, err
	}
	if rep, err = webm.RepairFile(sealed, sealed.Size()); err != nil {
		return rep, fmt.Errorf("repairing %s: %w", name, err)
	}
	if rep.Torn == "" && sealed.Torn() {
		rep.Torn = "the last write was cut off"
	}
	return rep, sealed.Close()
}
