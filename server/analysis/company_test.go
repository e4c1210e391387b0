package analysis

import (
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

func TestCompany(t *testing.T) {
	confirmed := vision.Face{Landmarks: []vision.Point3{{}}, Presence: 1}
	for _, c := range []struct {
		name   string
		others func(sec int) []vision.Face // beside the main one, at a second from 0
		why    func(sec int) evidence.Reason
		at     int // the second at which a step begins
		alone  bool
	}{
		{"nobody else", nil, nil, 60, true},
		{"too early to say", nil, nil, 23, false},
		{"early, but enough", nil, nil, 24, true},
		{"somebody the whole time", func(int) []vision.Face { return []vision.Face{confirmed} }, nil, 60, false},
		{"a document just before", func(s int) []vision.Face {
			if s > 46 {
				return []vision.Face{confirmed}
			}
			return nil
		}, nil, 60, true},
		{"somebody, until a minute and more before", func(s int) []vision.Face {
			if s < 40 {
				return []vision.Face{confirmed}
			}
			return nil
		}, nil, 140, true},
		{"something that is no face, as the landmark model says", func(int) []vision.Face { return []vision.Face{{Score: 0.7}} }, nil, 60, true},
		{"one false box", func(s int) []vision.Face {
			if s == 30 {
				return []vision.Face{confirmed}
			}
			return nil
		}, nil, 60, true},
		{"dark", nil, func(int) evidence.Reason { return evidence.ReasonDark }, 60, false},
	} {
		var m company
		for ms := 0; ms < c.at*1000; ms += 500 {
			r := FaceReading{AtMS: int64(ms), Detected: true, Faces: []vision.Face{confirmed}}
			if c.others != nil {
				r.Faces = append(r.Faces, c.others(ms/1000)...)
			}
			if c.why != nil {
				r.Reason = c.why(ms / 1000)
			}
			m.take(r)
		}
		if got := m.alone(time.Duration(c.at) * time.Second); got != c.alone {
			t.Errorf("%s: alone %v, want %v", c.name, got, c.alone)
		}
	}
}
