package vision

import "slices"

// Indices into Face.Landmarks, in the numbering of the MediaPipe face mesh.
// Left and right are the person's own, so the right eye is on the picture's
// left side when the person faces the camera.
const (
	NoseTip         = 4
	RightEyeOuter   = 33
	MouthRight      = 61
	RightEyeInner   = 133
	RightEyeTop     = 159
	RightEyeBottom  = 145
	LeftEyeOuter    = 263
	MouthLeft       = 291
	LeftEyeInner    = 362
	LeftEyeTop      = 386
	LeftEyeBottom   = 374
	RightIrisCenter = 468
	LeftIrisCenter  = 473
	// MeshPoints are the points of the face without the irises.
	MeshPoints = 468
	// LandmarkCount is the length of Face.Landmarks where they are known.
	LandmarkCount = 478
)

// Pose is the direction of a head in degrees, each 0 when it faces the camera
// upright. It is computed in weak perspective without camera calibration:
// changes are meaningful, absolute angles are approximate.
type Pose struct {
	Yaw   float64 // > 0: turned towards the picture's right side
	Pitch float64 // > 0: turned up
	Roll  float64 // > 0: tilted clockwise as seen in the picture
}

// Reason says why a face can not, or not well, be measured.
type Reason string

// The reasons that lower a face's quality.
const (
	ReasonTooSmall    Reason = "too_small"   // eyes too close together in pixels
	ReasonDark        Reason = "dark"        // face is under-exposed
	ReasonBright      Reason = "bright"      // face is over-exposed
	ReasonBlurred     Reason = "blurred"     // out of focus, in motion, or heavily compressed
	ReasonTurned      Reason = "turned"      // turned too far from the camera
	ReasonCut         Reason = "cut"         // partly outside the picture
	ReasonUnconfirmed Reason = "unconfirmed" // detected, but the landmark model sees no face
	ReasonCovered     Reason = "covered"     // something hides part of it, or too little of a face is seen
)

// Quality tells how well a face can be measured.
type Quality struct {
	// Score is 0 (useless) to 1 (nothing wrong). It is the worst of the single
	// criteria, each of which falls linearly from its good to its useless value.
	Score float64
	// Reasons names the criteria that are at or beyond their useless value,
	// worst first; empty if none is.
	Reasons []Reason
}

// Has reports whether a reason is given.
func (q Quality) Has(r Reason) bool { return slices.Contains(q.Reasons, r) }

// Face is one face found in one Frame. It keeps nothing of the frame and may
// be kept and passed on freely; it is not changed after it was returned.
type Face struct {
	Box   Rect    // pixels, may reach beyond the picture's edge
	Score float64 // the detector's, 0..1; kept from the last detection while only landmarks are tracked

	// Landmarks are LandmarkCount points, or nil where they were not computed.
	Landmarks []Point3
	// Presence is the landmark model's probability, 0..1, that a face is in
	// the region it was given. 0 where landmarks were not computed.
	Presence float64
	// ROI is the region the landmarks were computed in.
	ROI ROI

	IOD        float64 // inter-ocular distance between the iris centres, pixels
	Pose       Pose
	Sharpness  float64 // variance of the Laplacian of the face's luma at a fixed size
	Brightness float64 // mean luma of the face as 0 (black) .. 255 (white)
	Quality    Quality
}

// Confirmed reports whether the landmark model agrees that this is a face.
func (f *Face) Confirmed() bool { return f.Landmarks != nil && !f.Quality.Has(ReasonUnconfirmed) }
