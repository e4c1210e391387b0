package analysis

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/identity"
)

// TestWhoIsMeantAtATime has a time given at which looks differ.
func TestWhoIsMeantAtATime(t *testing.T) {
	const sec = time.Second
	one, other := axis(0, 0), axis(1, 0)
	look := func(at time.Duration, largest bool, v ...identity.Vector) (l seenFaces) {
		for _, v := range v {
			l.faces = append(l.faces, seenFace{vector: v})
		}
		l.at, l.largest, l.count = at, largest, 2
		return l
	}
	for _, c := range []struct {
		name  string
		looks []seenFaces
		want  identity.Vector // nil: nobody
	}{
		{"the largest could not be recognised, a smaller one could", []seenFaces{look(sec, false, other), look(2*sec, false, other), look(9*sec, true, one)}, one},
		{"never", []seenFaces{look(sec, false, other)}, nil},
		{"most often", []seenFaces{look(sec, true, one), look(2*sec, true, one), look(5*sec, true, other)}, one},
		{"equally often: nearer to the time", []seenFaces{look(sec, true, one, other), look(6*sec, true, other, one)}, other},
	} {
		got, err := whoIsMeant([]seenShot{{0, 10 * sec, c.looks}}, 5*sec)
		if (c.want == nil) != (err != nil) || c.want != nil && identity.Cosine(got, c.want) < 0.999 {
			t.Errorf("%s: %.2f like the one, %.2f like the other, error %v", c.name, identity.Cosine(got, one), identity.Cosine(got, other), err)
		}
	}
	faded := []seenShot{{0, 4 * sec, []seenFaces{look(sec, true, one)}}, {4500 * time.Millisecond, 9 * sec, []seenFaces{look(5*sec, true, one)}}}
	for at, why := range map[time.Duration]string{4200 * time.Millisecond: "fades into the next, from 4s to 4.5s", 9 * sec: "its pictures end at 9s"} {
		if _, err := whoIsMeant(faded, at); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("at %v: error %v, want one that says %q", at, err, why)
		}
	}
}

// TestSeats has somebody among several people who moves a little, and then sits
// at another place.
func TestSeats(t *testing.T) {
	const sec = time.Second
	one, other := axis(0, 0), axis(1, 0)
	look := func(at time.Duration, x float64) seenFaces {
		return seenFaces{at: at, count: 2, largest: true, faces: []seenFace{
			{one, vision.Rect{X0: x, X1: x + 0.1, Y1: 0.2}}, {other, vision.Rect{X0: 0.4, X1: 0.5, Y1: 0.2}},
		}}
	}
	shots := shotsOf([]seenShot{{sec, 60 * sec, []seenFaces{look(2*sec, 0.1), look(3*sec, 0.16), look(11*sec, 0.8), look(31*sec, 0.8)}}}, one)
	if len(shots) != 1 || len(shots[0].seats) != 2 {
		t.Fatalf("%+v, want two places", shots)
	}
	a, b := shots[0].seats[0], shots[0].seats[1]
	if a.from != sec || a.to != 3*sec || math.Abs(a.near.X0-0.13) > 1e-9 || b.from != 11*sec || b.to != 60*sec || math.Abs(b.near.X0-0.8) > 1e-9 {
		t.Errorf("places %+v", shots[0].seats)
	}
	for n, want := range map[int]time.Duration{0: 300 * time.Millisecond, 6: 30 * sec, 7: 60 * sec, 479: 4*time.Hour - 3*time.Minute} {
		if got := lookDue(n); got != want {
			t.Errorf("look %d after %v, want %v", n, got, want)
		}
	}
}

// TestFacesElsewhere has people in the picture, none of whom is where the
// participant was: nobody knows whether they left or sit at another place.
func TestFacesElsewhere(t *testing.T) {
	acts := []act{{until: 10 * sec, who: personA}, {until: 20 * sec, who: elsewhere}, {until: 30 * sec, who: personA}}
	r := &rig{t: t, findings: map[string]evidence.Finding{}}
	cfg := Config{Detectors: []Descriptor{Identity(IdentityConfig{}), FaceAbsent(FaceAbsentConfig{}), FaceMultiple(FaceMultipleConfig{}),
		FaceTooSmall(FaceTooSmallConfig{}), MediaFrozen(MediaFrozenConfig{})}}
	var err error
	r.Pipeline, err = NewPipeline(cfg, &cast{acts: acts, r: rand.New(rand.NewPCG(1, 2))}, evidence.Subject{Run: "test"}, Gate{}, 0, Emit{
		Finding:  func(f evidence.Finding) { r.findings[f.ID] = f },
		Coverage: func(c []evidence.Coverage) { r.coverage = append(r.coverage, c...) },
		Still:    func(evidence.Still, []byte) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.frames(0, 30*sec, step)
	r.must(r.Finish(30 * sec))
	checkFindings(t, r.list(), nil, 0)
	for _, k := range cfg.Kinds() {
		for at, want := range map[time.Duration]string{8 * sec: "measured", 15 * sec: "not_measurable/unclear", 28 * sec: "measured"} {
			if got := stateAt(r.coverage, k, at); got != want {
				t.Errorf("%s at %v is %s, want %s", k, at, got, want)
			}
		}
	}
}

// TestFadeAtTheEnd has a file end within a fade.
func TestFadeAtTheEnd(t *testing.T) {
	const step = 100 * time.Millisecond
	f := shotFinder{seen: []seenShot{{}}}
	for i := range 24 {
		if from, to, ok := f.cuts.add(plain(90+10*max(min(i-20, 4), 0), 30), time.Duration(i)*step); ok {
			f.seen = cutShot(f.seen, from, to)
		}
	}
	f.end(24 * step)
	if len(f.seen) != 2 || f.seen[1].from != 24*step || f.seen[1].to != 24*step || f.seen[0].to > f.seen[1].from {
		t.Errorf("shots %+v, want a second one that begins and ends with the file", f.seen)
	}
}
