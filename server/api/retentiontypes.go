package api

import (
	"bonafide/server/evidence"
	"bonafide/server/interview"
	"bonafide/server/retention"
)

// PartFate is a part of a record: what exists of it, what becomes of it, why
// it still exists, and when it was deleted.
type PartFate struct {
	retention.Fate
	Exists  bool          `json:"exists"`
	Files   int           `json:"files"`   // recordings or pictures
	Bytes   int64         `json:"bytes"`   // of all its files, as they lie on the disk
	Texts   int           `json:"texts"`   // texts and readings beside entries
	Reasons int           `json:"reasons"` // of the texts alone: what administrators wrote about holding and deleting; no content, but goes with the texts
	Deleted []DeletedPart `json:"deleted"`
}

// DeletedPart is an earlier deletion of a part.
type DeletedPart struct {
	Seq    int64                   `json:"seq"` // of the entry
	WallMS int64                   `json:"wall_ms"`
	Reason evidence.DeletionReason `json:"reason"`
	Policy string                  `json:"policy"`
	Files  int                     `json:"files"`
	Texts  int                     `json:"texts"`
	Done   bool                    `json:"done"` // false until keys and files are gone too
}

// RecordHold is a legal hold.
type RecordHold struct {
	ID         string `json:"id"`
	Interview  string `json:"interview"`
	Candidate  string `json:"candidate"`
	Reason     string `json:"reason"`
	Owner      string `json:"owner"` // name
	CreatedMS  int64  `json:"created_ms"`
	ReleasedMS int64  `json:"released_ms"` // 0 while it holds
	ReleasedBy string `json:"released_by"` // name
}

// RecordRequest is a wish that parts of a record be deleted.
type RecordRequest struct {
	ID        string                `json:"id"`
	Interview string                `json:"interview"`
	Candidate string                `json:"candidate"`
	Parts     []evidence.RecordPart `json:"parts"`
	Text      string                `json:"text"`
	CreatedMS int64                 `json:"created_ms"`
	DueMS     int64                 `json:"due_ms"`
	State     string                `json:"state"` // "open", "fulfilled", "refused"
	ClosedMS  int64                 `json:"closed_ms"`
	ClosedBy  string                `json:"closed_by"` // name
	Answer    string                `json:"answer"`
	Held      bool                  `json:"held"` // a hold keeps it from being fulfilled
}

// RecordRetention answers GET /api/interviews/{id}/retention.
type RecordRetention struct {
	Outcome   interview.Outcome `json:"outcome"` // "" while nobody decided
	DecidedMS int64             `json:"decided_ms"`
	Parts     []PartFate        `json:"parts"`
	Holds     []RecordHold      `json:"holds"`
	Requests  []RecordRequest   `json:"requests"`
	Policies  []PolicyName      `json:"policies"`
}

// PolicyName names a policy for people.
type PolicyName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Retention answers GET /api/retention.
type Retention struct {
	Policies []retention.Policy  `json:"policies"`
	Parts    []evidence.PartInfo `json:"parts"`
	Holds    []RecordHold        `json:"holds"`
	Requests []RecordRequest     `json:"requests"`
	Upcoming []UpcomingDeletion  `json:"upcoming"` // the soonest first, at most 200
	SweptMS  int64               `json:"swept_ms"` // the time of this answer, which dates are compared with
}

// UpcomingDeletion is what goes of a record, and when.
type UpcomingDeletion struct {
	Interview string              `json:"interview"`
	Candidate string              `json:"candidate"`
	Role      string              `json:"role"`
	Part      evidence.RecordPart `json:"part"`
	DueMS     int64               `json:"due_ms"`
	Policy    string              `json:"policy"` // name
}

// HoldRequest is POST /api/interviews/{id}/holds and, to release one,
// POST /api/interviews/{id}/holds/{hold}/release.
type HoldRequest struct {
	Reason string `json:"reason"`
}

// OutcomeRequest is POST /api/interviews/{id}/outcome.
type OutcomeRequest struct {
	Outcome interview.Outcome `json:"outcome"`
	Note    string            `json:"note"`
}

// DeletePartRequest is POST /api/interviews/{id}/deletions. Confirm repeats the
// candidate's name as the interview has it, so that nobody deletes by a slip.
type DeletePartRequest struct {
	Parts   []evidence.RecordPart `json:"parts"`
	Reason  string                `json:"reason"`
	Confirm string                `json:"confirm"`
}

// AskDeletionRequest is POST /api/interviews/{id}/requests: a wish that came by
// letter or word of mouth.
type AskDeletionRequest struct {
	Parts []evidence.RecordPart `json:"parts"`
	Text  string                `json:"text"`
}

// RequestAnswer is POST /api/retention/requests/{request}/answer. Fulfilling
// deletes the parts that were asked for.
type RequestAnswer struct {
	Fulfil bool   `json:"fulfil"`
	Answer string `json:"answer"`
}
