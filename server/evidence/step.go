package evidence

// CardKind names what a card of the run-sheet asks the candidate to do.
type CardKind string

// The kinds of card.
const (
	CardShowID     CardKind = "show_id"          // hold an identity document up to the camera
	CardHand       CardKind = "hand_across_face" // pass a hand across the face
	CardTurnLeft   CardKind = "turn_left"        // show the profile by turning to one's own left
	CardTurnRight  CardKind = "turn_right"
	CardCheek      CardKind = "finger_on_cheek" // press a finger on the cheek
	CardLookUp     CardKind = "look_up"
	CardStandBack  CardKind = "stand_back"  // step away from the camera
	CardWindow     CardKind = "window_view" // point the camera outside
	CardSpokenCode CardKind = "spoken_code" // read a random phrase aloud
	CardQuestion   CardKind = "question"    // a soft question, asked by the interviewer
)

// StepOutcome is what the automatic check of a step saw: of compliance with
// what was asked, never of identity or honesty.
type StepOutcome string

// The outcomes of a step's check.
const (
	StepDone          StepOutcome = "done"           // what was asked for was seen
	StepNotSeen       StepOutcome = "not_seen"       // the picture was good enough, and it was not seen
	StepNotMeasurable StepOutcome = "not_measurable" // Reason tells why
	StepNotChecked    StepOutcome = "not_checked"    // there is no automatic check of this card, or no consent to it
	StepCannotComply  StepOutcome = "cannot_comply"  // the candidate said so
)

// StepOrder tells the analysis that a step begins.
type StepOrder struct {
	Step     string       `json:"step"` // identifier, unique within the interview
	Card     CardKind     `json:"card"`
	LimitMS  int64        `json:"limit_ms"` // after which the check ends by itself; 0 = its default
	Document DocumentHint `json:"document,omitzero"`
}

// DocumentHint is what a document's machine-readable zone is compared with,
// and which side is shown. It stays in memory.
type DocumentHint struct {
	Name string `json:"name,omitempty"` // the candidate's, as the interview has it
	Side string `json:"side,omitempty"` // "front", "back"; "" = front
}

// StepHint is live guidance for the candidate while a step goes on. It is
// shown, not kept.
type StepHint struct {
	Step   string `json:"step"`
	Hint   string `json:"hint"`   // closed vocabulary: "closer", "flatter", "less_glare", "hold_still", "turn_over", "beside_face", "more_light", "show", "show_again", "good", "done", …
	Kept   int    `json:"kept"`   // good pictures so far
	Wanted int    `json:"wanted"` // of so many; 0 where pictures are not counted
}

// StepResult is what the check of one step measured. It is the payload of
// step.checked entries; what a document says is the part, a DocumentPart.
type StepResult struct {
	Interview   string      `json:"interview"`
	Participant string      `json:"participant"`
	Step        string      `json:"step"`
	Card        CardKind    `json:"card"`
	Outcome     StepOutcome `json:"outcome"`
	Reason      Reason      `json:"reason,omitempty"` // with not_measurable
	StartMS     int64       `json:"start_ms"`
	EndMS       int64       `json:"end_ms"`
	Values      []Measure   `json:"values"`
	Quality     float64     `json:"quality"` // mean signal quality, 0 to 1
	Models      []ModelRef  `json:"models,omitempty"`
	Stills      []StepStill `json:"stills,omitempty"`
	// Document is set for documents; Read goes to the part.
	Document *DocumentResult `json:"document,omitempty"`
}

// StepStill is a still with what it shows.
type StepStill struct {
	Still
	Shows string `json:"shows"` // "frame", "document", "portrait", "before", "during"
}

// DocumentResult is what was measured on a document that was held up: a visual
// presentation check, which says nothing about whether it is genuine.
type DocumentResult struct {
	Side   string `json:"side"`   // "front", "back"
	Frames int    `json:"frames"` // sharp pictures of it
	// Found tells how it was found: "second_face", "zone" (its machine-readable
	// zone), "" where it was not.
	Found        string `json:"found"`
	Rectified    bool   `json:"rectified"`
	PortraitPX   int    `json:"portrait_px"`             // height of the portrait's face, pixels
	SameFrame    *Match `json:"same_frame,omitempty"`    // portrait against the face in the same picture
	WithEnrolled *Match `json:"with_enrolled,omitempty"` // portrait against the enrolled face
	// Zone: "TD1", "TD2", "TD3", or "" where none was read. CheckDigits counts
	// those that are right, of Checked.
	Zone        string `json:"zone,omitempty"`
	CheckDigits int    `json:"check_digits"`
	Checked     int    `json:"checked"`
	Votes       int    `json:"votes"` // pictures whose reading agrees
	// Name and Expired compare the zone with the interview: "same", "nearly"
	// (but for what is easily misread), "partly", "different", ""; "valid",
	// "expired", "".
	Name    string `json:"name,omitempty"`
	Expired string `json:"expired,omitempty"`
	// Unread lists what could not be measured, and why.
	Unread []Unread `json:"unread,omitempty"`
	// Read is what the zone says. It is kept as the part.
	Read *DocumentPart `json:"-"`
}

// Match is one comparison of two faces.
type Match struct {
	Similarity float64 `json:"similarity"` // cosine of Frames pictures, pooled
	Threshold  float64 `json:"threshold"`
	Unsure     float64 `json:"unsure"` // half the width of the band around the threshold that says nothing
	Frames     int     `json:"frames"`
	Result     string  `json:"result"` // "alike", "unsure", "unlike"
}

// Unread is something that could not be measured.
type Unread struct {
	What   string `json:"what"` // "portrait", "edges", "zone", "match", …
	Reason Reason `json:"reason"`
}

// ReasonCheckDigit tells that a field of a machine-readable zone does not fit
// its check digit, as most pictures were read: a character may be misread, or
// printed so.
const ReasonCheckDigit Reason = "check_digit"

// DocumentPart is the deletable half of a document's result.
type DocumentPart struct {
	Lines       []string `json:"lines"` // of the machine-readable zone, as voted
	Surname     string   `json:"surname"`
	GivenNames  string   `json:"given_names"`
	Number      string   `json:"number"`
	Issuer      string   `json:"issuer"`
	Nationality string   `json:"nationality"`
	BirthDate   string   `json:"birth_date"`  // YYYY-MM-DD, "" where not read
	ExpiryDate  string   `json:"expiry_date"` // YYYY-MM-DD
	Sex         string   `json:"sex"`
}
