package identity

import (
	"math"

	"bonafide/vision"
)

// Gate says which faces are good enough to be compared. The zero value of a
// field takes its default.
type Gate struct {
	// MinIOD is the distance between the eyes in pixels, undone of the
	// foreshortening of a turned head, default 35: below it verification misses
	// 9 % of true matches, against 2.8 % at 35 to 50.
	MinIOD float64
	// MaxYaw and MaxPitch are the degrees, either way, by which a head may be
	// turned; default 35 and 30.
	MaxYaw, MaxPitch float64
	// MinSharpness is the variance of the Laplacian as in vision.Face, default 6.
	MinSharpness float64
	// MinBrightness and MaxBrightness bound the face's mean luma, default 35
	// and 225.
	MinBrightness, MaxBrightness float64
	// MinPresence is the landmark model's probability, default 0.8.
	MinPresence float64
	// MinNorm is the length of the model's output before it is normalised,
	// default 2.5. Of 504 pictures of uncovered faces the least was 2.8; with
	// the lower half of the face painted over 4 in 100 are below 2.5.
	MinNorm float64
}

// Defaults fills in every field that is zero.
func (g Gate) Defaults() Gate {
	for _, d := range []struct {
		v   *float64
		def float64
	}{
		{&g.MinIOD, 35}, {&g.MaxYaw, 35}, {&g.MaxPitch, 30}, {&g.MinSharpness, 6},
		{&g.MinBrightness, 35}, {&g.MaxBrightness, 225}, {&g.MinPresence, 0.8}, {&g.MinNorm, 2.5},
	} {
		if *d.v == 0 {
			*d.v = d.def
		}
	}
	return g
}

// Check gives the reason why a face cannot be compared, or "" if it can.
func (g Gate) Check(f *vision.Face) vision.Reason {
	if !f.Confirmed() {
		return vision.ReasonUnconfirmed
	}
	yaw := math.Abs(f.Pose.Yaw)
	switch {
	case yaw > g.MaxYaw || math.Abs(f.Pose.Pitch) > g.MaxPitch:
		return vision.ReasonTurned
	case f.IOD/math.Cos(yaw*math.Pi/180) < g.MinIOD:
		return vision.ReasonTooSmall
	case f.Brightness < g.MinBrightness:
		return vision.ReasonDark
	case f.Brightness > g.MaxBrightness:
		return vision.ReasonBright
	case f.Sharpness < g.MinSharpness:
		return vision.ReasonBlurred
	case f.Quality.Has(vision.ReasonCut):
		return vision.ReasonCut
	case f.Presence < g.MinPresence:
		return vision.ReasonCovered
	}
	return ""
}

// CheckEmbedding gives the reason why an embedding says nothing, or "".
func (g Gate) CheckEmbedding(e Embedding) vision.Reason {
	if e.Norm < g.MinNorm {
		return vision.ReasonCovered
	}
	return ""
}

// Score ranks faces that passed the gate, 0 to 1: large, sharp, evenly lit and
// frontal ones are the best to enrol.
func Score(f *vision.Face) float64 {
	upTo := func(v, good float64) float64 { return min(max(v/good, 0), 1) }
	const rad = math.Pi / 180
	frontal := math.Cos(f.Pose.Yaw*rad) * math.Cos(f.Pose.Pitch*rad)
	light := 1 - math.Abs(f.Brightness-128)/255
	return max(frontal, 0) * max(frontal, 0) * math.Sqrt(upTo(f.IOD, 80)*upTo(f.Sharpness, 100)) * light
}
