package evidence

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// EntryVersion is the format version of the canonical bytes written now.
const EntryVersion = 1

// EntryKind names a line of the log.
type EntryKind string

// Every kind of entry. Payload types are in payload.go.
const (
	EntryInterviewCreated   EntryKind = "interview.created"
	EntryInterviewUpdated   EntryKind = "interview.updated"
	EntryInterviewStarted   EntryKind = "interview.started"
	EntryInterviewEnded     EntryKind = "interview.ended"
	EntryInterviewDecided   EntryKind = "interview.decided"
	EntryInterviewCancelled EntryKind = "interview.cancelled"
	EntryLinkCreated        EntryKind = "link.created"
	EntryLinkRevoked        EntryKind = "link.revoked"
	EntryParticipantJoined  EntryKind = "participant.joined"
	EntryParticipantWaiting EntryKind = "participant.waiting"
	EntryParticipantAdmit   EntryKind = "participant.admitted"
	EntryParticipantLeft    EntryKind = "participant.left"
	EntryConsent            EntryKind = "consent"
	EntryTrackPublished     EntryKind = "track.published"
	EntryTrackEnded         EntryKind = "track.ended"
	EntryTrackMute          EntryKind = "track.mute"
	EntryDeviceChanged      EntryKind = "device.changed"
	EntryRecordingStarted   EntryKind = "recording.started"
	EntryRecordingSegment   EntryKind = "recording.segment"
	EntryRecordingRepaired  EntryKind = "recording.repaired"
	EntryRecordingFailed    EntryKind = "recording.failed"
	EntryMediaGap           EntryKind = "media.gap"
	EntryAnalysisStarted    EntryKind = "analysis.started"
	EntryAnalysisOutage     EntryKind = "analysis.outage"
	EntryAnalysisFinished   EntryKind = "analysis.finished"
	EntryFinding            EntryKind = "finding"
	EntryCoverage           EntryKind = "coverage"
	EntryAnnotation         EntryKind = "annotation"
	EntryQuestion           EntryKind = "question"
	EntryReview             EntryKind = "review"
	EntryDiskLow            EntryKind = "disk.low"
	EntryServerStarted      EntryKind = "server.started"
	EntryServerDraining     EntryKind = "server.draining"
	EntryUserCreated        EntryKind = "user.created"
	EntryUserChanged        EntryKind = "user.changed"
	EntrySignIn             EntryKind = "user.sign_in"
	EntrySealed             EntryKind = "interview.sealed"
	EntryExport             EntryKind = "export"
	EntryKeyRotated         EntryKind = "key.rotated"
	EntryMasterKeyReplaced  EntryKind = "master_key.replaced"
	EntryError              EntryKind = "error"
	EntrySeries             EntryKind = "series"
	EntryFact               EntryKind = "client.fact"
	EntryEnrolled           EntryKind = "identity.enrolled"
	EntryCompared           EntryKind = "identity.compared"
	EntryRetake             EntryKind = "identity.retake"
	EntryStepChecked        EntryKind = "step.checked"
	EntryStepStarted        EntryKind = "step.started"
	EntryStepEnded          EntryKind = "step.ended"
	EntryStepVerdict        EntryKind = "step.verdict"
	EntryCardsDrawn         EntryKind = "cards.drawn"
	EntryCardsDeviation     EntryKind = "cards.deviation"
	EntryTemplateChanged    EntryKind = "template.changed"
)

// Actor says who caused an entry, by identifier, never by name.
type Actor struct {
	Type string `json:"type"` // "user", "participant", "system", "command"
	ID   string `json:"id,omitempty"`
}

// System is the actor of what the server does by itself.
var System = Actor{Type: "system"}

// NewEntry is what a caller asks the log to append.
type NewEntry struct {
	Interview string // "" for entries about the server or its accounts
	AtMS      *int64 // interview time; nil before the interview began or outside one
	Actor     Actor
	Kind      EntryKind
	Payload   any // a payload type; holds no free text, name, address or picture
	Part      any // what may be deleted later (text, names), or nil
}

// At is a helper for NewEntry.AtMS.
func At(ms int64) *int64 { return &ms }

// Entry is one line of the log as it was stored.
type Entry struct {
	Seq       int64           `json:"seq"` // 1, 2, …: position in the log
	Version   int             `json:"v"`
	Interview string          `json:"interview,omitempty"`
	WallMS    int64           `json:"wall_ms"` // Unix milliseconds by the server's clock
	AtMS      *int64          `json:"at_ms,omitempty"`
	Actor     Actor           `json:"actor"`
	Kind      EntryKind       `json:"kind"`
	Payload   json.RawMessage `json:"payload"`
	// PartSHA256 commits to the part: hex of SHA-256(salt || part bytes). It
	// stays when the part and its salt are deleted, and then reveals nothing.
	PartSHA256 string `json:"part_sha256,omitempty"`

	// Part is the deletable content, where it still exists. It is not in the
	// canonical bytes.
	Part json.RawMessage `json:"-"`
}

// Canonical returns the bytes that are stored, hashed and never change: JSON
// in declared field order, without the part.
func (e Entry) Canonical() ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encoding entry %d (%s): %w", e.Seq, e.Kind, err)
	}
	return b, nil
}

// ParseEntry decodes canonical bytes. It refuses versions it does not know.
func ParseEntry(canonical []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(canonical, &e); err != nil {
		return Entry{}, fmt.Errorf("decoding entry: %w", err)
	}
	if e.Version != EntryVersion {
		return Entry{}, fmt.Errorf("decoding entry %d: format version %d, this program knows %d", e.Seq, e.Version, EntryVersion)
	}
	return e, nil
}

// SaltSize is the length of a part's salt in bytes.
const SaltSize = 32

// CommitPart draws a salt for a part and returns it with the commitment.
func CommitPart(part []byte) (salt []byte, commitment string, err error) {
	salt = make([]byte, SaltSize)
	if _, err = rand.Read(salt); err != nil {
		return nil, "", fmt.Errorf("drawing a salt: %w", err)
	}
	return salt, PartCommitment(salt, part), nil
}

// PartCommitment is hex(SHA-256(salt || part)).
func PartCommitment(salt, part []byte) string {
	h := sha256.New()
	h.Write(salt)
	h.Write(part)
	return hex.EncodeToString(h.Sum(nil))
}
