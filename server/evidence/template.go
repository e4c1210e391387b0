package evidence

// Entries about faces across interviews. A template is kept only with a
// consent of its own, is compared only when a person asks for it, and a
// likeness is a question to people, never an answer.
const (
	EntryTemplateKept   EntryKind = "template.kept"     // a face's numbers were kept, to be compared with other interviews
	EntryMatchesLooked  EntryKind = "matches.looked_up" // a person had templates compared
	EntryMatchesVerdict EntryKind = "matches.verdict"   // a person's judgement of two pictures
)

// TemplateFrom says what a template was made of.
type TemplateFrom string

// What templates are made of.
const (
	FromEnrolled TemplateFrom = "enrolled" // the face that was enrolled in the call
	FromDocument TemplateFrom = "document" // the portrait of the document that was held up
	FromPicture  TemplateFrom = "picture"  // the profile picture that somebody added to the record
)

// TemplateFroms lists all of them.
var TemplateFroms = []TemplateFrom{FromEnrolled, FromDocument, FromPicture}

// Source is the part of the record whose pictures a template was made of and
// goes with: whoever has a photograph or a document deleted means the numbers
// of the face on it too. "" for the face that was enrolled, whose pictures and
// numbers have times of their own.
func (f TemplateFrom) Source() RecordPart {
	switch f {
	case FromPicture:
		return PartPicture
	case FromDocument:
		return PartDocument
	}
	return ""
}

// FaceTemplatePayload goes with template.kept. Its numbers are a FaceTemplatePart; the
// entry's commitment to that stays when they are deleted.
type FaceTemplatePayload struct {
	ID          string       `json:"id"`
	Interview   string       `json:"interview"`
	Participant string       `json:"participant"`
	From        TemplateFrom `json:"from"`
	Model       string       `json:"model"`           // SHA-256 of the model file; templates of two models are never compared
	Frames      int          `json:"frames"`          // pictures that it is the mean of
	Still       string       `json:"still,omitempty"` // SHA-256 of one of them; "" where no picture was kept
}

// MatchesPayload goes with matches.looked_up: what a person was shown.
type MatchesPayload struct {
	Model     string       `json:"model"`     // SHA-256
	Compared  int          `json:"compared"`  // templates that the search went over
	Threshold float64      `json:"threshold"` // cosine from which a face under another name was shown
	Expected  float64      `json:"expected"`  // other people's templates that a search of this size finds by chance
	Rounds    []string     `json:"rounds"`    // interviews under the same name
	Found     []FoundMatch `json:"found"`     // templates under other names, the most alike first
}

// FoundMatch is a template that a search found alike.
type FoundMatch struct {
	Template   string  `json:"template"`
	Interview  string  `json:"interview"`
	Similarity float64 `json:"similarity"` // cosine
}

// SameFace is a person's answer to whether two pictures show one person.
type SameFace string

// The answers.
const (
	SameYes    SameFace = "same"
	SameNo     SameFace = "different"
	SameUnsure SameFace = "unsure"
)

// Valid reports whether s is one of the answers.
func (s SameFace) Valid() bool { return s == SameYes || s == SameNo || s == SameUnsure }

// MatchVerdictPayload goes with matches.verdict; the note is a NotePart.
type MatchVerdictPayload struct {
	Probe      string   `json:"probe"`    // template of this interview
	Template   string   `json:"template"` // the other one
	Interview  string   `json:"interview"`
	Similarity float64  `json:"similarity"` // cosine, as it was shown
	Threshold  float64  `json:"threshold"`
	Verdict    SameFace `json:"verdict"`
}
