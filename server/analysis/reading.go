package analysis

import (
	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/gaze"
	"bonafide/vision/identity"
)

// LinkReading is what is known of a source at one instant without looking at
// its pictures.
type LinkReading struct {
	AtMS int64
	// SilentMS is for how long no picture was taken; 0 at a picture.
	SilentMS int64
	// Muted tells that the participant switched the source off.
	Muted bool
	// Reason is set where it cannot be told whether pictures are sent: packets
	// are lost, or the participant is not connected.
	Reason evidence.Reason
}

// PictureReading is one picture, a few times a second, or the reason why there
// is none to measure.
type PictureReading struct {
	AtMS  int64
	Thumb *Thumb // nil with a Reason
	// Empty tells that faces were looked for shortly before and none was found.
	Empty  bool
	Reason evidence.Reason
}

// FaceReading is what was found of faces at one instant. The same faces go to
// all detectors.
type FaceReading struct {
	AtMS int64
	// Detected tells that the whole picture was searched. Between searches only
	// the main face is followed, and Faces then holds nothing new.
	Detected bool
	// Faces are all that the search found, the main one first.
	Faces []vision.Face
	// Main is the main face with its landmarks; nil where there is none.
	Main *vision.Face
	// Reason is set where the picture could not be searched.
	Reason evidence.Reason
	// Late tells that pictures were dropped since the reading before, because the
	// analysis was late.
	Late bool
	// PerSecond is how many readings a second are due while the machine is too
	// slow for the configured rate; 0 at that rate.
	PerSecond float64

	// Width and Height are the picture's in pixels; 0 with a Reason.
	Width, Height int
	// Gaze is where the main face looks. It is nil without a face, and where no
	// kind that needs it is measured.
	Gaze *gaze.Sample
	// Embed computes the embedding of a part of the main face. It is nil where there is none,
	// and where faces must not or cannot be compared. Only before Detect
	// returns may it be called.
	Embed func(identity.Part) (identity.Embedding, error)
	// Live scores how little the main face looks as if it were on a screen, 0 to
	// 1. It is nil where Embed would be for the like reasons.
	Live func() (float64, error)
	// EmbedFace is Embed of any face with landmarks that was found in this
	// picture: the portrait on a document, say. It is nil where Embed would be,
	// but does not need a main face.
	EmbedFace func(*vision.Face, identity.Part) (identity.Embedding, error)
	// Small searches the picture once more for faces beside the main one that
	// are too small to be seen at a glance (face.Stage.Small). It is nil where
	// the tracker cannot do that. It is ten searches in one, or with near one: it
	// is for steps, and for detectors that want it now and then (Descriptor.Closer),
	// on a reading that was Detected.
	Small func(near vision.Rect) ([]vision.Face, error)
	// Enrolled is the participant's template, ok false as long as there is none.
	// It is nil where nothing is enrolled.
	Enrolled func() (t identity.Template, ok bool)
	// Picture is what the faces were found in, nil where none may be kept. It
	// is the pipeline's: a detector that keeps it takes a Clone.
	Picture *vision.Frame
}

// Witness is a detector that can tell more of its findings than the values
// that led to them, since it keeps something of the person in memory.
type Witness interface {
	// Testify gives further numbers of a finding as it stands, and pictures
	// that show what it is about, in the order in which to look at them. The
	// pictures are asked for once, when the finding is given out first.
	Testify(f evidence.Finding) ([]evidence.Measure, []*vision.Frame)
	// Forget drops everything kept of the person: measuring was refused, or
	// switched off. DropPictures drops the pictures alone.
	Forget()
	DropPictures()
}

// observe is an observation of one kind: measured, or with the reason why not.
func observe(k evidence.Kind, atMS int64, value, quality float64, reason evidence.Reason) []evidence.Observation {
	o := evidence.Observation{Kind: k, AtMS: atMS, Reason: reason}
	if reason == "" {
		o.Value, o.Quality = value, quality
	}
	return []evidence.Observation{o}
}
