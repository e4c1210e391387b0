package evidence

// Entries about the face that a candidate is compared with. Who was enrolled is
// told with its pictures, so that people see whom later faces are compared with
// and can have it done anew.

// EnrolledPayload goes with identity.enrolled: the pictures that the template
// was made of. The template itself is in memory only.
type EnrolledPayload struct {
	Interview   string     `json:"interview"`
	Participant string     `json:"participant"`
	Source      string     `json:"source"`
	Run         string     `json:"run"`
	Models      []ModelRef `json:"models,omitempty"`
	Frames      int        `json:"frames"` // pictures that it is the mean of
	FromMS      int64      `json:"from_ms"`
	ToMS        int64      `json:"to_ms"`
	// Final tells that better pictures no longer take the place of poorer ones.
	Final bool `json:"final"`
	// Stills are of the faces, the best first; fewer than Frames where pictures
	// may not be kept.
	Stills []Still `json:"stills,omitempty"`
}

// ComparedPayload goes with identity.compared: a picture of what was compared
// with the enrolled face, one now and then and those near the threshold.
type ComparedPayload struct {
	Interview   string     `json:"interview"`
	Participant string     `json:"participant"`
	Source      string     `json:"source"`
	Run         string     `json:"run"`
	Models      []ModelRef `json:"models,omitempty"`
	AtMS        int64      `json:"at_ms"`
	Similarity  float64    `json:"similarity"` // cosine, of Frames pooled pictures
	Frames      int        `json:"frames"`
	Threshold   float64    `json:"threshold"` // at or below which it is another face
	Still       Still      `json:"still"`     // the newest of the pictures
}

// RetakePayload goes with identity.retake: an interviewer has the face enrolled
// anew.
type RetakePayload struct {
	Participant string `json:"participant"` // the candidate
}
