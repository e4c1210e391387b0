package analysis

import (
	"slices"
	"time"

	"bonafide/server/evidence"
	"bonafide/server/media"
)

// eyes is what the detectors of wider scope know of the candidate's camera
// beside the readings of faces: why there are none. Without it they would only
// fall silent, and coverage would have to guess the reason.
type eyes struct {
	wanted  bool          // some detector needs faces
	hole    time.Duration // for how long none may be read before that is a reading
	faces   time.Duration // the newest reading of faces
	dropped time.Duration // the newest picture that was dropped unread

	why   evidence.Reason // why no pictures come; "" while they do
	past  evidence.Reason // the newest such reason, and until when it held
	until time.Duration
}

func newEyes(cfg Config, start time.Duration) eyes {
	return eyes{
		wanted: slices.ContainsFunc(cfg.Detectors, func(d Descriptor) bool { return d.wide() && d.Sees }),
		// The slowest pace at which faces are still read evenly is no hole.
		hole:  max(maxStep, 2*cfg.DetectEvery, 2*paceMost*cfg.LandmarksEvery),
		faces: start, dropped: never, until: never,
	}
}

// SetCamera tells why no pictures come of the candidate's camera from this time
// on: camera_off before its first track, disconnected after its last; "" while
// there is one. A pipeline begins with one.
func (p *ScenePipeline) SetCamera(why evidence.Reason, at time.Duration) {
	e := &p.eyes
	if e.why != "" {
		e.past, e.until = e.why, at
	}
	e.why = why
}

// DropPicture tells that a picture of this time was dropped since the analysis
// was late.
func (p *ScenePipeline) DropPicture(at time.Duration) { p.eyes.dropped = max(p.eyes.dropped, at) }

// read notes a reading of faces.
func (e *eyes) read(f *FaceReading) {
	e.faces = max(e.faces, time.Duration(f.AtMS)*time.Millisecond)
}

// blind is the reading at a time at which there has been none of faces for too
// long.
func (e *eyes) blind(at time.Duration) (*FaceReading, bool) {
	if !e.wanted || at-e.faces <= e.hole {
		return nil, false
	}
	return &FaceReading{AtMS: at.Milliseconds(), Detected: true, Reason: e.reason(e.faces)}, true
}

// reason tells why nothing was seen since a time.
func (e *eyes) reason(since time.Duration) evidence.Reason {
	switch {
	case e.why != "":
		return e.why
	case e.dropped >= since:
		return evidence.ReasonOverload
	case e.until > since:
		return e.past
	}
	return evidence.ReasonFewFrames
}

// missed tells why a lane was not told of the time since its newest
// observation.
func (e *eyes) missed(l *lane) evidence.Reason {
	since := time.Duration(l.seg.LastMS()) * time.Millisecond
	if l.source == string(media.SourceCamera) || l.sees || e.dropped >= since {
		if why := e.reason(since); why != evidence.ReasonFewFrames {
			return why
		}
	}
	return evidence.ReasonLoss
}
