package analysis

import (
	"errors"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
)

// further is a face of a size at a place, turned by some degrees.
func further(x, size, yaw, score float64) vision.Face {
	return vision.Face{Box: vision.Rect{X0: x, Y0: 100, X1: x + size*0.8, Y1: 100 + size}, Score: score,
		Landmarks: make([]vision.Point3, vision.LandmarkCount), Pose: vision.Pose{Yaw: yaw}, Quality: vision.Quality{Score: 1}}
}

// TestLooksOver shows further faces at two searches a second, for 40 s.
func TestLooksOver(t *testing.T) {
	main := further(300, 150, 0, 1)
	sway := func(at time.Duration) float64 { return 20 * float64(at/(500*time.Millisecond)%3) }
	for _, c := range []struct {
		name string
		face func(at time.Duration) []vision.Face
		from int64 // ms of the finding; -1 for none
		to   int64
	}{
		{"nobody", func(time.Duration) []vision.Face { return nil }, -1, 0},
		{"looks on for 6 s", func(at time.Duration) []vision.Face {
			if at < 10*sec || at >= 16*sec {
				return nil
			}
			return []vision.Face{further(500+sway(at), 100, 5, 0.95)}
		}, 10000, 15500},
		{"passes in 1 s", func(at time.Duration) []vision.Face {
			if at < 10*sec || at >= 11*sec {
				return nil
			}
			return []vision.Face{further(500+sway(at), 100, 5, 0.95)}
		}, -1, 0},
		{"is turned away", func(at time.Duration) []vision.Face { return []vision.Face{further(500+sway(at), 100, 60, 0.95)} }, -1, 0},
		{"is far behind", func(at time.Duration) []vision.Face { return []vision.Face{further(500+sway(at), 30, 0, 0.95)} }, -1, 0},
		{"is unsure", func(at time.Duration) []vision.Face { return []vision.Face{further(500+sway(at), 100, 0, 0.7)} }, -1, 0},
		{"hangs on the wall from the beginning", func(time.Duration) []vision.Face { return []vision.Face{further(500, 100, 0, 0.95)} }, 0, 3000},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := LooksOver(LooksOverConfig{})
			detector := d.Faces()
			seg, err := evidence.NewSegmenter(d.Rules[0], evidence.Subject{Run: "test"}, 0)
			if err != nil {
				t.Fatal(err)
			}
			found := map[string]evidence.Finding{}
			for at := time.Duration(0); at < 40*sec; at += 500 * time.Millisecond {
				os, err := detector.Detect(FaceReading{AtMS: at.Milliseconds(), Detected: true, Main: &main,
					Faces: append([]vision.Face{main}, c.face(at)...)})
				if err != nil || len(os) != 1 {
					t.Fatal(os, err)
				}
				fs, err := seg.Add(os[0])
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range fs {
					found[f.ID] = f
				}
			}
			for _, f := range seg.Finish(40000) {
				found[f.ID] = f
			}
			if c.from < 0 {
				if len(found) != 0 {
					t.Errorf("found %v, want nothing", found)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("%d findings, want 1: %v", len(found), found)
			}
			for _, f := range found {
				if f.StartMS != c.from || f.EndMS > c.to {
					t.Errorf("found %d-%d ms, want from %d, until %d at most", f.StartMS, f.EndMS, c.from, c.to)
				}
			}
		})
	}
}

// TestReplay gives scores to the observation of a replay.
func TestReplay(t *testing.T) {
	main := further(300, 150, 0, 1)
	d := Replay(ReplayConfig{}).Faces()
	defer d.Close()
	at := int64(0)
	read := func(live func() (float64, error), reason evidence.Reason) evidence.Observation {
		t.Helper()
		at += 2000
		in := FaceReading{AtMS: at, Detected: true, Main: &main, Faces: []vision.Face{main}, Width: 640, Height: 480, Live: live, Reason: reason}
		os, err := d.Detect(in)
		if err != nil || len(os) != 1 {
			t.Fatal(os, err)
		}
		return os[0]
	}
	low := func() (float64, error) { return 0.1, nil }
	for range 7 {
		if o := read(low, ""); o.Reason != evidence.ReasonNoBaseline {
			t.Fatalf("too few scores: %+v", o)
		}
	}
	if o := read(low, ""); o.Reason != "" || o.Value < 0.09 || o.Value > 0.11 {
		t.Errorf("eight scores of 0.1: %+v", o)
	}
	if o := read(nil, ""); o.Reason != evidence.ReasonNotAvailable {
		t.Errorf("without a model: %+v", o)
	}
	if o := read(low, evidence.ReasonDark); o.Reason != evidence.ReasonDark {
		t.Errorf("in the dark: %+v", o)
	}
	if o := read(low, ""); o.Reason != evidence.ReasonNoBaseline {
		t.Errorf("after a pause it begins anew: %+v", o)
	}
	at += 2000
	_, err := d.Detect(FaceReading{AtMS: at, Detected: true, Main: &main, Width: 640, Height: 480,
		Live: func() (float64, error) { return 0, errors.New("broken") }})
	if err == nil {
		t.Error("a model that fails is no score")
	}
}
