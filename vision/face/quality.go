package face

import (
	"math"
	"slices"

	"bonafide/vision"
	"bonafide/vision/opencv"
)

// measure finds the landmarks in a region and everything that follows from
// them. It returns nil where there is no face. Light and sharpness are taken
// from the picture as it was taken, which p may be a brightened copy of.
func (s *Stage) measure(p, as *opencv.Picture, roi vision.ROI) (*vision.Face, error) {
	points, presence, err := s.mesh(p, roi)
	if err != nil || presence < s.cfg.MinPresence {
		return nil, err
	}
	f := &vision.Face{
		Box:       vision.BoundsOf(points),
		Landmarks: points,
		Presence:  presence,
		ROI:       roi,
		IOD:       points[vision.RightIrisCenter].XY().Dist(points[vision.LeftIrisCenter].XY()),
		Pose:      s.head.pose(points),
	}
	skin := landmarkROI(points)
	skin.Side /= 1.5 * math.Sqrt2 // inside the face: no background, little hair
	if f.Sharpness, f.Brightness, err = as.Measure(skin); err != nil {
		return nil, err
	}
	f.Quality = s.cfg.Quality.judge(f, float64(p.Width()), float64(p.Height()))
	return f, nil
}

// judge scores each criterion; the worst is the face's quality.
func (q QualityConfig) judge(f *vision.Face, w, h float64) vision.Quality {
	inside := 0
	for _, p := range f.Landmarks {
		if p.X >= 0 && p.Y >= 0 && p.X < w && p.Y < h {
			inside++
		}
	}
	type criterion struct {
		reason vision.Reason
		score  float64
	}
	all := []criterion{
		{vision.ReasonTooSmall, q.IOD.score(f.IOD)},
		{vision.ReasonDark, q.Dark.score(f.Brightness)},
		{vision.ReasonBright, q.Bright.score(f.Brightness)},
		{vision.ReasonBlurred, q.Sharpness.score(f.Sharpness)},
		{vision.ReasonTurned, q.Turn.score(max(math.Abs(f.Pose.Yaw), math.Abs(f.Pose.Pitch)))},
		{vision.ReasonCut, q.Inside.score(float64(inside) / float64(len(f.Landmarks)))},
	}
	slices.SortStableFunc(all, func(a, b criterion) int {
		switch {
		case a.score < b.score:
			return -1
		case a.score > b.score:
			return 1
		}
		return 0
	})
	out := vision.Quality{Score: all[0].score}
	for _, c := range all {
		if c.score == 0 {
			out.Reasons = append(out.Reasons, c.reason)
		}
	}
	return out
}
