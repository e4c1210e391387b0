package evidence

import (
	"encoding/json"
	"fmt"
)

// RecordPart names a part of an interview's record that is encrypted with a
// key of its own and can be deleted by itself.
type RecordPart string

// The parts of a record. Stored by these strings.
const (
	PartRecording RecordPart = "recording" // video and sound of everybody
	PartStills    RecordPart = "stills"    // pictures kept with findings and steps
	PartDocument  RecordPart = "document"  // pictures of identity documents and what was read on them
	PartPicture   RecordPart = "picture"   // the candidate's profile picture
	PartTemplates RecordPart = "templates" // numbers by which a face is compared
	PartSeries    RecordPart = "series"    // readings over time
	PartText      RecordPart = "text"      // names, places, notes, answers, labels of devices
)

// PartInfo describes a part to people.
type PartInfo struct {
	Part        RecordPart `json:"part"`
	Title       string     `json:"title"`
	Description string     `json:"description"` // what is gone once it is deleted
}

// Parts lists every part, in the order in which they are shown. What is said of
// the numbers of faces on documents and pictures holds for what is kept here,
// and for copies of it where they are sealed with both keys: those that an
// earlier version sealed with the templates' key alone stay readable in older
// backups until the templates' key is destroyed.
var Parts = []PartInfo{
	{PartRecording, "Recordings", "The video and sound of every participant, with the sound levels made of it."},
	{PartStills, "Stills", "The pictures kept with findings and with the steps of the run-sheet."},
	{PartDocument, "Identity documents", "The pictures of identity documents, what was read on them, and the numbers of the faces on them."},
	{PartPicture, "Profile picture", "The photograph of the candidate that somebody added to the record, and the numbers of the face on it."},
	{PartTemplates, "Face templates", "The numbers by which a face is compared."},
	{PartSeries, "Readings over time", "The readings that findings were made from."},
	{PartText, "Notes and names", "The candidate's name and place, notes, answers, explanations, and labels of devices."},
}

// Valid reports whether p is one of the parts.
func (p RecordPart) Valid() bool {
	for _, i := range Parts {
		if i.Part == p {
			return true
		}
	}
	return false
}

// PartOf tells to which part of a record the deletable content of an entry of
// this kind belongs.
func PartOf(k EntryKind) RecordPart {
	switch k {
	case EntrySeries:
		return PartSeries
	case EntryStepChecked:
		return PartDocument
	case EntryTemplateKept:
		return PartTemplates
	}
	return PartText
}

// StillPart tells to which part the pictures of a step belong.
func StillPart(card CardKind) RecordPart {
	if card == CardShowID {
		return PartDocument
	}
	return PartStills
}

// StillEntries are the kinds of entry that speak of pictures.
var StillEntries = []EntryKind{EntryFinding, EntryStepChecked, EntryEnrolled, EntryCompared, EntryPictureKept}

// StillsOf lists the pictures that an entry speaks of, by their SHA-256, and
// the part that they belong to.
func StillsOf(e Entry) (RecordPart, []string, error) {
	var sums []string
	switch e.Kind {
	case EntryFinding:
		var f Finding
		if err := json.Unmarshal(e.Payload, &f); err != nil {
			return "", nil, fmt.Errorf("decoding a finding: %w", err)
		}
		for _, s := range f.Stills {
			sums = append(sums, s.SHA256)
		}
	case EntryStepChecked:
		var r StepResult
		if err := json.Unmarshal(e.Payload, &r); err != nil {
			return "", nil, fmt.Errorf("decoding the result of a step: %w", err)
		}
		for _, s := range r.Stills {
			sums = append(sums, s.SHA256)
		}
		return StillPart(r.Card), sums, nil
	case EntryEnrolled:
		var p EnrolledPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return "", nil, fmt.Errorf("decoding who was enrolled: %w", err)
		}
		for _, s := range p.Stills {
			sums = append(sums, s.SHA256)
		}
	case EntryCompared:
		var p ComparedPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return "", nil, fmt.Errorf("decoding what was compared: %w", err)
		}
		sums = append(sums, p.Still.SHA256)
	case EntryPictureKept:
		var p ProfilePayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			return "", nil, fmt.Errorf("decoding a profile picture: %w", err)
		}
		sums = append(sums, p.Picture.SHA256)
		if p.Face != nil {
			sums = append(sums, p.Face.SHA256)
		}
		return PartPicture, sums, nil
	}
	return PartStills, sums, nil
}

// DeletionReason says what a deletion was done for.
type DeletionReason string

// The reasons for deletions.
const (
	DeletedByPolicy  DeletionReason = "policy"    // its time was over; Policy names the rule
	DeletedByRequest DeletionReason = "request"   // the candidate asked for it; Request names the request
	DeletedByPerson  DeletionReason = "person"    // an administrator decided it; why is a NotePart
	DeletedWithdrawn DeletionReason = "withdrawn" // the candidate withdrew the consent to it
	DeletedAgain     DeletionReason = "restore"   // it had been deleted before, and a restored backup still held it
)

// DeletionPayload goes with part.deleted: what is gone, and why. It covers
// everything of the part that entries before it speak of.
type DeletionPayload struct {
	Part    RecordPart     `json:"part"`
	Reason  DeletionReason `json:"reason"`
	Policy  string         `json:"policy,omitempty"`  // identifier of the policy
	Request string         `json:"request,omitempty"` // identifier of the request
	Files   int            `json:"files"`             // recordings or pictures that were removed
	Texts   int            `json:"texts"`             // parts of entries that were removed
}

// HoldPayload goes with hold.placed and hold.released; why is a NotePart.
type HoldPayload struct {
	Hold string `json:"hold"`
}

// RequestPayload goes with deletion.requested, .fulfilled and .refused. What
// was written to it is a NotePart.
type RequestPayload struct {
	Request string       `json:"request"`
	Parts   []RecordPart `json:"parts,omitempty"`
	DueMS   int64        `json:"due_ms,omitempty"` // Unix ms
}

// PolicyPayload goes with policy.changed.
type PolicyPayload struct {
	Policy  string       `json:"policy"`
	Action  string       `json:"action"` // "keep", "delete", "request"
	Parts   []RecordPart `json:"parts,omitempty"`
	Outcome string       `json:"outcome,omitempty"`
	From    string       `json:"from"`
	Days    int          `json:"days"`
	Active  bool         `json:"active"`
}

// OutcomePayload goes with interview.decided; why is a NotePart.
type OutcomePayload struct {
	Outcome string `json:"outcome"`
}

// StoragePayload goes with storage.plain: recordings that are not encrypted,
// because an earlier version of the program made them; and with storage.sealed:
// those, pictures among them, that were encrypted since.
type StoragePayload struct {
	Recordings int `json:"recordings"`
}

// The entries of retention.
const (
	EntryPartDeleted       EntryKind = "part.deleted"
	EntryHoldPlaced        EntryKind = "hold.placed"
	EntryHoldReleased      EntryKind = "hold.released"
	EntryDeletionRequested EntryKind = "deletion.requested"
	EntryDeletionFulfilled EntryKind = "deletion.fulfilled"
	EntryDeletionRefused   EntryKind = "deletion.refused"
	EntryPolicyChanged     EntryKind = "policy.changed"
	EntryStoragePlain      EntryKind = "storage.plain"
	EntryStorageSealed     EntryKind = "storage.sealed"
)
