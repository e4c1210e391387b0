package identity

import (
	"fmt"
	"math"
	"testing"
	"time"

	"bonafide/vision"
)

const sec = time.Second

// unit is a vector of length 1 along the given axes.
func unit(values ...float32) Vector {
	v, _ := normalised(append(values, make([]float32, Size-len(values))...))
	return v
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

func TestVectors(t *testing.T) {
	a, b := unit(1), unit(0, 1)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"the same", Cosine(a, a), 1},
		{"unlike", Cosine(a, b), 0},
		{"opposite", Cosine(a, unit(-1)), -1},
		{"half-way", Cosine(a, unit(1, 1)), math.Sqrt2 / 2},
		{"a missing one", Cosine(a, nil), 0},
		{"pool of two", Cosine(Pool(a, b), unit(1, 1)), 1},
		{"pool has length 1", Cosine(Pool(a, a, b), Pool(a, a, b)), 1},
		{"pool leans to the more", Cosine(Pool(a, a, b), a), 2 / math.Sqrt(5)},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if Pool() != nil || Pool(a, unit(-1)) != nil {
		t.Error("a pool of nothing, or of opposites, is a vector")
	}
	for _, v := range [][]float32{{0, 0}, {float32(math.NaN()), 1}, {float32(math.Inf(1)), 1}} {
		if n, length := normalised(v); n != nil {
			t.Errorf("%v of length %v was normalised to %v", v, length, n)
		}
	}
	if v, length := normalised([]float32{3, 4}); !near(length, 5) || !near(float64(v[0]), 0.6) {
		t.Errorf("3 4 has length %v and becomes %v", length, v)
	}
}

func TestGate(t *testing.T) {
	g := Gate{}.Defaults()
	for _, c := range []struct {
		name string
		spin func(*vision.Face)
		want vision.Reason
	}{
		{"good", func(*vision.Face) {}, ""},
		{"without landmarks", func(f *vision.Face) { f.Landmarks = nil }, vision.ReasonUnconfirmed},
		{"not confirmed", func(f *vision.Face) { f.Quality.Reasons = []vision.Reason{vision.ReasonUnconfirmed} }, vision.ReasonUnconfirmed},
		{"profile", func(f *vision.Face) { f.Pose.Yaw = -70 }, vision.ReasonTurned},
		{"a little turned", func(f *vision.Face) { f.Pose.Yaw = 34.9 }, ""},
		{"looking down", func(f *vision.Face) { f.Pose.Pitch = -31 }, vision.ReasonTurned},
		{"tilted", func(f *vision.Face) { f.Pose.Roll = 60 }, ""},
		{"small", func(f *vision.Face) { f.IOD = 34.9 }, vision.ReasonTooSmall},
		{"large enough, though turned", func(f *vision.Face) { f.IOD = 31; f.Pose.Yaw = 34 }, ""},
		{"dark", func(f *vision.Face) { f.Brightness = 34 }, vision.ReasonDark},
		{"bright", func(f *vision.Face) { f.Brightness = 226 }, vision.ReasonBright},
		{"blurred", func(f *vision.Face) { f.Sharpness = 5.9 }, vision.ReasonBlurred},
		{"cut", func(f *vision.Face) { f.Quality.Reasons = []vision.Reason{vision.ReasonCut} }, vision.ReasonCut},
		{"doubtful", func(f *vision.Face) { f.Presence = 0.79 }, vision.ReasonCovered},
	} {
		f := &vision.Face{
			IOD: 60, Presence: 1, Sharpness: 50, Brightness: 120, Landmarks: make([]vision.Point3, vision.LandmarkCount),
		}
		c.spin(f)
		if got := g.Check(f); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if g.CheckEmbedding(Embedding{Norm: 2.4}) != vision.ReasonCovered || g.CheckEmbedding(Embedding{Norm: 2.6}) != "" {
		t.Error("the norm is not gated at 2.5")
	}
	if Score(&vision.Face{IOD: 80, Sharpness: 100, Brightness: 128}) <= Score(&vision.Face{IOD: 40, Sharpness: 100, Brightness: 128, Pose: vision.Pose{Yaw: 20}}) {
		t.Error("a small turned face scores as well as a large frontal one")
	}
}

func TestAlignment(t *testing.T) {
	// A face that lies in the frame turned by 90 degrees, twice as large as in
	// the model's picture, about (300, 200).
	f := &vision.Face{Landmarks: make([]vision.Point3, vision.LandmarkCount)}
	for i, at := range points {
		p := aligned[i]
		f.Landmarks[at] = vision.Point3{X: 300 - 2*p.Y, Y: 200 + 2*p.X}
	}
	m, err := alignment(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []vision.Point{{X: 0, Y: 0}, {X: 56, Y: 56}, {X: 112, Y: 0}} {
		if got, want := m.Apply(p), (vision.Point{X: 300 - 2*p.Y, Y: 200 + 2*p.X}); got.Dist(want) > 1e-9 {
			t.Errorf("%v of the model's picture lies at %v, want %v", p, got, want)
		}
	}
	for name, bad := range map[string]*vision.Face{
		"nil": nil, "no landmarks": {}, "all in one place": {Landmarks: make([]vision.Point3, vision.LandmarkCount)},
		"not a number": {Landmarks: func() []vision.Point3 {
			l := append([]vision.Point3(nil), f.Landmarks...)
			l[vision.NoseTip].X = math.NaN()
			return l
		}()},
	} {
		if _, err := alignment(bad); err == nil {
			t.Errorf("%s: a face was aligned", name)
		}
	}
}

// person gives samples of somebody whose pictures have a cosine of 0.8.
func person(axis int, n int, from, every time.Duration) []Sample {
	var out []Sample
	for i := range n {
		v := make([]float32, 10+i)
		v[axis], v[9+i] = 2, 1
		out = append(out, Sample{At: from + time.Duration(i)*every, Vector: unit(v...), Score: 0.5})
	}
	return out
}

func TestEnrolment(t *testing.T) {
	join := func(parts ...[]Sample) (out []Sample) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	var mixed []Sample
	for i := range 30 {
		mixed = append(mixed, Sample{At: time.Duration(i) * sec, Vector: unit(append(make([]float32, i), 1)...)})
	}
	for _, c := range []struct {
		name    string
		samples []Sample
		axis    int           // of the template, -1 if there must be none
		at      time.Duration // when it was made
	}{
		{"one person", person(0, 8, 0, sec), 0, 5 * sec},
		{"five within a moment", person(0, 5, 0, 100*time.Millisecond), -1, 0},
		{"long, but four", person(0, 4, 0, 3*sec), -1, 0},
		{"five over five seconds", person(0, 5, 0, 1250*time.Millisecond), 0, 5 * sec},
		{"who stays", join(person(0, 4, 0, sec), person(1, 8, 4*sec, sec)), 1, 9 * sec},
		{"by turns", join(person(0, 3, 0, sec), person(1, 1, 3*sec, sec), person(0, 4, 4*sec, sec)), 0, 5 * sec},
		{"nobody twice", mixed, -1, 0},
	} {
		e := NewEnrolment(EnrolConfig{})
		made := time.Duration(-1)
		for _, s := range c.samples {
			if e.Add(s) && made < 0 {
				made = s.At
			}
		}
		tmpl, ok := e.Template()
		if ok != (c.axis >= 0) {
			t.Errorf("%s: enrolled %v", c.name, ok)
			continue
		}
		if !ok {
			continue
		}
		if made != c.at {
			t.Errorf("%s: enrolled at %v, want %v", c.name, made, c.at)
		}
		if axis := make([]float32, c.axis+1); true {
			axis[c.axis] = 1
			if got := Cosine(tmpl.Vector, unit(axis...)); got < 0.9 {
				t.Errorf("%s: the template has a cosine of %v with the person", c.name, got)
			}
		}
	}
}

// Better pictures of the same face take the place of poorer ones for a minute
// of face time; another face never does.
func TestEnrolmentGetsBetter(t *testing.T) {
	e := NewEnrolment(EnrolConfig{})
	add := func(s Sample, score float64, want bool) {
		t.Helper()
		s.Score = score
		if got := e.Add(s); got != want {
			t.Errorf("a sample at %v with score %v changes the template: %v, want %v", s.At, score, got, want)
		}
	}
	for i, s := range person(0, 15, 0, sec) {
		add(s, 0.5, i >= 5 && i < 10) // the eleventh is no better than the ten there are
	}
	good := person(0, 1, 16*sec, sec)[0]
	add(good, 0.9, true)
	if tmpl, _ := e.Template(); tmpl.Best != 16*sec || tmpl.Frames != 10 {
		t.Errorf("template %d frames, the best at %v", tmpl.Frames, tmpl.Best)
	}
	add(person(1, 1, 17*sec, sec)[0], 1, false)
	add(person(0, 1, 10*60*sec, sec)[0], 0.3, false) // ten minutes away are no face time
	if !e.Open() {
		t.Error("time without a face was counted")
	}
	for _, s := range person(0, 20, 11*60*sec, 2*sec) {
		s.Score = 0.1
		e.Add(s)
	}
	add(person(0, 1, 12*60*sec, sec)[0], 1, false)
	if e.Open() {
		t.Error("the template may still change after a minute of face time")
	}
}

func TestPartLikeness(t *testing.T) {
	sample := func(eyes, mouth Vector) Sample { return Sample{Vector: unit(1), Eyes: eyes, Mouth: mouth} }
	tmpl := TemplateOf([]Sample{sample(unit(1), unit(0, 1)), {Vector: unit(1)}, sample(unit(1), unit(0, 1))})
	for _, c := range []struct {
		name    string
		samples []Sample
		want    float64
	}{
		{"the same", []Sample{sample(unit(1), unit(0, 1))}, 1},
		{"the mouth is covered", []Sample{sample(unit(1), unit(0, 0, 1))}, 1},
		{"the eyes are covered", []Sample{sample(unit(0, 0, 1), unit(0, 1))}, 1},
		{"somebody else", []Sample{sample(unit(0, 1), unit(1))}, 0},
		{"not computed", []Sample{{Vector: unit(1)}}, 0},
		{"half of them", []Sample{sample(unit(1), unit(0, 0, 1)), sample(unit(0, 0, 1), unit(0, 0, 1))}, math.Sqrt2 / 2},
	} {
		if got := tmpl.PartLikeness(c.samples); !near(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := fmt.Sprint(TemplateOf([]Sample{{Vector: unit(1)}}).PartLikeness([]Sample{sample(unit(1), unit(1))})); got != "0" {
		t.Errorf("a template without parts: %s", got)
	}
}
