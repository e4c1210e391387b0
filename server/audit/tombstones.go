package audit

import (
	"encoding/json"
	"fmt"
	"time"

	"bonafide/server/evidence"
)

// tombstone is an entry that says that a part of the record was deleted.
type tombstone struct {
	entry evidence.Entry
	evidence.DeletionPayload
}

// tombstones are the latest of each part: one covers everything of its part
// that entries before it speak of.
type tombstones map[evidence.RecordPart]tombstone

func tombstonesOf(entries []evidence.Entry) (tombstones, error) {
	all := tombstones{}
	for _, e := range entries {
		if e.Kind != evidence.EntryPartDeleted {
			continue
		}
		d := tombstone{entry: e}
		if err := json.Unmarshal(e.Payload, &d.DeletionPayload); err != nil {
			return all, fmt.Errorf("entry %d (%s): %w", e.Seq, e.Kind, err)
		}
		all[d.Part] = d
	}
	return all, nil
}

// deletedPart is the part that a tombstone is about; "" for other entries.
func deletedPart(e evidence.Entry) evidence.RecordPart {
	var d evidence.DeletionPayload
	if e.Kind != evidence.EntryPartDeleted || json.Unmarshal(e.Payload, &d) != nil {
		return ""
	}
	return d.Part
}

// over returns the tombstone that covers what entry seq speaks of.
func (all tombstones) over(part evidence.RecordPart, seq int64) (tombstone, bool) {
	t, ok := all[part]
	return t, ok && t.entry.Seq > seq
}

// why says in words when and for what something was deleted, and by which entry.
func (t tombstone) why() string {
	return fmt.Sprintf("was deleted on %s (UTC), %s (entry %d)", time.UnixMilli(t.entry.WallMS).UTC().Format("2006-01-02 at 15:04"), deletionReason(t.DeletionPayload), t.entry.Seq)
}

func deletionReason(d evidence.DeletionPayload) string {
	switch d.Reason {
	case evidence.DeletedByPolicy:
		return fmt.Sprintf("because the retention policy %q asked for it", clip(d.Policy))
	case evidence.DeletedByRequest:
		return "because the candidate asked for it"
	case evidence.DeletedByPerson:
		return "because an administrator decided so"
	case evidence.DeletedWithdrawn:
		return "because the candidate withdrew the consent to it"
	case evidence.DeletedAgain:
		return "again, because a backup that was put back still held it"
	}
	return "for a reason that this program does not know"
}

// SummaryDeletion is a part of the record that was deleted.
type SummaryDeletion struct {
	Seq    int64               `json:"seq"`
	WallMS int64               `json:"wall_ms"`
	By     string              `json:"by"`
	Part   evidence.RecordPart `json:"part"`
	Title  string              `json:"title"`
	Why    string              `json:"why"`
	Note   string              `json:"note"`
	Files  int                 `json:"files"`
	Texts  int                 `json:"texts"`
}

func (s *Summary) deletion(e evidence.Entry) error {
	var p evidence.DeletionPayload
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		return err
	}
	d := SummaryDeletion{Seq: e.Seq, WallMS: e.WallMS, By: s.by(e.Actor), Part: p.Part, Title: string(p.Part), Why: deletionReason(p), Files: p.Files, Texts: p.Texts}
	for _, i := range evidence.Parts {
		if i.Part == p.Part {
			d.Title = i.Title
		}
	}
	if e.Part != nil {
		var note evidence.NotePart
		if err := json.Unmarshal(e.Part, &note); err != nil {
			return fmt.Errorf("its part: %w", err)
		}
		d.Note = note.Text
	}
	s.Deletions = append(s.Deletions, d)
	return nil
}
