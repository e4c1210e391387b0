package api

import "bonafide/server/evidence"

// FacesData is what is shown of the comparison of faces: whom later faces were
// compared with, and pictures of what was compared.
type FacesData struct {
	Enrolled []EnrolledFace `json:"enrolled"` // in order; a later one replaces those before
	Compared []ComparedFace `json:"compared"` // by time
	// Picture is the profile picture that somebody added; null without.
	Picture *ProfilePicture `json:"picture"`
}

// ProfilePicture is the newest profile picture of a record.
type ProfilePicture struct {
	Seq     int64                   `json:"seq"`
	WallMS  int64                   `json:"wall_ms"`
	By      string                  `json:"by"` // who added it
	Deleted bool                    `json:"deleted"`
	Profile evidence.ProfilePayload `json:"profile"`
}

// EnrolledFace is an entry about who was enrolled.
type EnrolledFace struct {
	Seq      int64                    `json:"seq"`
	Enrolled evidence.EnrolledPayload `json:"enrolled"`
}

// ComparedFace is an entry about a comparison.
type ComparedFace struct {
	Seq      int64                    `json:"seq"`
	Compared evidence.ComparedPayload `json:"compared"`
}
