package evidence

// EntryPictureKept is the entry of a profile picture: a photograph of the
// candidate that somebody added to the record, to be seen beside the faces of
// the call. It is measured only with the candidate's consent.
const EntryPictureKept EntryKind = "picture.kept"

// ProfilePayload goes with picture.kept. The pictures are files; their names,
// whatever the uploaded file was called and what it told of its camera are not
// kept.
type ProfilePayload struct {
	Interview   string `json:"interview"`
	Participant string `json:"participant"` // the candidate
	Picture     Still  `json:"picture"`     // the whole of it, as it is shown
	// Face is cut out of it; nil where it was not measured.
	Face *Still `json:"face,omitempty"`
	// Reason says why the face was not measured: no_consent, or not_available
	// where the server runs no analysis. "" where it was.
	Reason Reason `json:"reason,omitempty"`
	// Signal quality of the face, where it was measured.
	HeightPX  float64    `json:"height_px,omitempty"`
	EyesPX    float64    `json:"eyes_px,omitempty"`   // distance of the eyes
	Sharpness float64    `json:"sharpness,omitempty"` // variance of the Laplacian
	Models    []ModelRef `json:"models,omitempty"`
}

// ReasonManyFaces tells that a picture shows several faces, so that it cannot
// be said whose it is.
const ReasonManyFaces Reason = "many_faces"
