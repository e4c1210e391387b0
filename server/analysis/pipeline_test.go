package analysis

import (
	"image"
	"reflect"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/face"
)

// scripted stands in for the face models: it searches every 500 ms and always
// sees the same.
type scripted struct {
	next   time.Duration
	main   *vision.Face
	resets int
}

func (s *scripted) Process(f *vision.Frame) (face.Result, bool, error) {
	if f.At < s.next {
		return face.Result{}, false, nil
	}
	s.next = f.At.Truncate(500*time.Millisecond) + 500*time.Millisecond
	return face.Result{At: f.At, Main: s.main, Searched: true}, true, nil
}

func (s *scripted) Reset() { s.resets++ }

// rig is a pipeline whose output is kept.
type rig struct {
	*Pipeline
	t        *testing.T
	tracker  *scripted
	findings map[string]evidence.Finding
	coverage []evidence.Coverage
	n        int
}

func newRig(t *testing.T, gate Gate) *rig {
	t.Helper()
	r := &rig{t: t, findings: map[string]evidence.Finding{}, tracker: &scripted{main: &vision.Face{
		IOD: 60, Presence: 1, Landmarks: make([]vision.Point3, vision.LandmarkCount), Quality: vision.Quality{Score: 1},
	}}}
	p, err := NewPipeline(Config{Detectors: testDetectors()}, r.tracker, evidence.Subject{Run: "test"}, gate, 0, Emit{
		Finding:  func(f evidence.Finding) { r.findings[f.ID] = f },
		Coverage: func(c []evidence.Coverage) { r.coverage = append(r.coverage, c...) },
		Still:    func(evidence.Still, []byte) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Pipeline = p
	return r
}

// picture gives a small picture that differs from the one before.
func (r *rig) picture(at time.Duration) *vision.Frame {
	m := image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420)
	r.n++
	for i := range m.Y {
		m.Y[i] = uint8(60 + (i*7+r.n*31)%100)
	}
	return &vision.Frame{Image: m, At: at}
}

// frames feeds pictures at a rate in [from, to).
func (r *rig) frames(from, to, every time.Duration) {
	r.t.Helper()
	for at := from; at < to; at += every {
		if err := r.Frame(r.picture(at)); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) list() []evidence.Finding {
	var out []evidence.Finding
	for _, f := range r.findings {
		out = append(out, f)
	}
	return out
}

const sec = time.Second

// ms is the usual distance of pictures in these tests.
const step = 100 * time.Millisecond

func TestPipelineSilence(t *testing.T) {
	off := []truth{{evidence.CameraOff, 2 * sec, 6 * sec}}
	sound := func(r *rig, from, to time.Duration) {
		for at := from; at < to; at += 200 * time.Millisecond {
			r.must(r.Advance(at - lag))
			r.Sound(at)
		}
	}
	for name, c := range map[string]struct {
		during func(*rig) // from 2 s to 6 s, without pictures
		want   []truth
		camera string // coverage of camera.off at 4 s
		face   string // of face.absent
	}{
		"nothing comes": {func(*rig) {}, off, "measured", "not_measurable/camera_off"},
		"muted": {func(r *rig) {
			r.must(r.SetMuted(true, 2*sec))
			r.frames(3*sec, 5*sec, step) // what is sent all the same is not looked at
			r.must(r.SetMuted(false, 6*sec))
		}, off, "measured", "not_measurable/camera_off"},
		"the sound goes on":      {func(r *rig) { sound(r, 0, 6*sec) }, off, "measured", "not_measurable/camera_off"},
		"the sound stops too":    {func(r *rig) { r.Sound(2 * sec) }, nil, "not_measurable/packet_loss", "not_measurable/packet_loss"},
		"the microphone was off": {func(r *rig) { r.Sound(2 * sec); r.SoundEnds() }, off, "measured", "not_measurable/camera_off"},
		"packets come, no picture": {func(r *rig) {
			for at := 2 * sec; at < 6*sec; at += step {
				r.Packet(at)
				r.must(r.Advance(at))
			}
		}, nil, "not_measurable/packet_loss", "not_measurable/packet_loss"},
		"away": {func(r *rig) {
			r.must(r.SetConnected(false, 2*sec))
			r.must(r.SetConnected(true, 6*sec))
		}, nil, "not_measurable/disconnected", "not_measurable/disconnected"},
		"our queue was full": {func(r *rig) {
			for at := 2 * sec; at < 6*sec; at += step {
				r.PacketsDropped(3, at)
				r.must(r.Advance(at))
			}
		}, nil, "not_measurable/overload", "not_measurable/overload"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Gate{})
			r.frames(0, 2*sec, step)
			c.during(r)
			r.frames(6*sec, 8*sec, step)
			r.must(r.Finish(8 * sec))
			checkFindings(t, r.list(), c.want, 700*time.Millisecond)
			checkCoverage(t, r.coverage, r.cfg.Kinds(), 0, 8000)
			if s := stateAt(r.coverage, evidence.CameraOff, 4*sec); s != c.camera {
				t.Errorf("camera.off is %s, want %s", s, c.camera)
			}
			if s := stateAt(r.coverage, evidence.FaceAbsent, 4*sec); s != c.face {
				t.Errorf("face.absent is %s, want %s", s, c.face)
			}
		})
	}
}

func TestPipelineOverload(t *testing.T) {
	r := newRig(t, Gate{})
	r.frames(0, 2*sec, step)
	for at := 2 * sec; at < 5*sec; at += step {
		r.Dropped(at)
		r.must(r.Advance(at - lag))
	}
	r.frames(5*sec, 7*sec, step)
	if err := r.Frame(r.picture(4 * sec)); err != nil {
		t.Fatal(err)
	}
	r.must(r.Finish(7 * sec))
	checkFindings(t, r.list(), nil, 0)
	checkCoverage(t, r.coverage, r.cfg.Kinds(), 0, 7000)
	for at, want := range map[time.Duration]string{1 * sec: "measured", 4 * sec: "not_measurable/overload", 6 * sec: "measured"} {
		if s := stateAt(r.coverage, evidence.FaceAbsent, at); s != want {
			t.Errorf("at %v face.absent is %s, want %s", at, s, want)
		}
	}
	if s := r.Stats(); s.Late != 1 || s.Pictures != 40 || s.Dropped < 20 {
		t.Errorf("stats %+v, want 1 late, 40 pictures and the measurements of 3 s dropped", s)
	}
}

func TestPipelineSlowCamera(t *testing.T) {
	r := newRig(t, Gate{})
	r.frames(0, 20*sec, 900*time.Millisecond)
	r.must(r.Finish(20 * sec))
	checkFindings(t, r.list(), nil, 0)
	for _, c := range r.coverage {
		if c.State != evidence.Measured && c.Reason != evidence.ReasonNotAvailable { // scripted compares no faces
			t.Errorf("coverage %+v of a camera with about one picture a second", c)
		}
	}
}

func TestPipelineDamage(t *testing.T) {
	r := newRig(t, Gate{})
	r.frames(0, 2*sec, step)
	r.tracker.main = nil // a damaged picture hides the face
	for at := 2 * sec; at < 6*sec; at += step {
		f := r.picture(at)
		f.Damaged = true
		r.must(r.Frame(f))
	}
	r.tracker.main = newRig(t, Gate{}).tracker.main
	r.frames(6*sec, 8*sec, step)
	r.must(r.Finish(8 * sec))
	checkFindings(t, r.list(), nil, 0)
	for _, k := range []evidence.Kind{evidence.FaceAbsent, evidence.FaceTooSmall, evidence.MediaFrozen} {
		if s := stateAt(r.coverage, k, 4*sec); s != "not_measurable/damaged" {
			t.Errorf("%s is %s", k, s)
		}
	}
}

// Without consent no face is looked for.
func TestPipelineGate(t *testing.T) {
	g := Gate{Off: map[evidence.Kind]evidence.Reason{}}
	for _, k := range []evidence.Kind{evidence.FaceAbsent, evidence.FaceMultiple, evidence.FaceTooSmall, evidence.IdentityMismatch, evidence.IdentityChanged} {
		g.Off[k] = evidence.ReasonNoConsent
	}
	r := newRig(t, g)
	r.frames(0, 100*sec, step)
	if r.tracker.next != 0 || r.Stats().Searched != 0 {
		t.Error("faces were looked for without consent")
	}
	r.must(r.SetGate(Gate{}, 100*sec))
	r.frames(100*sec, 102*sec, step)
	r.must(r.Finish(102 * sec))
	if r.Stats().Searched == 0 {
		t.Error("faces were not looked for with consent")
	}
	checkCoverage(t, r.coverage, r.cfg.Kinds(), 0, 102_000)
	for _, c := range r.coverage {
		if c.EndMS-c.StartMS > 61_000 {
			t.Errorf("coverage %+v is longer than a minute", c)
		}
	}
}

func TestFaceReadings(t *testing.T) {
	at := func(iod, yaw float64) *vision.Face {
		return &vision.Face{IOD: iod, Pose: vision.Pose{Yaw: yaw}, Presence: 1, Landmarks: make([]vision.Point3, 1)}
	}
	for _, c := range []struct {
		name   string
		in     FaceReading
		absent any // value, reason, or nil for none
		number any
		size   any
	}{
		{"nothing found", FaceReading{Detected: true}, 1.0, 0.0, evidence.ReasonNoFace},
		{"one face", FaceReading{Detected: true, Faces: make([]vision.Face, 1), Main: at(50, 0)}, 0.0, 1.0, 50.0},
		{"three faces and a doubtful one", FaceReading{
			Detected: true, Faces: []vision.Face{{Score: 0.7}, {Score: 0.9}, {Score: 0.8}, {Score: 0.79}}, Main: at(50, 0),
		}, 0.0, 3.0, 50.0},
		{"followed", FaceReading{Main: at(30, 0)}, nil, nil, 30.0},
		{"followed and lost", FaceReading{}, nil, nil, nil},
		{"turned by 60 degrees", FaceReading{Main: at(25, -59.999999)}, nil, nil, 50.0},
		{"turned further", FaceReading{Main: at(25, 75)}, nil, nil, evidence.ReasonNoFace},
		{"not confirmed", FaceReading{Detected: true, Faces: make([]vision.Face, 1), Main: &vision.Face{}}, 0.0, 1.0, evidence.ReasonNoFace},
		{"dark", FaceReading{Detected: true, Reason: evidence.ReasonDark}, evidence.ReasonDark, evidence.ReasonDark, evidence.ReasonDark},
	} {
		check := func(d Detector[FaceReading], want any) {
			t.Helper()
			os, err := d.Detect(c.in)
			if err != nil {
				t.Fatal(err)
			}
			var got any
			if len(os) == 1 && os[0].Reason != "" {
				got = os[0].Reason
			} else if len(os) == 1 {
				got = float64(int(os[0].Value*1000+0.5)) / 1000
			}
			if got != want {
				t.Errorf("%s: %T reads %v, want %v", c.name, d, got, want)
			}
		}
		check(faceAbsent{}, c.absent)
		check(&faceMultiple{cfg: FaceMultipleConfig{MinScore: 0.8, CloserEvery: -1}}, c.number)
		check(faceTooSmall{}, c.size)
	}
}

func TestConfigIsChecked(t *testing.T) {
	bad := FaceAbsent(FaceAbsentConfig{})
	bad.Faces = nil
	for field, c := range map[string]Config{
		"Detectors":      {},
		"face-absent":    {Detectors: []Descriptor{bad}},
		"LandmarksEvery": {Detectors: testDetectors(), LandmarksEvery: sec, DetectEvery: sec / 2},
		"DetectEvery":    {Detectors: testDetectors(), DetectEvery: 3 * sec},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: error %v does not name it", field, err)
		}
	}
	c := Config{Detectors: testDetectors()}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	want := []evidence.Kind{evidence.FaceAbsent, evidence.FaceMultiple, evidence.FaceTooSmall,
		evidence.IdentityMismatch, evidence.IdentityChanged, evidence.CameraOff, evidence.MediaFrozen}
	if !reflect.DeepEqual(c.Kinds(), want) {
		t.Errorf("kinds %v", c.Kinds())
	}
}

// A machine that is too slow reads less often, and the coverage says how often.
func TestCoverageSaysThatItIsSlow(t *testing.T) {
	r := newRig(t, Gate{})
	const drops = 12 * time.Second
	for at := time.Duration(0); at < 40*time.Second; at += 100 * time.Millisecond {
		if at < drops && at%(500*time.Millisecond) != 0 {
			r.Dropped(at)
			continue
		}
		r.must(r.Frame(r.picture(at)))
	}
	r.must(r.Finish(40 * time.Second))
	for _, kind := range []evidence.Kind{evidence.FaceAbsent, evidence.CameraOff} {
		slowed, at := int64(0), int64(0)
		for _, c := range r.coverage {
			if c.Kind != kind {
				continue
			}
			if c.StartMS != at {
				t.Errorf("%+v does not begin at %d", c, at)
			}
			at = c.EndMS
			if c.SlowedTo > 0 {
				slowed += c.EndMS - c.StartMS
				if c.SlowedTo < 1.8 || c.SlowedTo > 2.5 { // the tracker of these tests searches twice a second
					t.Errorf("%+v, want about 2 readings a second", c)
				}
			}
		}
		switch {
		case kind == evidence.CameraOff && slowed > 0:
			t.Errorf("%s does not look at faces, and was slowed for %d ms", kind, slowed)
		case kind == evidence.FaceAbsent && (slowed < 25_000 || slowed > 31_000):
			t.Errorf("%s was slowed for %d ms, want about 30 s", kind, slowed)
		}
	}
}
