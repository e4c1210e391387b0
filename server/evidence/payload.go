package evidence

// Payloads of entries whose content is not already a type of this package
// (Finding, Coverage, Segment and Gap are payloads as they are). They hold
// identifiers, numbers and closed vocabularies only; the parts beside them
// hold whatever a person typed or is named by.

// InterviewPayload goes with interview.created, .updated, .started, .ended
// and .cancelled, why of which is a NotePart.
type InterviewPayload struct {
	KindsOff []Kind `json:"kinds_off,omitempty"`
	Reason   string `json:"reason,omitempty"` // "hangup", "drain", "timeout", "crash"
}

// LinkPayload goes with link.created and link.revoked.
type LinkPayload struct {
	Link      string `json:"link"` // identifier, not the secret
	ExpiresMS int64  `json:"expires_ms,omitempty"`
}

// ParticipantPayload goes with participant.* entries.
type ParticipantPayload struct {
	Participant string `json:"participant"`
	Role        string `json:"role"`
	Reason      string `json:"reason,omitempty"` // why left: "leave", "disconnected", "removed", "cancelled", "drain", "crash"
	Rejoined    bool   `json:"rejoined,omitempty"`
}

// ConsentPayload records a decision about one consent.
type ConsentPayload struct {
	Participant string  `json:"participant"`
	Consent     Consent `json:"consent"`
	Granted     bool    `json:"granted"`
	Withdrawn   bool    `json:"withdrawn,omitempty"`   // had been granted before
	TextSHA256  string  `json:"text_sha256,omitempty"` // of the consent text that was shown, which is a NotePart
}

// TrackPayload goes with track.published, track.ended and track.mute.
type TrackPayload struct {
	Participant string `json:"participant"`
	Source      string `json:"source"`
	Track       string `json:"track,omitempty"`
	Muted       bool   `json:"muted,omitempty"`
}

// DevicePayload says that a capture device changed; its label is the part.
type DevicePayload struct {
	Participant string  `json:"participant"`
	Source      string  `json:"source"`
	Width       int     `json:"width,omitempty"`
	Height      int     `json:"height,omitempty"`
	FrameRate   float64 `json:"frame_rate,omitempty"`
}

// DevicePart is the deletable half of a device change.
type DevicePart struct {
	Label string `json:"label"`
}

// RecordingPayload goes with recording.started, .failed and .repaired.
type RecordingPayload struct {
	Participant string `json:"participant"`
	Stream      string `json:"stream"`
	N           int    `json:"n"`
	Error       string `json:"error,omitempty"` // closed vocabulary: "disk_full", "write_failed"
	LostBytes   int64  `json:"lost_bytes,omitempty"`
}

// AnalysisPayload goes with analysis.* entries.
type AnalysisPayload struct {
	Run         string     `json:"run"`
	Participant string     `json:"participant,omitempty"`
	StartMS     int64      `json:"start_ms,omitempty"`
	EndMS       int64      `json:"end_ms,omitempty"`
	Reason      string     `json:"reason,omitempty"`
	Models      []ModelRef `json:"models,omitempty"`
	Findings    int        `json:"findings,omitempty"`
}

// NotePart is free text that a person typed.
type NotePart struct {
	Text string `json:"text"`
}

// AnnotationPayload marks an instant; the text is a NotePart.
type AnnotationPayload struct {
	ID string `json:"id"`
}

// QuestionPhase says what an interviewer's question mark stands for.
type QuestionPhase string

// The two question marks.
const (
	QuestionAsked  QuestionPhase = "asked"  // the question has been asked
	QuestionAnswer QuestionPhase = "answer" // the answer begins
)

// QuestionPayload is a question mark.
type QuestionPayload struct {
	Phase QuestionPhase `json:"phase"`
}

// Decision is a person's judgement of one finding.
type Decision string

// The decisions a reviewer can take on a finding.
const (
	Confirmed Decision = "confirmed"
	Explained Decision = "explained"
	Dismissed Decision = "dismissed"
)

// ReviewPayload is a decision on a finding; the note is a NotePart.
type ReviewPayload struct {
	Finding  string   `json:"finding"`
	Decision Decision `json:"decision"`
}

// UserPayload goes with user.* entries.
type UserPayload struct {
	User   string   `json:"user"`
	Roles  []string `json:"roles,omitempty"`
	Change string   `json:"change,omitempty"` // "name", "password", "roles", "deactivated", "activated", "second_factor", "second_factor_removed", "second_factor_required", "second_factor_optional", "recovery_code"
	OK     bool     `json:"ok,omitempty"`
}

// CountPayload goes with interview.sealed and export. It says how many entries
// of the interview came before this one, so that a copy from which one was
// left out can be told from a whole one.
type CountPayload struct {
	Entries int64 `json:"entries"`
}

// KeyPayload goes with key.rotated: the new key that signs checkpoints of the
// log, as name+fingerprint+base64.
type KeyPayload struct {
	Key  string `json:"key"`
	Lost bool   `json:"lost,omitempty"` // the key before it was lost and did not sign
}

// MasterKeyPayload goes with master_key.replaced.
type MasterKeyPayload struct {
	Keys int `json:"keys"` // of parts, which are encrypted with the new one since
}

// ErrorPayload is a fault of our own that somebody should know of.
type ErrorPayload struct {
	Where string `json:"where"` // package or operation
	Code  string `json:"code"`
	Count int    `json:"count,omitempty"` // how many were affected, e.g. entries that are missing
}

// DiskPayload goes with disk.low.
type DiskPayload struct {
	FreeBytes      int64 `json:"free_bytes"`
	ThresholdBytes int64 `json:"threshold_bytes"`
}
