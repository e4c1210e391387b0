package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"bonafide/server/audit"
	"bonafide/server/evidence"
)

// maxFaults bounds the faults that VerifyLog names.
const maxFaults = 100

// LogReport is what VerifyLog found.
type LogReport struct {
	Size        int64 // entries
	Root        audit.Hash
	Parts       int64    // that still exist
	Deleted     int64    // parts that were committed to and are gone
	Tombstones  int      // entries that say what was deleted
	Checkpoints int      // signed ones that were compared
	Faults      []string // what does not hold, in plain words; empty when all does
	About       []int64  // the entry that each fault is about; 0 where it is about none
	Unnamed     int      // faults beyond those named
}

// logVerifier walks over the log once.
type logVerifier struct {
	LogReport
	open        func(*Record) error
	missing     map[partOfRecord][]int64 // entries without their part since its latest tombstone
	tree        *sql.Rows                // positions and hashes, in order
	right       []audit.Hash             // roots of the full subtrees so far, largest first
	checkpoints []Checkpoint             // those not compared yet
}

// partOfRecord names a part of an interview's record.
type partOfRecord struct {
	interview string
	part      evidence.RecordPart
}

func (v *logVerifier) fault(format string, args ...any) {
	if len(v.Faults) < maxFaults {
		v.Faults = append(v.Faults, fmt.Sprintf(format, args...))
		v.About = append(v.About, aboutEntry(format, args))
	} else {
		v.Unnamed++
	}
}

// aboutEntry is the number of the entry that a fault begins with, or 0.
func aboutEntry(format string, args []any) int64 {
	if !strings.HasPrefix(format, "entry %d") {
		return 0
	}
	seq, _ := args[0].(int64)
	return seq
}

// VerifyLog recomputes the whole log from the canonical bytes of its entries:
// leaf hashes, the tree, the roots that checkpoints signed, the commitments to
// parts, and the columns and tables that repeat what entries say. It names what
// does not hold. It reads one state of the database; writing goes on.
func (s *Store) VerifyLog(ctx context.Context, progress func(done, total int64)) (LogReport, error) {
	v := &logVerifier{open: s.openPart, missing: map[partOfRecord][]int64{}}
	err := s.verifyLog(ctx, v, progress)
	if err != nil {
		return v.LogReport, fmt.Errorf("verifying the log: %w", known(err))
	}
	return v.LogReport, nil
}

func (s *Store) verifyLog(ctx context.Context, v *logVerifier, progress func(done, total int64)) (err error) {
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // it only reads
	var total int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM entries`).Scan(&total); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, `SELECT `+checkpointColumns+` FROM checkpoints ORDER BY id`)
	if v.checkpoints, err = collect(rows, err, func(rows *sql.Rows) (Checkpoint, error) { return scanCheckpoint(rows) }); err != nil {
		return err
	}
	if v.tree, err = tx.QueryContext(ctx, `SELECT position, hash FROM tree ORDER BY position`); err != nil {
		return err
	}
	defer v.tree.Close()
	v.compareCheckpoints(0)
	entries, err := tx.QueryContext(ctx, `SELECT e.seq, e.canonical, e.interview, e.wall_ms, e.at_ms, e.kind, e.actor_type, e.actor_id, p.salt, p.content
		FROM entries e LEFT JOIN parts p ON p.seq = e.seq ORDER BY e.seq`)
	if err != nil {
		return err
	}
	defer entries.Close()
	for entries.Next() {
		var r Record
		var columns evidence.Entry
		if err := entries.Scan(&r.Seq, &r.Canonical, &columns.Interview, &columns.WallMS, &columns.AtMS, &columns.Kind,
			&columns.Actor.Type, &columns.Actor.ID, &r.Salt, &r.Part); err != nil {
			return err
		}
		r.Interview = columns.Interview
		if err := v.open(&r); err != nil {
			return err
		}
		if err := v.entry(r, columns); err != nil {
			return err
		}
		if progress != nil && (v.Size%1000 == 0 || v.Size == total) {
			progress(v.Size, total)
		}
	}
	if err := entries.Err(); err != nil {
		return err
	}
	if _, err := v.next(); err == nil {
		v.fault("the tree holds hashes of more entries than the log has: entries were removed from its end")
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, c := range v.checkpoints {
		v.fault("the log has %d entries, but a checkpoint of %d was signed: entries were removed from its end", v.Size, c.Size)
	}
	v.Root = v.root()
	v.untold()
	return v.tables(ctx, tx)
}

// entry takes the next entry of the log.
func (v *logVerifier) entry(r Record, columns evidence.Entry) error {
	for v.Size+1 < r.Seq { // those in between are missing; the tree still knows them
		v.fault("entry %d is missing", v.Size+1)
		if err := v.grow(nil); err != nil {
			return err
		}
	}
	leaf := audit.LeafHash(r.Canonical)
	if err := v.grow(&leaf); err != nil {
		return err
	}
	e, err := evidence.ParseEntry(r.Canonical)
	if err != nil {
		v.fault("entry %d cannot be read: %v", r.Seq, err)
		return nil
	}
	if e.Seq != r.Seq {
		v.fault("entry %d says of itself that it is number %d: the order was changed", r.Seq, e.Seq)
	}
	sameTime := (e.AtMS == nil) == (columns.AtMS == nil) && (e.AtMS == nil || *e.AtMS == *columns.AtMS)
	if e.Interview != columns.Interview || e.WallMS != columns.WallMS || !sameTime || e.Kind != columns.Kind || e.Actor != columns.Actor {
		v.fault("entry %d: the columns that repeat it say something else than its bytes", r.Seq)
	}
	switch {
	case e.PartSHA256 == "" && r.Part != nil:
		v.fault("entry %d never had a part, but one is stored with it", r.Seq)
	case r.Unreadable != nil:
		v.fault("entry %d: its part (the text or names beside it) cannot be opened: %v", r.Seq, r.Unreadable)
	case e.PartSHA256 != "" && r.Part == nil:
		v.Deleted++
		k := partOfRecord{e.Interview, evidence.PartOf(e.Kind)}
		if source := templateSource(e); source != "" {
			k = withSource(e.Interview, source)
		}
		v.missing[k] = append(v.missing[k], r.Seq)
	case e.PartSHA256 != "":
		v.Parts++
		if evidence.PartCommitment(r.Salt, r.Part) != e.PartSHA256 {
			v.fault("entry %d: its part (the text or names beside it) is not what the entry commits to", r.Seq)
		}
	}
	if e.Kind == evidence.EntryPartDeleted {
		var d evidence.DeletionPayload
		if err := json.Unmarshal(e.Payload, &d); err != nil {
			v.fault("entry %d, a deletion, cannot be read: %v", r.Seq, err)
			return nil
		}
		v.Tombstones++
		delete(v.missing, partOfRecord{e.Interview, d.Part}) // it names what is gone before it
		for _, from := range evidence.TemplateFroms {
			source := from.Source()
			if d.Part == evidence.PartTemplates || d.Part == source {
				delete(v.missing, withSource(e.Interview, source))
			}
		}
	}
	return nil
}

// templateSource tells which part's deletion, beside that of the templates,
// took the part of this entry with it; "" for none.
func templateSource(e evidence.Entry) evidence.RecordPart {
	var t evidence.FaceTemplatePayload
	if e.Kind != evidence.EntryTemplateKept || json.Unmarshal(e.Payload, &t) != nil {
		return ""
	}
	return t.From.Source()
}

// withSource is the key of templates that go with another part too.
func withSource(interview string, source evidence.RecordPart) partOfRecord {
	return partOfRecord{interview, evidence.PartTemplates + "/" + source}
}

// untold names the parts that are missing though no entry says that they were deleted.
func (v *logVerifier) untold() {
	var all []int64
	for _, seqs := range v.missing {
		all = append(all, seqs...)
	}
	slices.Sort(all)
	for _, seq := range all {
		v.fault("entry %d: its part (the text or names beside it) is missing, and no entry says that it was deleted", seq)
	}
}

// grow takes the stored hashes of the next entry, compares them with its leaf
// hash and with each other, and goes on from what is stored: so a fault is
// named where it is, and not at everything that is built on it.
func (v *logVerifier) grow(leaf *audit.Hash) error {
	v.Size++
	h, err := v.next()
	if errors.Is(err, fs.ErrNotExist) {
		v.fault("the tree has no hashes for entry %d", v.Size)
		if leaf == nil {
			leaf = &audit.Hash{}
		}
		v.push(*leaf, func(want audit.Hash) (audit.Hash, error) { return want, nil })
		return nil
	}
	if err != nil {
		return err
	}
	if leaf != nil && *leaf != h {
		v.fault("entry %d was changed: its bytes do not have the hash that the tree holds", v.Size)
	}
	if err := v.push(h, func(want audit.Hash) (audit.Hash, error) {
		got, err := v.next()
		if errors.Is(err, fs.ErrNotExist) {
			v.fault("the tree ends within the hashes of entry %d", v.Size)
			return want, nil
		}
		if err == nil && got != want {
			v.fault("the tree was changed: a hash stored with entry %d is not that of the two below it", v.Size)
		}
		return got, err
	}); err != nil {
		return err
	}
	v.compareCheckpoints(v.Size)
	return nil
}

// push joins full subtrees of equal size, as a binary counter carries.
func (v *logVerifier) push(h audit.Hash, parent func(audit.Hash) (audit.Hash, error)) error {
	var err error
	for n := v.Size; n%2 == 0; n /= 2 {
		left := v.right[len(v.right)-1]
		v.right = v.right[:len(v.right)-1]
		if h, err = parent(audit.NodeHash(left, h)); err != nil {
			return err
		}
	}
	v.right = append(v.right, h)
	return nil
}

// next reads the tree's next hash; fs.ErrNotExist at its end.
func (v *logVerifier) next() (audit.Hash, error) {
	var h audit.Hash
	if !v.tree.Next() {
		if err := v.tree.Err(); err != nil {
			return h, err
		}
		return h, fs.ErrNotExist
	}
	var position int64
	var b []byte
	if err := v.tree.Scan(&position, &b); err != nil {
		return h, err
	}
	copy(h[:], b)
	return h, nil
}

func (v *logVerifier) root() audit.Hash {
	if len(v.right) == 0 {
		return audit.EmptyRoot
	}
	h := v.right[len(v.right)-1]
	for i := len(v.right) - 2; i >= 0; i-- {
		h = audit.NodeHash(v.right[i], h)
	}
	return h
}

// compareCheckpoints compares those of this size with the log.
func (v *logVerifier) compareCheckpoints(size int64) {
	for len(v.checkpoints) > 0 && v.checkpoints[0].Size <= size {
		kept := v.checkpoints[0]
		v.checkpoints = v.checkpoints[1:]
		v.Checkpoints++
		c, by, err := audit.Open(kept.Note, kept.Keys)
		switch {
		case err != nil:
			v.fault("checkpoint %d (of %d entries): %v", kept.ID, kept.Size, err)
		case len(by) != len(kept.Keys) || c.Size != kept.Size:
			v.fault("checkpoint %d: what is kept about it is not what was signed", kept.ID)
		case c.Size != size || c.Root != v.root():
			v.fault("checkpoint %d: the first %d entries are not those that were signed", kept.ID, c.Size)
		}
	}
}

// tables compares the payloads that other tables repeat with their entries.
func (v *logVerifier) tables(ctx context.Context, tx *sql.Tx) error {
	for _, table := range []string{"findings", "segments", "gaps"} {
		rows, err := tx.QueryContext(ctx, `SELECT t.seq, t.payload, e.canonical FROM `+table+` t LEFT JOIN entries e ON e.seq = t.seq ORDER BY t.seq`)
		type row struct {
			seq                int64
			payload, canonical []byte
		}
		all, err := collect(rows, err, func(rows *sql.Rows) (r row, err error) { return r, rows.Scan(&r.seq, &r.payload, &r.canonical) })
		if err != nil {
			return err
		}
		for _, r := range all {
			if e, err := evidence.ParseEntry(r.canonical); err != nil || !bytes.Equal(e.Payload, r.payload) {
				v.fault("the table of %s says something else than entry %d, which it repeats", table, r.seq)
			}
		}
	}
	return nil
}
