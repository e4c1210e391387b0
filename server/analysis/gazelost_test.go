package analysis

import (
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/gaze"
	"bonafide/vision/gaze/gazetest"
)

// What cannot be measured is no finding but coverage with its reason, also
// where what can be measured of it would be reading.
func TestGazeNotMeasurable(t *testing.T) {
	gazeLost := func(why vision.Reason) func(time.Duration, *FaceReading) bool {
		return func(_ time.Duration, f *FaceReading) bool { f.Gaze.Reason = why; return true }
	}
	// Of every three seconds there is nothing in two.
	unseen := func(why evidence.Reason) func(time.Duration, *FaceReading) bool {
		return func(at time.Duration, f *FaceReading) bool {
			if at/sec%3 != 0 {
				*f = FaceReading{AtMS: f.AtMS, Detected: true, Reason: why}
			}
			return true
		}
	}
	for want, change := range map[string]func(at time.Duration, f *FaceReading) bool{
		"face_turned":  gazeLost(vision.ReasonTurned),
		"glare":        gazeLost(gaze.ReasonGlare),
		"face_small":   gazeLost(vision.ReasonTooSmall),
		"face_cut":     gazeLost(vision.ReasonCut),
		"face_covered": gazeLost(vision.ReasonUnconfirmed),
		"blur":         gazeLost(vision.ReasonBlurred),
		"bright":       gazeLost(vision.ReasonBright),
		"dark":         unseen(evidence.ReasonDark),
		"damaged":      unseen(evidence.ReasonDamaged), // after a loss, until the next key frame
		"no_face":      unseen(""),
		"few_frames":   func(at time.Duration, _ *FaceReading) bool { return at/(100*time.Millisecond)%2 == 0 }, // 5 a second
		"overload": func(at time.Duration, f *FaceReading) bool { // as few, since the analysis was slowed
			f.PerSecond = 5
			return at/(100*time.Millisecond)%2 == 0
		},
	} {
		r := newGazeRig(t, Gate{})
		trace := wide(7)
		for at := time.Duration(0); at < 90*sec; at += 100 * time.Millisecond {
			f := FaceReading{AtMS: at.Milliseconds(), Main: &vision.Face{}, Gaze: &gaze.Sample{At: at, Horizontal: trace.At(at), Opening: 0.3, Quality: 0.9}}
			if change(at, &f) {
				r.show(f)
			}
		}
		if all := r.finish(90 * sec); len(all) != 0 {
			t.Errorf("%s: %+v", want, all)
		}
		if got := stateAt(r.coverage, evidence.GazeReading, 80*sec); got != "not_measurable/"+want {
			t.Errorf("%s: coverage is %s", want, got)
		}
	}
}

// Without any pictures coverage says that packets are lost, or why else, and a
// window that was begun before is not scored.
func TestGazeWithoutPictures(t *testing.T) {
	r := newGazeRig(t, Gate{})
	r.follow(wide(7), 0, 25*sec, 10)
	r.SetCamera(evidence.ReasonLoss, 25*sec)
	for at := 25 * sec; at < 60*sec; at += 500 * time.Millisecond {
		if err := r.Advance(at); err != nil {
			t.Fatal(err)
		}
	}
	if all := r.finish(60 * sec); len(all) != 0 {
		t.Errorf("found without pictures: %+v", all)
	}
	for _, k := range []evidence.Kind{evidence.GazeReading, evidence.GazeOffScreen} {
		if got := stateAt(r.coverage, k, 50*sec); got != "not_measurable/packet_loss" {
			t.Errorf("%s: coverage without pictures is %s", k, got)
		}
	}
}

// Windows are scored from ten pictures a second on, whatever else was lost in
// them; where there are fewer, coverage says whose doing that is.
func TestGazeWantsTenPicturesASecond(t *testing.T) {
	all := func(int, *FaceReading) bool { return true }
	for name, c := range map[string]struct {
		rate   int
		change func(i int, f *FaceReading) bool // the i-th reading, and whether it comes at all
		want   string
	}{
		"ten":                            {10, all, "measured"},
		"nine":                           {9, all, "not_measurable/few_frames"},
		"twelve, one of twelve lost":     {12, func(i int, _ *FaceReading) bool { return i%12 != 5 }, "measured"},
		"twelve, one of five lost":       {12, func(i int, _ *FaceReading) bool { return i%5 != 3 }, "not_measurable/few_frames"},
		"twelve, one of five not looked": {12, func(i int, f *FaceReading) bool { f.Late = i%5 == 4; return i%5 != 3 }, "not_measurable/overload"},
		"ten, with glare now and then": {10, func(i int, f *FaceReading) bool {
			if i%30 < 3 {
				f.Gaze.Reason = gaze.ReasonGlare
			}
			return true
		}, "measured"},
	} {
		r := newGazeRig(t, Gate{})
		trace := gazetest.Talking(9, 2*time.Minute).Wander(9, 0.8, 1)
		for i := range 70 * c.rate {
			at := time.Duration(i) * sec / time.Duration(c.rate)
			f := FaceReading{AtMS: at.Milliseconds(), Main: &vision.Face{}, Gaze: &gaze.Sample{At: at, Horizontal: trace.At(at), Opening: 0.3, Quality: 0.9}}
			if c.change(i, &f) {
				r.show(f)
			}
		}
		r.finish(70 * sec)
		for _, k := range []evidence.Kind{evidence.GazeReading, evidence.GazeOffScreen} {
			if got := stateAt(r.coverage, k, 60*sec); got != c.want {
				t.Errorf("%s, %s: coverage is %s, want %s", name, k, got, c.want)
			}
		}
	}
}
