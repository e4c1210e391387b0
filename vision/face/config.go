// Package face finds the faces of a frame and measures the main one: boxes,
// 478 landmarks with irises, head pose, and how well all that can be measured.
// It runs once per sampled frame; every detector on faces works from its result.
package face

import (
	"fmt"
	"time"
)

// Config holds the stage's rates and thresholds. The zero value of a field
// takes its default.
type Config struct {
	// DetectEvery is the time between searches of the whole picture, default
	// 500 ms; LandmarksEvery that between landmarks of the main face, default a
	// twelfth of a second. Reading eye movements wants 10 per second and gains
	// little above: twelve leave 10 where a sixth of the pictures is lost.
	DetectEvery, LandmarksEvery time.Duration

	// MainScore is the detector's score from which a face is sure, default
	// 0.8. SmallScore is the least at which a box is looked at, default 0.65:
	// a face of 32 pixels' height is found in 90 % of frames there and in 68 %
	// at 0.9. Between them the landmark model must confirm it.
	MainScore, SmallScore float64
	// MaxIoU is the overlap at which two boxes are the same face, default 0.3.
	MaxIoU float64
	// MaxInside is the share of a box inside a better one from which it counts
	// as a part of that face, default 0.6.
	MaxInside float64
	// MinPresence is the landmark model's probability from which there is a
	// face in the region it was given, default 0.5. Among some 890 photos of
	// faces none was below it.
	MinPresence float64
	// MaxFaces limits how many boxes are examined in one frame, default 5.
	MaxFaces int

	// HoldShift, HoldScale and HoldAngle keep the landmarks' region where it
	// is until the face has moved by more than this share of its side (default
	// 0.04), changed in size by more than this share (0.08) or turned by more
	// radians (0.06). A region that follows every frame adds its own jitter:
	// holding it lowers horizontal eye noise from 0.16–0.57° to 0.09–0.50°.
	HoldShift, HoldScale, HoldAngle float64

	// MinLight is the whole picture's brightness 0..255 below which a search
	// that finds nothing says nothing, default 12: of 15 faces in darkened
	// photos 11 were found at 12, 7 at 7 and none at 4.
	MinLight float64

	Quality QualityConfig
}

// QualityConfig says, for each criterion, where a face is useless (score 0)
// and from where it is good (score 1).
type QualityConfig struct {
	// IOD in pixels, default 25 to 50: with the usual face recognition models
	// the same person is missed in 54 % of pictures below 25 pixels, 9 % up
	// to 35, 2.8 % up to 50 and 1.1 % above.
	IOD Range
	// Dark and Bright are the face's mean luma 0..255, defaults 25 to 50 and
	// 240 to 205; Sharpness is the variance of the Laplacian, default 3 to 8.
	// Set on darkened, overexposed and blurred copies of 15 faces with 30 and
	// 45 pixels between the eyes: at the good end all were found and landmarks
	// moved by 1–2.5 % of that distance on average, at the useless end one in
	// seven or more was lost or landmarks moved by 4 % and more.
	Dark, Bright, Sharpness Range
	// Turn is the larger of yaw and pitch in degrees, default 50 to 30: eye
	// movements become unreliable somewhere between (at 48° their noise is
	// ten times that of a frontal face).
	Turn Range
	// Inside is the share of landmarks inside the picture, default 0.7 to 0.98.
	Inside Range
}

// Range is where a criterion is useless and where it is good; Useless may be
// the larger of the two.
type Range struct{ Useless, Good float64 }

// score is 0 at Useless, 1 at Good, linear between.
func (r Range) score(v float64) float64 {
	return min(max((v-r.Useless)/(r.Good-r.Useless), 0), 1)
}

// Defaults fills in every field that is zero.
func (c Config) Defaults() Config {
	set := func(v *float64, def float64) {
		if *v == 0 {
			*v = def
		}
	}
	if c.DetectEvery == 0 {
		c.DetectEvery = 500 * time.Millisecond
	}
	if c.LandmarksEvery == 0 {
		c.LandmarksEvery = time.Second / 12
	}
	if c.MaxFaces == 0 {
		c.MaxFaces = 5
	}
	set(&c.MainScore, 0.8)
	set(&c.SmallScore, 0.65)
	set(&c.MaxIoU, 0.3)
	set(&c.MaxInside, 0.6)
	set(&c.MinPresence, 0.5)
	set(&c.MinLight, 12)
	set(&c.HoldShift, 0.04)
	set(&c.HoldScale, 0.08)
	set(&c.HoldAngle, 0.06)
	q := &c.Quality
	for _, d := range []struct {
		r   *Range
		def Range
	}{
		{&q.IOD, Range{25, 50}}, {&q.Dark, Range{25, 50}}, {&q.Bright, Range{240, 205}},
		{&q.Sharpness, Range{3, 8}}, {&q.Turn, Range{50, 30}}, {&q.Inside, Range{0.7, 0.98}},
	} {
		if *d.r == (Range{}) {
			*d.r = d.def
		}
	}
	return c
}

// Validate names the first field that cannot work.
func (c Config) Validate() error {
	for _, s := range []struct {
		name string
		v    float64
	}{
		{"MainScore", c.MainScore}, {"SmallScore", c.SmallScore}, {"MaxIoU", c.MaxIoU},
		{"MaxInside", c.MaxInside}, {"MinPresence", c.MinPresence},
	} {
		if !(s.v > 0 && s.v <= 1) {
			return fmt.Errorf("face: %s is %v, want above 0 and at most 1", s.name, s.v)
		}
	}
	q := c.Quality
	for name, r := range map[string]Range{"IOD": q.IOD, "Dark": q.Dark, "Bright": q.Bright,
		"Sharpness": q.Sharpness, "Turn": q.Turn, "Inside": q.Inside} {
		if r.Useless == r.Good {
			return fmt.Errorf("face: Quality.%s is useless and good at %v, want two different values", name, r.Good)
		}
	}
	switch {
	case c.SmallScore > c.MainScore:
		return fmt.Errorf("face: SmallScore %v is above MainScore %v", c.SmallScore, c.MainScore)
	case c.MaxFaces < 1:
		return fmt.Errorf("face: MaxFaces is %d, want at least 1", c.MaxFaces)
	case c.LandmarksEvery < 0 || c.DetectEvery < c.LandmarksEvery:
		return fmt.Errorf("face: DetectEvery is %v and LandmarksEvery %v, want neither below 0 and the first no shorter",
			c.DetectEvery, c.LandmarksEvery)
	case min(c.HoldShift, c.HoldScale, c.HoldAngle) < 0:
		return fmt.Errorf("face: HoldShift %v, HoldScale %v, HoldAngle %v, want none below 0", c.HoldShift, c.HoldScale, c.HoldAngle)
	}
	return nil
}
