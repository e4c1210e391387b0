package api

import (
	"bonafide/server/auth"
	"bonafide/server/evidence"
	"bonafide/server/interview"
)

// The types of this file are the bodies of requests and answers. The front
// end's src/gen/api.ts is generated from them.

// Problem is the body of every answer that is not a success.
type Problem struct {
	Code    string `json:"code"`            // "invalid", "not_found", "conflict", "unauthorized", "forbidden", "rate", "too_large", "internal"
	Field   string `json:"field,omitempty"` // which input was wrong
	Message string `json:"message"`         // a sentence for the person
}

// Health answers GET /healthz.
type Health struct {
	Status   string `json:"status"`   // "ok", or "failing" with status 503
	Database string `json:"database"` // "ok", "failing"
	Disk     string `json:"disk"`     // "ok", "low"
	Version  string `json:"version"`
}

// ServerInfo answers GET /api/server: what a page needs before sign-in.
type ServerInfo struct {
	SetupNeeded bool                      `json:"setup_needed"`
	Policy      interview.RecordingPolicy `json:"policy"`
	KeepDays    int                       `json:"keep_days"` // how long recordings are kept, shown in the lobby; 0 = until deleted by the operator
	Operator    string                    `json:"operator"`  // who runs this server, for the consent text; "" if not configured
	Secure      bool                      `json:"secure"`    // served over HTTPS or on localhost, so that browsers open the camera
	DiskLow     bool                      `json:"disk_low"`
	OIDC        bool                      `json:"oidc"` // people can sign in with another identity provider, at /api/oidc
	Version     string                    `json:"version"`
	Kinds       []evidence.KindInfo       `json:"kinds"`
}

// SetupRequest is POST /api/setup: the first account.
type SetupRequest struct {
	Token    string `json:"token"` // one-time, printed on the console
	Name     string `json:"name"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

// SignInRequest is POST /api/session.
type SignInRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Code     string `json:"code"` // of the second factor, where the account has one; "" at first
}

// Me answers GET /api/session, POST /api/session and POST /api/setup.
type Me struct {
	User        User              `json:"user"`
	Permissions []auth.Permission `json:"permissions"`
	MustEnrol   bool              `json:"must_enrol"` // nothing is permitted before a second factor is set up
}

// User is an account without its secrets.
type User struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Email     string      `json:"email"`
	Roles     []auth.Role `json:"roles"`
	Active    bool        `json:"active"`
	CreatedMS int64       `json:"created_ms"`

	SecondFactor   bool `json:"second_factor"`   // every sign-in asks for a code too
	SecondRequired bool `json:"second_required"` // an administrator requires it
}

// PersonChoice is a row of GET /api/people: somebody who can be chosen as an interviewer.
type PersonChoice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// UserRequest is POST /api/users and, with the fields to change, PATCH /api/users/{id}.
type UserRequest struct {
	Name     *string      `json:"name,omitempty"`
	Email    *string      `json:"email,omitempty"`
	Password *string      `json:"password,omitempty"`
	Roles    *[]auth.Role `json:"roles,omitempty"`
	Active   *bool        `json:"active,omitempty"`

	SecondRequired *bool `json:"second_required,omitempty"`
}

// InterviewRequest is POST /api/interviews and PUT /api/interviews/{id}.
type InterviewRequest struct {
	CandidateName string          `json:"candidate_name"`
	Role          string          `json:"role"`
	ScheduledMS   int64           `json:"scheduled_ms"`
	Place         string          `json:"place"`
	TimeZone      string          `json:"time_zone"`
	Interviewers  []string        `json:"interviewers"`
	KindsOff      []evidence.Kind `json:"kinds_off"`
}

// InterviewPart is the deletable half of interview.created and .updated.
type InterviewPart struct {
	CandidateName string   `json:"candidate_name"`
	Role          string   `json:"role"`
	ScheduledMS   int64    `json:"scheduled_ms"`
	Place         string   `json:"place"`
	TimeZone      string   `json:"time_zone"`
	Interviewers  []string `json:"interviewers"`
}

// InterviewSummary is a row of GET /api/interviews?state=&q=&limit=&offset=.
type InterviewSummary struct {
	Interview        interview.Interview `json:"interview"`
	InterviewerNames []string            `json:"interviewer_names"`
	Findings         int                 `json:"findings"`
	Unreviewed       int                 `json:"unreviewed"`
	RecordedMS       int64               `json:"recorded_ms"` // of the candidate
}

// InterviewList answers GET /api/interviews.
type InterviewList struct {
	Total      int                `json:"total"`
	Interviews []InterviewSummary `json:"interviews"`
}

// InterviewDetail answers GET /api/interviews/{id}.
type InterviewDetail struct {
	Interview        interview.Interview     `json:"interview"`
	InterviewerNames []string                `json:"interviewer_names"`
	Participants     []interview.Participant `json:"participants"`
	Links            []interview.Link        `json:"links"`
	Cancelled        *Cancellation           `json:"cancelled"` // null for one that was not
}

// CancelRequest is POST /api/interviews/{id}/cancel: why a planned interview will not be held.
type CancelRequest struct {
	Reason string `json:"reason"` // 3 to 2000 characters; the candidate is not shown it
}

// Cancellation is who cancelled an interview, when and why.
type Cancellation struct {
	WallMS int64  `json:"wall_ms"` // Unix ms
	By     string `json:"by"`      // name, "" where the account is gone
	Reason string `json:"reason"`  // "" where it was deleted
}

// LinkRequest is POST /api/interviews/{id}/links.
type LinkRequest struct {
	ValidHours int `json:"valid_hours"` // 1 to 720; 0 takes the server's default
}

// LinkCreated answers it: the only time that the secret is shown.
type LinkCreated struct {
	Link interview.Link `json:"link"`
	URL  string         `json:"url"` // /join#SECRET, absolute
}

// LobbyRequest is POST /api/lobby: a candidate's page before the socket opens.
type LobbyRequest struct {
	Link string `json:"link"`
}

// Lobby answers it.
type Lobby struct {
	CandidateName    string          `json:"candidate_name"`
	Role             string          `json:"role"`
	ScheduledMS      int64           `json:"scheduled_ms"`
	InterviewerNames []string        `json:"interviewer_names"`
	State            interview.State `json:"state"`
	KindsOff         []evidence.Kind `json:"kinds_off"`
}

// ReviewData answers GET /api/interviews/{id}/review: everything that the
// review page shows beside the media.
type ReviewData struct {
	Interview    interview.Interview     `json:"interview"`
	Participants []interview.Participant `json:"participants"`
	Segments     []evidence.Segment      `json:"segments"`
	Findings     []evidence.Finding      `json:"findings"`
	Coverage     []evidence.Coverage     `json:"coverage"`
	Gaps         []evidence.Gap          `json:"gaps"`
	Annotations  []Annotation            `json:"annotations"`
	Questions    []Question              `json:"questions"`
	Answers      []CandidateAnswer       `json:"answers"` // the candidate's own words, oldest first
	Reviews      []Review                `json:"reviews"` // all decisions, oldest first; the last of a finding counts
	// RunSheet is what was asked of the candidate, measured and judged.
	RunSheet evidence.RunSheet `json:"run_sheet"`
	// CheckRates are how often the automatic checks of cards were wrong when they
	// were measured.
	CheckRates []evidence.CheckRate `json:"check_rates"`
	// Series names the readings over time that are kept of the interview.
	Series     []evidence.SeriesPayload `json:"series"`
	DurationMS int64                    `json:"duration_ms"`
	Ready      bool                     `json:"ready"` // recordings are finished, and live findings are complete
}

// Annotation is a note that somebody typed during the call.
type Annotation struct {
	Seq  int64  `json:"seq"`
	AtMS int64  `json:"at_ms"`
	By   string `json:"by"` // a name
	Text string `json:"text"`
}

// Question is a question mark.
type Question struct {
	Seq   int64                  `json:"seq"`
	AtMS  int64                  `json:"at_ms"`
	By    string                 `json:"by"`
	Phase evidence.QuestionPhase `json:"phase"`
}

// Review is a person's decision on a finding.
type Review struct {
	Seq      int64             `json:"seq"`
	WallMS   int64             `json:"wall_ms"`
	By       string            `json:"by"`
	Finding  string            `json:"finding"`
	Decision evidence.Decision `json:"decision"`
	Note     string            `json:"note"`
}

// ReviewRequest is POST /api/interviews/{id}/reviews. A note is required for
// "explained" and "dismissed".
type ReviewRequest struct {
	Finding  string            `json:"finding"`
	Decision evidence.Decision `json:"decision"`
	Note     string            `json:"note"`
}

// Levels answers GET /api/interviews/{id}/levels/{participant}: the loudness
// of a participant's microphone over the whole interview.
type Levels struct {
	StepMS int       `json:"step_ms"`
	DBFS   []float32 `json:"dbfs"` // one value a step from interview time 0; -100 where there is no sound
}

// Receipt answers GET /api/interviews/{id}/receipt and, for the candidate,
// POST /api/lobby/receipt with a LobbyRequest: the signed checkpoint that closed
// the interview's log, to be saved as a file and shown to the checking program.
type Receipt struct {
	Ready  bool   `json:"ready"`   // false while the interview's log is not closed; ask again
	File   string `json:"file"`    // name to save it under
	Text   string `json:"text"`    // the file's content
	Size   int64  `json:"size"`    // entries of the log that it covers
	WallMS int64  `json:"wall_ms"` // when it was signed
}

// LogPage answers GET /api/interviews/{id}/log?after=&limit= and, for the
// entries of no interview, GET /api/log?after=&limit=. With &newest=true it
// holds the last entries, in order, and no next page.
type LogPage struct {
	Entries []LogEntry `json:"entries"`
	Next    int64      `json:"next"` // pass as after; 0 at the end
}

// LogEntry is an entry with the names a reader needs and its part, if kept.
type LogEntry struct {
	Entry evidence.Entry `json:"entry"`
	Part  any            `json:"part,omitempty"`
	By    string         `json:"by"` // the actor's name where known
}
