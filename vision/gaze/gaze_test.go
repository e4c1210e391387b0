package gaze

import (
	"image"
	"math"
	"testing"
	"time"

	"bonafide/vision"
)

// synthetic is a face whose eyes are where the geometry says, 40 pixels per
// centimetre (252 between the eyes), with the head and both eyes turned by
// known angles and the lids open by a share of the eye's width.
func synthetic(pose vision.Pose, eyeYaw, opening float64) *vision.Face {
	const px = 40.0
	rot := rotation(pose)
	place := func(head [3]float64) vision.Point3 { // head axes, cm, to the picture
		var c [3]float64
		for k := range 3 {
			for i := range 3 {
				c[k] += rot[i][k] * head[i]
			}
		}
		return vision.Point3{X: 320 + px*c[0], Y: 240 - px*c[1], Z: -px * c[2]}
	}
	f := &vision.Face{Landmarks: make([]vision.Point3, vision.LandmarkCount), Presence: 1, Pose: pose, Brightness: 130, Sharpness: 50}
	for i, e := range []eyeLandmarks{rightEye, leftEye} {
		x := float64(2*i-1) * corners / 2
		side := float64(2*i - 1)
		const half = 1.295 // of an eye's width
		f.Landmarks[e.outer], f.Landmarks[e.inner] = place([3]float64{x + side*half, 0, 0}), place([3]float64{x - side*half, 0, 0})
		for k, l := range e.lids {
			dx := float64(k-1) * 0.5
			f.Landmarks[l[0]], f.Landmarks[l[1]] = place([3]float64{x + dx, opening * half, 0}), place([3]float64{x + dx, -opening * half, 0})
		}
		sin, cos := math.Sincos(eyeYaw * math.Pi / 180)
		f.Landmarks[e.iris] = place([3]float64{x + EyeRadius*sin, 0, EyeRadius*cos - EyeDepth})
	}
	f.IOD = f.Landmarks[vision.RightIrisCenter].XY().Dist(f.Landmarks[vision.LeftIrisCenter].XY())
	return f
}

// The geometry gives back the angles that landmarks were made with.
func TestEyeInHead(t *testing.T) {
	for _, pose := range []vision.Pose{{}, {Yaw: 20}, {Yaw: -25, Pitch: 10}, {Pitch: -15, Roll: 12}, {Yaw: 10, Pitch: 8, Roll: -20}} {
		for _, yaw := range []float64{-25, -8, 0, 3, 20} {
			s := Config{}.Measure(synthetic(pose, yaw, 0.3), nil, time.Second)
			if !s.OK() || s.At != time.Second {
				t.Fatalf("%+v, eyes at %v: %+v", pose, yaw, s)
			}
			if math.Abs(s.EyeYaw-yaw) > 0.01 || math.Abs(s.Horizontal-(pose.Yaw+EyeGain*yaw)) > 0.02 {
				t.Errorf("%+v, eyes at %v: in the head %.2f, in all %.2f", pose, yaw, s.EyeYaw, s.Horizontal)
			}
			if pose.Roll == 0 && pose.Yaw == 0 && pose.Pitch == 0 && math.Abs(s.Opening-0.3) > 0.001 {
				t.Errorf("opening %.3f, want 0.3", s.Opening)
			}
		}
	}
}

// Each gate refuses with its own reason, and quality falls towards it.
func TestGates(t *testing.T) {
	good := func() *vision.Face { return synthetic(vision.Pose{Yaw: 5}, 4, 0.3) }
	if s := (Config{}).Measure(good(), nil, 0); s.Quality != 1 {
		t.Errorf("a good face has the quality %v", s.Quality)
	}
	lit := vision.FromImage(image.NewGray(image.Rect(0, 0, 640, 480)), 0)
	f := good()
	c := f.Landmarks[vision.LeftIrisCenter]
	for y := int(c.Y) - 12; y < int(c.Y)+12; y++ {
		for x := int(c.X) - 12; x < int(c.X)+12; x++ {
			lit.Image.Y[y*lit.Image.YStride+x] = 235
		}
	}
	for _, c := range []struct {
		name   string
		frame  *vision.Frame
		change func(*vision.Face)
		want   vision.Reason
	}{
		{"no landmarks", nil, func(f *vision.Face) { f.Landmarks = nil }, ReasonNoEyes},
		{"landmarks in one point", nil, func(f *vision.Face) { clear(f.Landmarks) }, ReasonNoEyes},
		{"turned", nil, func(f *vision.Face) { *f = *synthetic(vision.Pose{Yaw: 31}, 0, 0.3) }, vision.ReasonTurned},
		{"head down", nil, func(f *vision.Face) { *f = *synthetic(vision.Pose{Pitch: -35}, 0, 0.3) }, vision.ReasonTurned},
		{"far away", nil, func(f *vision.Face) { f.IOD = 28 }, vision.ReasonTooSmall},
		{"dark", nil, func(f *vision.Face) { f.Brightness = 30 }, vision.ReasonDark},
		{"bright", nil, func(f *vision.Face) { f.Brightness = 235 }, vision.ReasonBright},
		{"blurred", nil, func(f *vision.Face) { f.Sharpness = 2 }, vision.ReasonBlurred},
		{"unsure", nil, func(f *vision.Face) { f.Presence = 0.4 }, vision.ReasonUnconfirmed},
		{"cut", nil, func(f *vision.Face) { f.Quality.Reasons = []vision.Reason{vision.ReasonCut} }, vision.ReasonCut},
		{"a reflection before an iris", lit, func(*vision.Face) {}, ReasonGlare},
		{"eyes apart", nil, func(f *vision.Face) { f.Landmarks[vision.RightIrisCenter].X += 26 }, ReasonDisagree},
	} {
		f := good()
		c.change(f)
		if s := (Config{}).Measure(f, c.frame, 0); s.Reason != c.want || s.Quality != 0 {
			t.Errorf("%s: reason %q, quality %v; want %q and 0", c.name, s.Reason, s.Quality, c.want)
		}
	}
	near := good()
	near.IOD = 45
	if s := (Config{}).Measure(near, nil, 0); s.Quality <= 0 || s.Quality >= 1 || !s.OK() {
		t.Errorf("a face not far beyond the limit: %+v", s)
	}
	if s := (Config{}).Measure(nil, nil, 0); s.Reason != ReasonNoEyes {
		t.Errorf("no face: %+v", s)
	}
}

// A blink takes its neighbours along; others keep their order and time.
func TestBlink(t *testing.T) {
	var f Follower
	var got []Sample
	for i := range 60 {
		s := Sample{At: time.Duration(i) * Step, Opening: 0.3, Quality: 1, Pitch: 2}
		if i == 30 || i == 31 {
			s.Opening = 0.1
		}
		if i == 45 {
			s.Opening = 0.24 // a smile
		}
		if i == 53 {
			s.Apart = 24
		}
		if i == 50 {
			s.Reason = vision.ReasonTurned
		}
		got = append(got, f.Add(s)...)
	}
	if len(got) != 59 {
		t.Fatalf("%d of 60 samples, want all but the last", len(got))
	}
	got = append(got, f.Flush()...)
	for i, s := range got {
		want := vision.Reason("")
		switch {
		case i >= 29 && i <= 32:
			want = ReasonBlink
		case i == 53:
			want = ReasonDisagree
		case i == 50:
			want = vision.ReasonTurned
		}
		if s.Reason != want || s.At != time.Duration(i)*Step {
			t.Errorf("sample %d at %v: %q, want %q", i, s.At, s.Reason, want)
		}
	}
	if v := got[45].Vertical; math.Abs(v-(2-lidGain*0.2)) > 0.01 {
		t.Errorf("lids a fifth further down: %v° up, want %v", v, 2-lidGain*0.2)
	}
}

// steps are samples at 15 per second that go from place to place.
func steps(from time.Duration, places ...float64) (out []Sample) {
	at := from
	for _, p := range places {
		for range 15 {
			out = append(out, Sample{At: at, Horizontal: p + 0.4*math.Sin(float64(at)), Quality: 0.8})
			at += time.Second / 15
		}
	}
	return out
}

func TestFixationsAndSaccades(t *testing.T) {
	in := steps(0, 0, 12, 12, -10)
	fs := Fixations(in)
	if len(fs) != 3 || math.Abs(fs[0].Horizontal) > 0.5 || math.Abs(fs[1].Horizontal-12) > 0.5 || math.Abs(fs[2].Horizontal+10) > 0.5 {
		t.Fatalf("fixations %+v, want three at 0, 12 and -10", fs)
	}
	if d := fs[1].End - fs[1].Start; d < 1800*time.Millisecond || fs[1].Samples != 30 || math.Abs(fs[1].Quality-0.8) > 1e-9 {
		t.Errorf("the second lasts %v with %d samples", d, fs[1].Samples)
	}
	ss := Saccades(in)
	if len(ss) != 2 || ss[0].To-ss[0].From < 11 || ss[1].To-ss[1].From > -21 {
		t.Errorf("saccades %+v, want +12 and -22", ss)
	}
	for i := range in {
		in[i].Reason = ReasonBlink
	}
	if len(Fixations(in)) != 0 || len(Saccades(in)) != 0 {
		t.Error("something was found in samples that were not measured")
	}
}

func TestResample(t *testing.T) {
	var in []Sample
	for i := range 300 { // 10 s at 30 per second, with a blink and a long hole
		at := time.Duration(i) * time.Second / 30
		s := Sample{At: at, Horizontal: at.Seconds()}
		if at > 2*time.Second && at < 2500*time.Millisecond || at > 5*time.Second && at < 7*time.Second {
			s.Reason = ReasonBlink
		}
		in = append(in, s)
	}
	s, measured, perSecond := Resample(in, 0, 10*time.Second)
	if len(s.X) != 100 || measured < 0.79 || measured > 0.83 || perSecond < 22 || perSecond > 23.5 {
		t.Fatalf("%d samples, %.3f measured, %.1f per second", len(s.X), measured, perSecond)
	}
	for i, x := range s.X {
		at := float64(i) / Rate
		if hole := at > 5.1 && at < 6.9; hole != math.IsNaN(x) && (at < 5 || at > 7) {
			t.Errorf("at %v s: %v", at, x)
		}
		if !math.IsNaN(x) && math.Abs(x-at) > 0.08 {
			t.Errorf("at %v s: %v, must be on the line", at, x)
		}
	}
	if _, measured, _ := Resample(nil, 0, time.Second); measured != 0 {
		t.Error("nothing gives something")
	}
	if s, _, _ := Resample(in, time.Second, time.Second); len(s.X) != 0 {
		t.Error("an empty stretch has samples")
	}
}
