package evidence

import (
	"cmp"
	"slices"
)

// Entries about who saw a record. They belong to the interview that was seen,
// and are written before it is shown.
const (
	EntryAccessViewed  EntryKind = "access.viewed"  // a page, a file or a picture of a record was opened
	EntryAccessPlayed  EntryKind = "access.played"  // these seconds of the recordings were played
	EntryAccessRefused EntryKind = "access.refused" // somebody who is signed in asked for what they may not see
	EntryAccessListed  EntryKind = "access.listed"  // a list of interviews was saved as a file
)

// EntryVerified says that the log, and files that it speaks of, were compared
// with what was signed and logged.
const EntryVerified EntryKind = "log.verified"

// VerifiedPayload goes with log.verified. It belongs to an interview where
// only its files were compared, and to none where all were.
type VerifiedPayload struct {
	Entries int64 `json:"entries"` // of the log
	Files   int   `json:"files"`   // recordings and pictures that were read
	Gone    int   `json:"gone"`    // files that were deleted by an entry that says so
	Faults  int   `json:"faults"`  // what did not hold
}

// AccessWhat names what was seen of a record.
type AccessWhat string

// What can be seen of a record.
const (
	AccessInterview AccessWhat = "interview" // its page: what was planned, who took part, the consents
	AccessReview    AccessWhat = "review"    // findings, notes and decisions
	AccessRecording AccessWhat = "recording" // a media file was asked for
	AccessStill     AccessWhat = "still"     // a picture that was kept with a finding
	AccessLog       AccessWhat = "log"       // the entries of its evidence log
	AccessMatches   AccessWhat = "matches"   // how alike the face is to those of other interviews
	AccessBundle    AccessWhat = "bundle"    // the record as one file
	AccessCandidate AccessWhat = "candidate" // the candidate's own page
	AccessOther     AccessWhat = "other"     // in refusals: anything else
)

// AccessPayload goes with access.viewed and access.refused. One entry stands
// for a visit: further requests for the same thing by the same person within
// minutes add none.
type AccessPayload struct {
	What   AccessWhat `json:"what"`
	Object string     `json:"object,omitempty"` // which: the name of the media file, or the SHA-256 of the picture
	Roles  []string   `json:"roles,omitempty"`  // of the account at that time
}

// Span is an interval of interview time.
type Span struct {
	StartMS int64 `json:"start_ms"`
	EndMS   int64 `json:"end_ms"`
}

// PlayedPayload goes with access.played: what one person's player played since
// it last said so, as it said.
type PlayedPayload struct {
	Roles []string `json:"roles,omitempty"`
	Spans []Span   `json:"spans"` // in order, neither overlapping nor touching
}

// ListedPayload goes with access.listed.
type ListedPayload struct {
	Format string   `json:"format"` // "csv", "json"
	Rows   int      `json:"rows"`
	Roles  []string `json:"roles,omitempty"`
}

// JoinSpans returns the union of spans, in order, neither overlapping nor
// touching. Empty spans vanish.
func JoinSpans(spans []Span) []Span {
	out := []Span{}
	for _, s := range sortedSpans(spans) {
		if s.EndMS <= s.StartMS {
			continue
		}
		if n := len(out); n > 0 && s.StartMS <= out[n-1].EndMS {
			out[n-1].EndMS = max(out[n-1].EndMS, s.EndMS)
			continue
		}
		out = append(out, s)
	}
	return out
}

func sortedSpans(spans []Span) []Span {
	out := slices.Clone(spans)
	slices.SortFunc(out, func(a, b Span) int { return cmp.Compare(a.StartMS, b.StartMS) })
	return out
}
