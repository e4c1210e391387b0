package signaling

import "bonafide/server/evidence"

// EnrolRetake ("enrol.retake", from interviewers) forgets the enrolled face:
// the next good pictures are enrolled instead. It is an entry of the log.
type EnrolRetake struct{}

// Enrolled ("enrolled", to interviewers) shows who was enrolled, with the
// pictures that later faces are compared with. Retaken tells that this was
// forgotten since, and nobody is enrolled yet.
type Enrolled struct {
	Enrolled evidence.EnrolledPayload `json:"enrolled"`
	Retaken  bool                     `json:"retaken"`
}
