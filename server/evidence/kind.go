// Package evidence defines what Bonafide knows and how it is written down:
// observations and the findings and coverage made of them, and the entries of
// the append-only log. It has no dependencies, so that whatever measures,
// stores, shows or verifies evidence speaks of the same types.
package evidence

// Kind names what was measured, never a verdict.
type Kind string

// The kinds of finding that exist now. Stored and shown by these strings, so
// a name, once shipped, is never reused for something else.
const (
	FaceAbsent   Kind = "face.absent"
	FaceMultiple Kind = "face.multiple"
	FaceTooSmall Kind = "face.too_small"

	IdentityMismatch Kind = "identity.mismatch"
	IdentityChanged  Kind = "identity.changed"

	CameraOff   Kind = "camera.off"
	MediaFrozen Kind = "media.frozen"
)

// Consent names one thing a participant is asked to agree to.
type Consent string

// The four consents, each asked, given and withdrawn on its own.
const (
	ConsentRecording Consent = "recording"
	ConsentFace      Consent = "face"
	ConsentGaze      Consent = "gaze"
	ConsentSpeech    Consent = "speech"
)

// Consents lists every consent in the order in which it is asked.
var Consents = []Consent{ConsentRecording, ConsentFace, ConsentGaze, ConsentSpeech}

// Valid reports whether c is one of the four consents.
func (c Consent) Valid() bool {
	for _, k := range Consents {
		if c == k {
			return true
		}
	}
	return false
}

// Severity orders findings for display. It says how soon a person should look,
// never how guilty somebody is.
type Severity string

// The severities, least urgent first.
const (
	SeverityInfo      Severity = "info"
	SeverityNotice    Severity = "notice"
	SeverityAttention Severity = "attention"
)

// KindInfo describes a kind to people and to the parts that gate it.
type KindInfo struct {
	Kind        Kind     `json:"kind"`
	Title       string   `json:"title"`       // a short noun phrase
	Description string   `json:"description"` // what was measured, in one sentence
	Limits      string   `json:"limits"`      // what it cannot tell, innocent causes
	Unit        string   `json:"unit"`        // of the value that is thresholded; "" where its name says all
	Severity    Severity `json:"severity"`
	Consent     Consent  `json:"consent"` // "" where nothing biometric is computed
}

// Kinds lists every kind, in the order in which lanes are shown. The SQL kind
// table and the generated TypeScript are filled from it.
var Kinds = []KindInfo{
	{FaceAbsent, "No face in view",
		"No face was detected in the candidate's picture.",
		"Looking away, leaning out of the picture, a hand before the face or poor light also hide a face from a detector.",
		"", SeverityNotice, ConsentFace},
	{FaceMultiple, "More than one face",
		"A second face was detected in the candidate's picture.",
		"A photograph, a screen or a person passing behind shows a face too.",
		"", SeverityAttention, ConsentFace},
	{FaceTooSmall, "Face too small to measure",
		"The distance between the eyes was too few pixels for face measurements.",
		"A statement about the picture, not about the person: sitting far from the camera or a low resolution suffices.",
		"px", SeverityInfo, ConsentFace},
	{IdentityMismatch, "Face differs from the enrolled face",
		"Several good pictures of the candidate's face in a row were unlike the face that was seen first in this call.",
		"A question to look at with the pictures beside it, never proof. Other light, another camera, make-up, a mask or a hand held before the face " +
			"lower the similarity; twins and close relatives raise it. Where several faces are in view only the one that is followed is compared. " +
			"What the model was trained on is not known, and how its errors differ between groups of people is not measured.",
		"cosine similarity", SeverityAttention, ConsentFace},
	{IdentityChanged, "Switch to another face",
		"The face became unlike the one before, and stayed like itself from then on.",
		"Tells that two faces took turns, not who they are or why: somebody else may have sat down or have been asked to look at something. " +
			"Twins and close relatives can pass unseen, and the limits of comparing faces hold here too.",
		"cosine similarity", SeverityAttention, ConsentFace},
	{CameraOff, "Camera off",
		"No pictures were sent from the candidate's camera.",
		"The camera may have been switched off by hand, taken by another program, or have failed.",
		"s", SeverityNotice, ""},
	{MediaFrozen, "Frozen picture",
		"Pictures kept arriving but did not change.",
		"A stalled camera driver or a virtual background can freeze a picture; so does a still image fed in as a camera.",
		"grey levels of 255", SeverityNotice, ""},
}

// Info returns the description of a kind, and false for one that does not exist.
func Info(k Kind) (KindInfo, bool) {
	for _, i := range Kinds {
		if i.Kind == k {
			return i, true
		}
	}
	return KindInfo{}, false
}
