package api

import "bonafide/server/evidence"

// Matches answers GET /api/interviews/{id}/matches: how alike the candidate's
// face is to those of other interviews. Every likeness is a question to people.
type Matches struct {
	Probe    *MatchFace     `json:"probe"` // what is compared; null where there is nothing
	Why      MatchGap       `json:"why"`   // why there is nothing; "" otherwise
	Rounds   []MatchRound   `json:"rounds"`
	Search   MatchSearch    `json:"search"`
	Verdicts []MatchVerdict `json:"verdicts"` // people's, oldest first
	Rates    MatchRates     `json:"rates"`    // of the model; zero where nothing is compared
}

// MatchRates is how often comparisons of faces were wrong when the model was
// measured. All are shares, 0 to 1, of pairs of pictures.
type MatchRates struct {
	RoundFalse   float64 `json:"round_false"`   // of two people, at or above the threshold of rounds
	RoundMissed  float64 `json:"round_missed"`  // of one person, below it
	FarOff       float64 `json:"far_off"`       // of two people at or above it, in the source of pictures with the most
	SearchMissed float64 `json:"search_missed"` // of one person, below the threshold of the search
}

// MatchGap says why something was not compared. None of them says anything
// about the candidate.
type MatchGap string

// The reasons for not comparing.
const (
	GapNone       MatchGap = ""            // it was compared
	GapNotAsked   MatchGap = "not_asked"   // the consent was never answered
	GapNoConsent  MatchGap = "no_consent"  // it was refused or withdrawn
	GapDeleted    MatchGap = "deleted"     // the template was deleted
	GapNotKept    MatchGap = "not_kept"    // agreed to, but no face could be enrolled, or no document was shown
	GapOtherModel MatchGap = "other_model" // it was made by another model
	GapNoRates    MatchGap = "no_rates"    // nothing was measured of its model
	GapUnreadable MatchGap = "unreadable"  // its key is missing, or it was damaged
	GapNoPicture  MatchGap = "no_picture"  // nobody added a profile picture
	GapUnmeasured MatchGap = "unmeasured"  // the picture was added when its face could not be measured: before the candidate agreed, or without an analysis
)

// MatchFace is a template, with a picture of it where one was kept.
type MatchFace struct {
	Template  string                `json:"template"`
	Interview string                `json:"interview"`
	From      evidence.TemplateFrom `json:"from"`
	Frames    int                   `json:"frames"`
	Still     string                `json:"still"` // SHA-256; "" without
}

// MatchRound is one interview under the same name, this one included.
type MatchRound struct {
	Interview   string    `json:"interview"`
	Role        string    `json:"role"`
	ScheduledMS int64     `json:"scheduled_ms"`
	This        bool      `json:"this"`
	Enrolled    MatchCell `json:"enrolled"` // the face that was enrolled in it
	Document    MatchCell `json:"document"` // the portrait of the document shown in it
	Picture     MatchCell `json:"picture"`  // the profile picture that somebody added to it
}

// MatchCell is one comparison with what is compared, or why there is none.
type MatchCell struct {
	Face       *MatchFace `json:"face"`  // null without
	Still      string     `json:"still"` // SHA-256 of a picture to be shown, which there may be without a template; "" without
	Why        MatchGap   `json:"why"`
	EyesPX     float64    `json:"eyes_px"`    // between the eyes of a profile picture; 0 where that is not known
	Itself     bool       `json:"itself"`     // this is what is compared
	Similarity float64    `json:"similarity"` // cosine; of no meaning with Why or Itself
	Result     string     `json:"result"`     // "alike", "unsure", "unlike"; "" without
	Threshold  float64    `json:"threshold"`
	UnsureFrom float64    `json:"unsure_from"` // below it: unlike
	UnsureTo   float64    `json:"unsure_to"`   // from it on: alike
}

// MatchSearch is the search for the same face under another name.
type MatchSearch struct {
	Ran          bool         `json:"ran"` // it needs a face that was enrolled in this interview
	Threshold    float64      `json:"threshold"`
	FalseMatches float64      `json:"false_matches"` // share of pairs of two people at or above it
	Compared     int          `json:"compared"`      // templates
	Expected     float64      `json:"expected"`      // other people's templates that such a search finds by chance
	TooLarge     bool         `json:"too_large"`     // more than the model is good for
	Measured     int          `json:"measured"`      // pictures that the rate was measured on; beyond it is an extrapolation
	Found        []MatchFound `json:"found"`
}

// MatchFound is a face under another name that is alike.
type MatchFound struct {
	Face          MatchFace `json:"face"`
	CandidateName string    `json:"candidate_name"`
	Role          string    `json:"role"`
	ScheduledMS   int64     `json:"scheduled_ms"`
	Similarity    float64   `json:"similarity"`
}

// MatchVerdictRequest is POST /api/interviews/{id}/matches/verdicts.
type MatchVerdictRequest struct {
	Template string            `json:"template"` // of the other interview
	Verdict  evidence.SameFace `json:"verdict"`
	Note     string            `json:"note"` // needed unless unsure
}

// MatchVerdict is what a person said of two pictures.
type MatchVerdict struct {
	Seq        int64             `json:"seq"`
	WallMS     int64             `json:"wall_ms"`
	By         string            `json:"by"`
	Template   string            `json:"template"`
	Interview  string            `json:"interview"`
	Similarity float64           `json:"similarity"`
	Verdict    evidence.SameFace `json:"verdict"`
	Note       string            `json:"note"`
}
