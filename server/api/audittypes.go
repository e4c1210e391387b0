package api

import (
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// RecordQuery is the search of GET /api/records and what POST /api/searches
// keeps of one; the fields are the names of the query's parameters too. Every
// criterion that is not empty must fit.
type RecordQuery struct {
	Person      string          `json:"person"`      // words of the candidate's name, or the interview's identifier
	Role        string          `json:"role"`        // words of the position
	Interviewer string          `json:"interviewer"` // words of an interviewer's name
	Text        string          `json:"text"`        // words of notes, decisions and answers; in quotes for a phrase
	FromMS      int64           `json:"from"`        // scheduled at or after, Unix ms; 0 for any
	ToMS        int64           `json:"to"`          // scheduled before, Unix ms; 0 for any
	State       interview.State `json:"state"`       // "" for any
	Outcome     string          `json:"outcome"`     // "" for any, "none" without one
	Kind        evidence.Kind   `json:"kind"`        // has a finding of this kind; "" for any
	Hold        string          `json:"hold"`        // "held", "free" or ""
	DueMS       int64           `json:"due"`         // something is to be deleted before, Unix ms; 0 for any
	Check       string          `json:"check"`       // "holds", "differs", "unchecked" or ""
}

// RecordList answers GET /api/records.
type RecordList struct {
	Total   int           `json:"total"` // that fit; at most 10000 are counted
	More    bool          `json:"more"`  // there are more than were counted
	Records []FoundRecord `json:"records"`
}

// FoundRecord is one record that a search found.
type FoundRecord struct {
	Summary   InterviewSummary `json:"summary"`
	Outcome   string           `json:"outcome"` // "" while nobody decided
	DecidedMS int64            `json:"decided_ms"`
	Held      bool             `json:"held"`
	DueMS     int64            `json:"due_ms"`     // when something of it is to be deleted; 0 for never
	Check     string           `json:"check"`      // of the last verification: "holds", "differs", "unchecked"
	CheckedMS int64            `json:"checked_ms"` // 0 before the first
	Hits      []RecordHit      `json:"hits"`       // texts that the search found, a few
}

// RecordHit is a text in which a search found its words.
type RecordHit struct {
	Seq  int64              `json:"seq"`
	Kind evidence.EntryKind `json:"kind"`
	AtMS *int64             `json:"at_ms,omitempty"`
	Text string             `json:"text"`
}

// SavedSearch is a search that a person keeps: a row of GET /api/searches, and
// the answer of POST.
type SavedSearch struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Query     RecordQuery `json:"query"`
	CreatedMS int64       `json:"created_ms"`
}

// SaveSearchRequest is POST /api/searches.
type SaveSearchRequest struct {
	Name  string      `json:"name"`
	Query RecordQuery `json:"query"`
}

// VerifyRequest is POST /api/verification.
type VerifyRequest struct {
	Interview string `json:"interview"` // whose files are compared; "" for those of all
}

// Verification answers GET and POST /api/verification: the one that is under
// way, or the last one since the server started.
type Verification struct {
	State      string   `json:"state"`       // "never", "running", "done", "failed"
	Interview  string   `json:"interview"`   // "" for all
	Phase      string   `json:"phase"`       // "log" or "files", while running
	Done       int64    `json:"done"`        // entries, or bytes of files
	Total      int64    `json:"total"`       // of them
	StartedMS  int64    `json:"started_ms"`  // Unix ms
	FinishedMS int64    `json:"finished_ms"` // 0 while running
	Entries    int64    `json:"entries"`     // of the log
	Root       string   `json:"root"`        // of the log's tree, base64
	Files      int      `json:"files"`       // that were compared
	Gone       int      `json:"gone"`        // that were deleted by an entry that says so
	Faults     []string `json:"faults"`      // what does not hold, in plain words
	Unnamed    int      `json:"unnamed"`     // faults beyond those
	Error      string   `json:"error"`       // why it could not be finished
}

// RecordCheck answers GET /api/interviews/{id}/check: what the last
// verification found of one record.
type RecordCheck struct {
	Check     string   `json:"check"` // "holds", "differs", "unchecked"
	CheckedMS int64    `json:"checked_ms"`
	Faults    []string `json:"faults"`
}
