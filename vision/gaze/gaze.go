// Package gaze measures where somebody looks, as far as an ordinary webcam
// tells: the horizontal direction of each picture from the landmarks of head
// and irises, fixations and saccades over time, the staircase and the return
// sweeps of reading, and places that the gaze returns to. It is pure Go and
// knows nothing of evidence.
//
// The irises give the horizontal direction only. Up and down are estimated
// from the pitch of the head and the opening of the lids, which is coarse.
package gaze

import (
	"math"
	"time"

	"bonafide/vision"
)

// Reasons why gaze cannot be measured, beside those of vision.
const (
	ReasonGlare    vision.Reason = "glare"         // light reflected before the iris
	ReasonBlink    vision.Reason = "blink"         // lids closed, or just before or after
	ReasonDisagree vision.Reason = "eyes_disagree" // the two eyes give different directions
	ReasonNoEyes   vision.Reason = "no_landmarks"  // no face, or one without irises
)

// Sample is what one picture tells of where somebody looks. Angles are in
// degrees in the camera's frame: 0 is roughly towards the camera.
type Sample struct {
	At time.Duration
	// Horizontal is the direction of the gaze, > 0 towards the picture's right
	// side: head yaw + EyeGain × eye-in-head yaw. With a Reason it is not
	// meaningful.
	Horizontal float64
	// Pitch of the head, > 0 up, and Opening of the lids, the gap between them
	// as a share of the eye's width, are what Vertical is estimated from.
	Pitch, Opening float64
	// Vertical is coarse, > 0 up. It is set by a Follower, which knows how
	// wide the eyes are usually open.
	Vertical float64
	HeadYaw  float64 // > 0 towards the picture's right side
	EyeYaw   float64 // in the head, both eyes' mean, without EyeGain
	// Apart is the difference between the directions of the left and the right
	// eye, with EyeGain. A Follower judges how it changes.
	Apart float64
	// Quality is 0 (useless) to 1 (nothing wrong).
	Quality float64
	// Reason tells why the picture cannot be measured; "" if it can.
	Reason vision.Reason
}

// OK tells that the sample was measured.
func (s Sample) OK() bool { return s.Reason == "" }

// Config holds the limits within which gaze is measured. The zero value of a
// field takes its default.
type Config struct {
	// MaxTurn is the yaw or pitch of the head in degrees beyond which an iris
	// is foreshortened too far; default 30. Of eight still faces under camera
	// noise, seven within 10° gave 0.1° to 0.5° and one at 48° gave 1.5° to 5°.
	MaxTurn float64
	// MinIOD is the least distance between the irises in pixels; default 32.
	// Irises of four sample portraits that were moved through ±5° gave a slope
	// of 0.56 to 1.2 at 32 px and more, 0.33 to 0.9 at 23 to 30 and anything
	// below; noise rises from 0.4° to 0.8° at 60 to 2.0° at 32
	// (TestEvalPixels). The quality is 1 from twice that on.
	MinIOD float64
	// MinBrightness and MaxBrightness bound the mean luma of the face, 0 to
	// 255; defaults 45 and 225. Landmarks hold longer, but an iris can no
	// longer be told from its surroundings.
	MinBrightness, MaxBrightness float64
	// MinSharpness is the least variance of the Laplacian of the face;
	// default 4, where landmarks begin to move by 2 % of the eyes' distance.
	MinSharpness float64
	// MaxDisagree is the difference between the directions of the two eyes in
	// degrees, with EyeGain, beyond which one of them must be wrong; default 45.
	// Landmarks of some faces are that far apart all the time: a Follower looks
	// for changes of 20° against what is usual for a face.
	MaxDisagree float64
	// MaxGlare is the share of saturated pixels in the square around either
	// iris beyond which a reflection hides it; default 0.12. The reflection of
	// a window in the cornea, without glasses, covers about 0.02.
	MaxGlare float64
}

// Defaults fills in every field that is zero.
func (c Config) Defaults() Config {
	for _, d := range []struct {
		v   *float64
		def float64
	}{
		{&c.MaxTurn, 30}, {&c.MinIOD, 32}, {&c.MinBrightness, 45}, {&c.MaxBrightness, 225},
		{&c.MinSharpness, 4}, {&c.MaxDisagree, 45}, {&c.MaxGlare, 0.12},
	} {
		if *d.v == 0 {
			*d.v = d.def
		}
	}
	return c
}

// Measure measures one face. f is the picture it was found in, only to look
// for reflections; nil leaves that out. A nil face gives ReasonNoEyes.
func (c Config) Measure(face *vision.Face, f *vision.Frame, at time.Duration) Sample {
	c = c.Defaults()
	if face == nil || len(face.Landmarks) < vision.LandmarkCount {
		return Sample{At: at, Reason: ReasonNoEyes}
	}
	s := Sample{At: at, HeadYaw: face.Pose.Yaw, Pitch: face.Pose.Pitch}
	eyes, ok := lookOf(face)
	if !ok {
		s.Reason = ReasonNoEyes
		return s
	}
	s.EyeYaw = (eyes.right + eyes.left) / 2
	s.Opening, s.Apart = eyes.opening, EyeGain*(eyes.left-eyes.right)
	s.Horizontal = s.HeadYaw + EyeGain*s.EyeYaw
	s.Reason, s.Quality = c.judge(face, eyes, f)
	return s
}

// judge gives the first reason that forbids a measurement, and how far the
// face is from all of them.
func (c Config) judge(face *vision.Face, e look, f *vision.Frame) (vision.Reason, float64) {
	turn := max(math.Abs(face.Pose.Yaw), math.Abs(face.Pose.Pitch))
	glare := 0.0
	if f != nil {
		glare = glareOf(face, f)
	}
	quality := 1.0
	var reason vision.Reason
	for _, g := range []struct {
		reason        vision.Reason
		v, worst, top float64 // the measure, where it is useless, where it is good
	}{
		{vision.ReasonUnconfirmed, face.Presence, 0.5, 0.8},
		{vision.ReasonTurned, turn, c.MaxTurn, c.MaxTurn / 2},
		{vision.ReasonTooSmall, face.IOD, c.MinIOD, 2 * c.MinIOD},
		{vision.ReasonDark, face.Brightness, c.MinBrightness, 2 * c.MinBrightness},
		{vision.ReasonBright, face.Brightness, c.MaxBrightness, c.MaxBrightness - 20},
		{vision.ReasonBlurred, face.Sharpness, c.MinSharpness, 3 * c.MinSharpness},
		{ReasonGlare, glare, c.MaxGlare, c.MaxGlare / 3},
		{ReasonDisagree, EyeGain * math.Abs(e.right-e.left), c.MaxDisagree, c.MaxDisagree / 2},
	} {
		score := min(max((g.v-g.worst)/(g.top-g.worst), 0), 1)
		if score == 0 && reason == "" {
			reason = g.reason
		}
		quality = min(quality, score)
	}
	if face.Quality.Has(vision.ReasonCut) && reason == "" {
		reason = vision.ReasonCut
	}
	if reason != "" {
		quality = 0
	}
	return reason, quality
}
