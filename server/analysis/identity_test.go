package analysis

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/face"
	"bonafide/vision/identity"
)

// who is somebody whose embeddings a cast makes.
type who int

const (
	nobody    who = iota
	personA       // the first
	personB       // unlike A
	personC       // unlike both
	cousinA       // somewhat like A: cosine 0.45
	noise         // another vector every time
	maskedA       // A with a mask: only the eyes agree
	elsewhere     // people, none of them where the main one is to be
)

// act is what a cast shows until a time.
type act struct {
	until time.Duration
	who   who
	face  func(*vision.Face) // changes the face, may be nil
	more  int                // further faces at every second search
	dark  bool
}

// cast stands in for the face models: it finds faces as a script says, follows
// them ten times a second, and makes embeddings with some noise.
type cast struct {
	acts               []act
	nextFind, nextMark time.Duration
	searches, embedded int
	r                  *rand.Rand
}

func (c *cast) act(at time.Duration) act {
	for _, a := range c.acts {
		if at < a.until {
			return a
		}
	}
	return act{}
}

func (c *cast) Process(f *vision.Frame) (face.Result, bool, error) {
	if f.At < c.nextMark {
		return face.Result{}, false, nil
	}
	c.nextMark = f.At.Truncate(step) + step
	a := c.act(f.At)
	r := face.Result{At: f.At}
	shown := a.who != nobody && a.who != elsewhere
	if f.At >= c.nextFind || !shown {
		c.nextFind = f.At.Truncate(500*time.Millisecond) + 500*time.Millisecond
		r.Searched, r.TooDark, r.Elsewhere = true, a.dark, a.who == elsewhere
		if c.searches++; c.searches%2 == 0 {
			r.Others = make([]vision.Face, a.more)
		}
	}
	if shown {
		r.Main = &vision.Face{
			IOD: 60, Presence: 1, Sharpness: 100, Brightness: 120, Landmarks: make([]vision.Point3, vision.LandmarkCount),
			Quality: vision.Quality{Score: 0.9},
		}
		if a.face != nil {
			a.face(r.Main)
		}
	}
	return r, true, nil
}

func (c *cast) Reset() {}

// Embed gives orthogonal vectors for different people, with noise that leaves
// two pictures of one person at a cosine of about 0.8.
func (c *cast) Embed(f *vision.Frame, _ *vision.Face, part identity.Part) (identity.Embedding, error) {
	c.embedded++
	v := make(identity.Vector, identity.Size)
	w := c.act(f.At).who
	switch {
	case w == noise:
	case w == cousinA:
		v[personA], v[personC] = 0.53, 0.848 // less the noise, 0.45 and so on
	case w == maskedA && part == identity.Eyes:
		v[personA] = 1
	default:
		v[w] = 1
	}
	var sum float64
	for i := range v {
		v[i] += float32(c.r.NormFloat64() * 0.5 / math.Sqrt(identity.Size))
		sum += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return identity.Embedding{Vector: v, Norm: 4}, nil
}

// castRig is a pipeline with a cast, and the pictures that it kept.
func castRig(t *testing.T, acts []act, gate Gate) (*rig, *cast) {
	t.Helper()
	c := &cast{acts: acts, r: rand.New(rand.NewPCG(1, 2))}
	r := &rig{t: t, findings: map[string]evidence.Finding{}}
	p, err := NewPipeline(Config{Detectors: []Descriptor{Identity(IdentityConfig{})}}, c, evidence.Subject{Run: "test"}, gate, 0, Emit{
		Finding:  func(f evidence.Finding) { r.findings[f.ID] = f },
		Coverage: func(c []evidence.Coverage) { r.coverage = append(r.coverage, c...) },
		Still:    func(evidence.Still, []byte) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Pipeline = p
	return r, c
}

func turned(f *vision.Face)  { f.Pose.Yaw = 60 }
func raised(f *vision.Face)  { f.Pose.Pitch = 40 }
func blurred(f *vision.Face) { f.Sharpness = 1 }
func shaded(f *vision.Face)  { f.Brightness = 10 }
func glaring(f *vision.Face) { f.Brightness = 250 }
func small(f *vision.Face)   { f.IOD = 20 }
func cutOff(f *vision.Face)  { f.Quality.Reasons = []vision.Reason{vision.ReasonCut} }
func unclear(f *vision.Face) { f.Presence = 0.6 }

func TestIdentity(t *testing.T) {
	mismatch := func(from, to int) truth {
		return truth{evidence.IdentityMismatch, time.Duration(from) * sec, time.Duration(to) * sec}
	}
	changed := func(at int) truth {
		return truth{evidence.IdentityChanged, time.Duration(at) * sec, time.Duration(at)*sec + 2500*time.Millisecond}
	}
	hidden := func(face func(*vision.Face)) []act { // somebody else, not to be told from A
		return []act{{20 * sec, personA, nil, 0, false}, {30 * sec, personB, face, 0, false}, {40 * sec, personA, nil, 0, false}}
	}
	for _, c := range []struct {
		name  string
		acts  []act
		every time.Duration
		want  []truth
		state string // of identity.mismatch at 25 s
	}{
		{"one person", []act{{40 * sec, personA, nil, 0, false}}, step, nil, "measured"},
		{"another from 20 s on", []act{{20 * sec, personA, nil, 0, false}, {40 * sec, personB, nil, 0, false}}, step,
			[]truth{mismatch(20, 40), changed(20)}, "measured"},
		{"after an absence", []act{{15 * sec, personA, nil, 0, false}, {22 * sec, nobody, nil, 0, false}, {40 * sec, personB, nil, 0, false}}, step,
			[]truth{mismatch(22, 40), changed(22)}, "measured"},
		{"for a while", []act{{20 * sec, personA, nil, 0, false}, {30 * sec, personB, nil, 0, false}, {40 * sec, personA, nil, 0, false}}, step,
			[]truth{mismatch(20, 30), changed(20), changed(30)}, "measured"},
		{"a third", []act{{14 * sec, personA, nil, 0, false}, {27 * sec, personB, nil, 0, false}, {40 * sec, personC, nil, 0, false}}, step,
			[]truth{mismatch(14, 40), changed(14), changed(27)}, "measured"},
		{"at a picture each 0.9 s", []act{{20 * sec, personA, nil, 0, false}, {40 * sec, personB, nil, 0, false}}, 900 * time.Millisecond,
			[]truth{mismatch(20, 40), {evidence.IdentityChanged, 21 * sec, 25 * sec}}, "measured"},
		{"back after an absence", []act{{15 * sec, personA, nil, 0, false}, {30 * sec, nobody, nil, 0, false}, {40 * sec, personA, nil, 0, false}}, step,
			nil, "not_measurable/no_face"},
		{"dark between", []act{{15 * sec, personA, nil, 0, false}, {30 * sec, nobody, nil, 0, true}, {40 * sec, personA, nil, 0, false}}, step,
			nil, "not_measurable/dark"},
		{"too short to be sure", []act{{20 * sec, personA, nil, 0, false}, {21 * sec, personB, nil, 0, false}, {40 * sec, personA, nil, 0, false}}, step, nil, "measured"},
		{"somewhat alike", []act{{20 * sec, personA, nil, 0, false}, {40 * sec, cousinA, nil, 0, false}}, step, nil, "measured"},
		{"contradicting", []act{{18 * sec, personA, nil, 0, false}, {30 * sec, noise, nil, 0, false}, {40 * sec, personA, nil, 0, false}}, step, nil, "not_measurable/unsteady"},
		{"masked", []act{{18 * sec, personA, nil, 0, false}, {40 * sec, maskedA, nil, 0, false}}, step, nil, "not_measurable/face_covered"},
		{"enrolled is who stays", []act{{3 * sec, personA, nil, 0, false}, {40 * sec, personB, nil, 0, false}}, step, nil, "measured"},
		{"never for long enough", []act{{4 * sec, personA, nil, 0, false}, {8 * sec, personB, nil, 0, false}, {12 * sec, personC, nil, 0, false},
			{40 * sec, noise, nil, 0, false}}, step, nil, "not_measurable/no_baseline"},
		{"others come and go", []act{{10 * sec, personA, nil, 0, false}, {40 * sec, personA, nil, 2, false}}, step, nil, "measured"},
		{"turned", hidden(turned), step, nil, "not_measurable/face_turned"},
		{"looking up", hidden(raised), step, nil, "not_measurable/face_turned"},
		{"blurred", hidden(blurred), step, nil, "not_measurable/blur"},
		{"shaded", hidden(shaded), step, nil, "not_measurable/dark"},
		{"glaring", hidden(glaring), step, nil, "not_measurable/bright"},
		{"small", hidden(small), step, nil, "not_measurable/face_small"},
		{"cut off", hidden(cutOff), step, nil, "not_measurable/face_cut"},
		{"unclear", hidden(unclear), step, nil, "not_measurable/face_covered"},
		{"poor from the beginning", []act{{40 * sec, personA, blurred, 0, false}}, step, nil, "not_measurable/no_baseline"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := castRig(t, c.acts, Gate{})
			r.frames(0, 40*sec, c.every)
			r.must(r.Finish(40 * sec))
			checkFindings(t, r.list(), c.want, 2*sec)
			checkCoverage(t, r.coverage, r.cfg.Kinds(), 0, 40_000)
			if s := stateAt(r.coverage, evidence.IdentityMismatch, 25*sec); s != c.state {
				t.Errorf("identity.mismatch is %s at 25 s, want %s", s, c.state)
			}
			if s := stateAt(r.coverage, evidence.IdentityMismatch, 2*sec); s != "not_measurable/no_baseline" {
				t.Errorf("identity.mismatch is %s at 2 s", s)
			}
			for _, cov := range r.coverage {
				if cov.Reason == evidence.ReasonLoss {
					t.Errorf("no packet was lost, yet %+v", cov)
				}
			}
		})
	}
}

// What a finding rests on is said with it.
func TestIdentityTestimony(t *testing.T) {
	acts := []act{{20 * sec, personA, nil, 0, false}, {40 * sec, personB, nil, 0, false}}
	r, c := castRig(t, acts, Gate{})
	r.frames(0, 40*sec, step)
	r.must(r.Finish(40 * sec))
	if len(r.findings) != 2 {
		t.Fatalf("%d findings", len(r.findings))
	}
	values := func(f evidence.Finding) map[string]float64 {
		out := map[string]float64{}
		for _, v := range f.Values {
			out[v.Name] = v.Value
		}
		return out
	}
	for _, f := range r.findings {
		v := values(f)
		if len(f.Stills) != 2 || f.Stills[0].AtMS >= 20_000 || f.Stills[1].AtMS < 20_000 {
			t.Errorf("%s: stills %+v, want one of before 20 s, one of after", f.Kind, f.Stills)
		}
		if f.Values[0].Threshold != 0.40 || f.Values[0].Compare != "<=" || f.Values[0].Unit != "cosine similarity" || v[f.Values[0].Name] > 0.3 {
			t.Errorf("%s: %+v", f.Kind, f.Values[0])
		}
		if f.Severity != evidence.SeverityAttention || math.Abs(f.Quality-0.9) > 1e-9 {
			t.Errorf("%s: severity %s, quality %v", f.Kind, f.Severity, f.Quality)
		}
		switch f.Kind {
		case evidence.IdentityMismatch:
			if v["pictures compared"] < 10 || v["enrolled from pictures"] != 10 || v["enrolled until"] >= 20 || v["faces in view (max)"] != 1 {
				t.Errorf("mismatch: %v", v)
			}
		case evidence.IdentityChanged:
			if v["pictures compared"] < 5 || v["last seen before"] >= 20 || v["last seen before"] < 17.9 || v["first seen after"] < 20 || v["first seen after"] > 22 {
				t.Errorf("change: %v", v)
			}
		}
	}
	if c.embedded > 95 {
		t.Errorf("%d embeddings in 40 s", c.embedded)
	}
}

// The still of the enrolled face shows who was enrolled, also where somebody
// better to be seen came before; and the numbers stay right after the end.
func TestIdentityShowsWhoWasEnrolled(t *testing.T) {
	sharp := func(f *vision.Face) { f.IOD = 80 }
	r, _ := castRig(t, []act{{4 * sec, personA, sharp, 0, false}, {20 * sec, personB, nil, 0, false}, {30 * sec, personC, sharp, 0, false},
		{40 * sec, personB, nil, 0, false}}, Gate{})
	r.frames(0, 40*sec, step)
	r.must(r.Finish(40 * sec))
	checkFindings(t, r.list(), []truth{{evidence.IdentityMismatch, 20 * sec, 30 * sec},
		{evidence.IdentityChanged, 20 * sec, 22500 * time.Millisecond}, {evidence.IdentityChanged, 30 * sec, 32500 * time.Millisecond}}, 2*sec)
	for _, f := range r.list() {
		if f.Kind != evidence.IdentityMismatch {
			continue
		}
		if len(f.Stills) != 2 || f.Stills[0].AtMS < 4000 || f.Stills[0].AtMS >= 20_000 || f.Stills[1].AtMS < 20_000 {
			t.Errorf("stills %+v", f.Stills)
		}
		for _, v := range f.Values {
			if v.Name == "pictures compared" && v.Value < 6 {
				t.Errorf("%v pictures compared", v.Value)
			}
		}
	}
}

// Without consent nothing is embedded; withdrawing it drops the template, and
// no picture is kept where none may be.
func TestIdentityGate(t *testing.T) {
	off := Gate{Off: map[evidence.Kind]evidence.Reason{
		evidence.IdentityMismatch: evidence.ReasonNoConsent, evidence.IdentityChanged: evidence.ReasonNoConsent,
	}}
	acts := []act{{30 * sec, personA, nil, 0, false}, {60 * sec, personB, nil, 0, false}, {80 * sec, personC, nil, 0, false}}
	r, c := castRig(t, acts, off)
	r.frames(0, 10*sec, step)
	if c.embedded != 0 {
		t.Error("faces were compared without consent")
	}
	r.must(r.SetGate(Gate{}, 10*sec))
	r.frames(10*sec, 29*sec, step)
	r.must(r.SetGate(off, 29*sec))
	d := r.faces[0].(*identityDetector)
	if _, ok := d.enrol.Template(); ok || d.enrolled != nil || d.run != nil || d.before.picture != nil || d.best.picture != nil {
		t.Error("the template outlived the consent")
	}
	r.must(r.SetGate(Gate{}, 35*sec))
	r.frames(35*sec, 55*sec, step) // B is who is enrolled now
	checkFindings(t, r.list(), nil, 0)
	r.must(r.SetGate(Gate{NoStills: true}, 55*sec))
	if d.enrolled != nil || d.before.picture != nil || d.best.picture != nil {
		t.Error("pictures outlived the consent to recording")
	}
	r.frames(55*sec, 80*sec, step)
	r.must(r.Finish(80 * sec))
	checkFindings(t, r.list(), []truth{{evidence.IdentityMismatch, 60 * sec, 80 * sec}, {evidence.IdentityChanged, 60 * sec, 62500 * time.Millisecond}}, 2*sec)
	for _, f := range r.list() {
		if len(f.Stills) != 0 {
			t.Errorf("%s has stills", f.Kind)
		}
	}
}

// A pipeline that begins anew, as after a crash, enrols whom it sees then.
func TestIdentityBeginsAnew(t *testing.T) {
	acts := []act{{20 * sec, personA, nil, 0, false}, {60 * sec, personB, nil, 0, false}}
	r, _ := castRig(t, acts, Gate{})
	r.frames(21*sec, 60*sec, step)
	r.must(r.Finish(60 * sec))
	checkFindings(t, r.list(), nil, 0)
	if s := stateAt(r.coverage, evidence.IdentityMismatch, 23*sec); s != "not_measurable/no_baseline" {
		t.Errorf("identity.mismatch is %s", s)
	}
}

// Only a detector that compares faces names the model for it.
func TestModelsOfADetector(t *testing.T) {
	all := []evidence.ModelRef{{Name: "fr_detect"}, {Name: "fr_feature"}}
	for _, c := range []struct {
		d    Descriptor
		want []evidence.ModelRef
	}{
		{Identity(IdentityConfig{}), all}, {FaceAbsent(FaceAbsentConfig{}), all[:1]}, {CameraOff(CameraOffConfig{}), nil},
	} {
		if got := modelsOf(c.d, all); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.d.Name, got, c.want)
		}
	}
}

// The size of the picture changing is a reason to look at once.
func TestIdentityLooksAtOnce(t *testing.T) {
	d := Identity(IdentityConfig{}).Faces().(*identityDetector)
	in := FaceReading{Main: &vision.Face{}, Width: 640, Height: 480, Detected: true, Faces: make([]vision.Face, 1)}
	d.watch(in, 0)
	for name, change := range map[string]func(){
		"size":    func() { in.Width = 320 },
		"number":  func() { in.Faces = make([]vision.Face, 2) },
		"absence": func() { d.lost(sec); d.next = 5 * sec },
	} {
		d.next, d.again = 5*sec, 0
		d.watch(in, sec)
		if d.next != 5*sec {
			t.Errorf("%s: a comparison is due though nothing changed", name)
		}
		change()
		if d.watch(in, sec); d.next != sec || d.again == 0 {
			t.Errorf("%s: no comparison is due", name)
		}
	}
}
