package api

import "bonafide/server/evidence"

// CandidateRecord answers POST /api/candidate, a LobbyRequest: what a
// candidate may know of their own record.
type CandidateRecord struct {
	CandidateName string              `json:"candidate_name"`
	Role          string              `json:"role"`
	Operator      string              `json:"operator"` // "" if not configured
	State         string              `json:"state"`    // of the interview
	ScheduledMS   int64               `json:"scheduled_ms"`
	StartedMS     int64               `json:"started_ms"` // 0 before
	EndedMS       int64               `json:"ended_ms"`   // 0 while not ended
	Held          bool                `json:"held"`       // something keeps the record from being deleted
	Parts         []CandidatePart     `json:"parts"`
	Consents      []CandidateConsent  `json:"consents"` // every answer, oldest first
	Views         []CandidateView     `json:"views"`    // who saw it, newest first
	FindingsShown bool                `json:"findings_shown"`
	Findings      []CandidateFinding  `json:"findings"` // empty unless shown
	Answers       []CandidateAnswer   `json:"answers"`  // what they wrote themselves
	Requests      []CandidateDeletion `json:"requests"`
}

// CandidatePart is one part of a record: whether it exists, and until when.
type CandidatePart struct {
	Part        evidence.RecordPart `json:"part"`
	Title       string              `json:"title"`
	Description string              `json:"description"`
	Count       int                 `json:"count"`     // recordings, pictures or texts that exist
	LengthMS    int64               `json:"length_ms"` // of recordings that exist; 0 for other parts
	DueMS       int64               `json:"due_ms"`    // when it is deleted by a rule; 0 where no rule says
	Why         []string            `json:"why"`       // why it is still kept, in sentences
	DeletedMS   int64               `json:"deleted_ms"`
}

// CandidateConsent is one answer to a consent, with the words that were shown.
type CandidateConsent struct {
	WallMS  int64            `json:"wall_ms"`
	Consent evidence.Consent `json:"consent"`
	Granted bool             `json:"granted"`
	Text    string           `json:"text"` // "" where it was not kept, or was deleted
}

// CandidateView is one line of who saw the record.
type CandidateView struct {
	WallMS  int64               `json:"wall_ms"`
	Kind    evidence.EntryKind  `json:"kind"`
	By      string              `json:"by"`      // a name, where the operator allows it; "" otherwise
	Roles   []string            `json:"roles"`   // of whoever it was
	You     bool                `json:"you"`     // the candidate themselves
	Command bool                `json:"command"` // a command on the server, which only its operator can give
	What    evidence.AccessWhat `json:"what"`
	Spans   []evidence.Span     `json:"spans"`
}

// CandidateFinding is a finding as the candidate sees it, with what people decided.
type CandidateFinding struct {
	ID          string             `json:"id"`
	Title       string             `json:"title"`
	Description string             `json:"description"`
	Limits      string             `json:"limits"`
	StartMS     int64              `json:"start_ms"`
	EndMS       int64              `json:"end_ms"`
	Values      []evidence.Measure `json:"values"`
	Quality     float64            `json:"quality"`  // of the signal, 0 to 1
	Decision    string             `json:"decision"` // an evidence.Decision, of the last review; "" without one
}

// CandidateAnswer is what a candidate wrote about a finding, or with "" about
// the interview as a whole. Reviewers see it beside the finding.
type CandidateAnswer struct {
	Seq     int64  `json:"seq"`
	WallMS  int64  `json:"wall_ms"`
	Finding string `json:"finding"`
	Text    string `json:"text"` // "" where it was deleted
}

// CandidateDeletion is a request for deletion and what became of it.
type CandidateDeletion struct {
	CreatedMS int64                 `json:"created_ms"`
	DueMS     int64                 `json:"due_ms"` // until when it is to be answered
	Parts     []evidence.RecordPart `json:"parts"`
	State     string                `json:"state"` // "open", "fulfilled", "refused"
	ClosedMS  int64                 `json:"closed_ms"`
	Answer    string                `json:"answer"`
}

// CandidateAnswerRequest is POST /api/candidate/answers.
type CandidateAnswerRequest struct {
	Link    string `json:"link"`
	Finding string `json:"finding"` // "" for the interview as a whole
	Text    string `json:"text"`
}

// CandidateDeletionRequest is POST /api/candidate/deletions.
type CandidateDeletionRequest struct {
	Link  string                `json:"link"`
	Parts []evidence.RecordPart `json:"parts"`
	Text  string                `json:"text"` // may be empty
}
