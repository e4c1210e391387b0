package face

import (
	"image"
	"math"
	"testing"
	"time"

	"bonafide/vision"
)

// head is the person's head alone, to be pasted; its size is 130×135 pixels at
// shrink 4.
func head(t testing.TB, shrink int) *image.RGBA {
	m := photo(t, "sample6.jpg", shrink)
	s := 2.0 / float64(shrink)
	return m.SubImage(image.Rect(int(700*s), int(70*s), int(960*s), int(340*s))).(*image.RGBA)
}

// otherHead is the woman on the left of the same photo.
func otherHead(t testing.TB, shrink int) *image.RGBA {
	m := photo(t, "sample6.jpg", shrink)
	s := 2.0 / float64(shrink)
	return m.SubImage(image.Rect(int(80*s), int(190*s), int(290*s), int(420*s))).(*image.RGBA)
}

// scene is what the camera sees: a face that stands still for 1 s, moves 120
// pixels to the right in 1 s, is joined at 3 s by a larger second one, goes
// away at 4 s, and is back at 5 s.
func scene(small, big *image.RGBA, at time.Duration) *image.RGBA {
	m := background(640, 480)
	switch {
	case at < time.Second || at >= 5*time.Second:
		return paste(m, small, 120, 150)
	case at < 2*time.Second:
		return paste(m, small, 120+int(120*(at.Seconds()-1)), 150)
	case at < 3*time.Second:
		return paste(m, small, 240, 150)
	case at < 4*time.Second:
		return paste(paste(m, small, 240, 150), big, 430, 150)
	}
	return m
}

// TestTracker plays 6 s of the scene at 15 frames per second.
func TestTracker(t *testing.T) {
	tr := NewTracker(newStage(t))
	small, big := head(t, 3), otherHead(t, 2)
	var steps, searches, held, both, gone int
	var roi vision.ROI
	var firstGone, firstBack time.Duration
	for i := range 90 {
		at := time.Duration(i) * time.Second / 15
		r, ok, err := tr.Process(vision.FromImage(scene(small, big, at), at))
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		steps++
		if r.Searched {
			searches++
		}
		visible := at < 4*time.Second || at >= 5*time.Second
		switch {
		case !visible && r.Main != nil:
			t.Errorf("%v: face %+v in an empty picture", at, r.Main.Box)
		case !visible:
			gone++
			if firstGone == 0 {
				firstGone = at
			}
			continue
		case r.Main == nil:
			if at < 5500*time.Millisecond {
				continue // the next search is due by then
			}
			t.Errorf("%v: no face", at)
			continue
		}
		if at >= 5*time.Second && firstBack == 0 {
			firstBack = at
		}
		if c := r.Main.Landmarks[vision.NoseTip].X; at > 2*time.Second && at < 4*time.Second && math.Abs(c-(240+70)) > 30 {
			t.Errorf("%v: the followed face is at x=%.0f: it jumped to the other", at, c)
		}
		if at < time.Second {
			if r.Main.ROI == roi {
				held++
			}
			roi = r.Main.ROI
		}
		if r.Searched && at >= 3*time.Second && at < 4*time.Second && len(r.Others) == 1 && r.Count() == 2 {
			both++
		}
		if r.Searched && at < 3*time.Second && len(r.Others) != 0 {
			t.Errorf("%v: others %+v", at, r.Others)
		}
	}
	t.Logf("%d steps, %d searches, region held %d times, gone at %v, back at %v", steps, searches, held, firstGone, firstBack)
	if steps < 60 || steps > 64 {
		t.Errorf("%d steps, want about 60 with a face and 2 without", steps)
	}
	if searches < 12 || searches > 14 {
		t.Errorf("%d searches in 6 s, want 12 and one where the face was lost", searches)
	}
	if held < 8 {
		t.Errorf("region held %d times of 9 on a still picture", held)
	}
	if both != 2 {
		t.Errorf("two faces in %d searches of 2", both)
	}
	if firstGone > 4100*time.Millisecond || gone != 2 {
		t.Errorf("absence seen first at %v, %d times", firstGone, gone)
	}
	if firstBack > 5500*time.Millisecond {
		t.Errorf("return seen at %v", firstBack)
	}
}

func TestTrackerSkipsDamaged(t *testing.T) {
	tr := NewTracker(newStage(t))
	f := vision.FromImage(paste(background(640, 480), head(t, 3), 120, 150), 0)
	f.Damaged = true
	if _, ok, err := tr.Process(f); ok || err != nil {
		t.Fatalf("damaged frame: %v, %v", ok, err)
	}
	good := f.Clone()
	good.Damaged, good.At = false, 33*time.Millisecond
	if r, ok, err := tr.Process(good); !ok || err != nil || r.Main == nil || !r.Searched {
		t.Fatalf("the next good frame: %+v, %v, %v", r, ok, err)
	}
	black := vision.FromImage(image.NewGray(image.Rect(0, 0, 640, 480)), 3*time.Second)
	if r, ok, err := tr.Process(black); !ok || err != nil || r.Main != nil || !r.TooDark {
		t.Fatalf("black picture: %+v, %v, %v", r, ok, err)
	}
}

func TestPace(t *testing.T) {
	for _, c := range []struct {
		fps  float64
		want int // of 100 ms periods in 10 s
	}{{30, 100}, {29.97, 100}, {15, 100}, {10, 100}, {7, 70}, {24, 100}} {
		p := pace{every: 100 * time.Millisecond}
		n := 0
		for i := range int(10 * c.fps) {
			if at := time.Duration(float64(i) / c.fps * 1e9); p.due(at) {
				p.done(at)
				n++
			}
		}
		if n < c.want-1 || n > c.want+1 {
			t.Errorf("%v frames per second: %d times in 10 s, want %d", c.fps, n, c.want)
		}
	}
}

func TestHold(t *testing.T) {
	c := Config{}.Defaults()
	old := vision.ROI{Center: vision.Point{X: 100, Y: 100}, Side: 100, Angle: 3.13}
	for name, n := range map[string]struct {
		roi  vision.ROI
		hold bool
	}{
		"small shift":        {vision.ROI{Center: vision.Point{X: 103, Y: 102}, Side: 100, Angle: 3.13}, true},
		"large shift":        {vision.ROI{Center: vision.Point{X: 105, Y: 100}, Side: 100, Angle: 3.13}, false},
		"small growth":       {vision.ROI{Center: old.Center, Side: 107, Angle: 3.13}, true},
		"large growth":       {vision.ROI{Center: old.Center, Side: 109, Angle: 3.13}, false},
		"turn":               {vision.ROI{Center: old.Center, Side: 100, Angle: 3.05}, false},
		"small turn over ±π": {vision.ROI{Center: old.Center, Side: 100, Angle: -3.13}, true},
	} {
		if got := c.hold(old, n.roi) == old; got != n.hold {
			t.Errorf("%s: held %v", name, got)
		}
	}
	if c.hold(vision.ROI{}, old) != old {
		t.Error("no region before: the new one must be taken")
	}
}

// TestPose turns the canonical face by known angles.
func TestPose(t *testing.T) {
	s := newStage(t)
	for _, want := range []vision.Pose{{}, {Yaw: 30}, {Pitch: 20}, {Roll: -40}, {Yaw: -25, Pitch: 15, Roll: 10}} {
		// Roll about z, then pitch about x, then yaw about y: turned face = Y·P·R.
		yaw, pitch, roll := want.Yaw*math.Pi/180, want.Pitch*math.Pi/180, -want.Roll*math.Pi/180
		turn := func(p vision.Point3) vision.Point3 {
			sr, cr := math.Sincos(roll)
			p = vision.Point3{X: cr*p.X - sr*p.Y, Y: sr*p.X + cr*p.Y, Z: p.Z}
			sp, cp := math.Sincos(-pitch)
			p = vision.Point3{X: p.X, Y: cp*p.Y - sp*p.Z, Z: sp*p.Y + cp*p.Z}
			sy, cy := math.Sincos(yaw)
			return vision.Point3{X: cy*p.X + sy*p.Z, Y: p.Y, Z: -sy*p.X + cy*p.Z}
		}
		landmarks := make([]vision.Point3, vision.LandmarkCount)
		for i, at := range s.head.index {
			p := turn(s.head.place[i])
			landmarks[at] = vision.Point3{X: 300 + 12*p.X, Y: 200 - 12*p.Y, Z: -12 * p.Z}
		}
		got := s.head.pose(landmarks)
		if math.Abs(got.Yaw-want.Yaw) > 1e-6 || math.Abs(got.Pitch-want.Pitch) > 1e-6 {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if want.Yaw == 0 && want.Pitch == 0 && math.Abs(got.Roll-want.Roll) > 1e-6 {
			t.Errorf("got roll %v, want %v", got.Roll, want.Roll)
		}
	}
	if _, err := parseHeadModel([]byte{0x0a, 200}); err == nil {
		t.Error("truncated message accepted")
	}
	if _, err := parseHeadModel(nil); err == nil {
		t.Error("empty message accepted")
	}
}

// TestAstray has what is followed beside, within and around a face that a
// search found.
func TestAstray(t *testing.T) {
	box := func(x0, y0, x1, y1 float64) vision.Face {
		return vision.Face{Box: vision.Rect{X0: x0, Y0: y0, X1: x1, Y1: y1}}
	}
	followed := box(100, 100, 200, 200)
	for _, c := range []struct {
		name  string
		other vision.Face
		want  bool
	}{
		{"beside", box(220, 100, 320, 200), false}, {"overlapping a little", box(160, 100, 260, 200), false},
		{"around it", box(80, 80, 300, 300), true}, {"within it", box(120, 120, 170, 170), true},
	} {
		if got := astray(&followed, []vision.Face{c.other}); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if astray(nil, []vision.Face{followed}) || astray(&followed, nil) {
		t.Error("without a face or another nothing is astray")
	}
}

// TestNear has two people side by side: the main one is who is at a place, and
// where faces are elsewhere only, that is not an empty picture.
func TestNear(t *testing.T) {
	small, big := head(t, 3), otherHead(t, 2)
	f := vision.FromImage(paste(paste(background(640, 480), small, 60, 150), big, 400, 150), 0)
	for _, c := range []struct {
		name      string
		near      vision.Rect // in shares of the picture
		x         float64     // about the middle of the main face; 0: there is none
		elsewhere bool
	}{
		{"the largest", vision.Rect{}, 500, false},
		{"the left one", vision.Rect{X0: 0.12, X1: 0.27, Y0: 0.32, Y1: 0.6}, 120, false},
		{"the right one", vision.Rect{X0: 0.7, X1: 0.85, Y0: 0.32, Y1: 0.6}, 500, false},
		{"none of them", vision.Rect{X0: 0.46, X1: 0.5, Y0: 0.9, Y1: 0.97}, 0, true},
	} {
		tr := NewTracker(newStage(t))
		tr.Near(c.near)
		r, ok, err := tr.Process(f)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if r.Elsewhere != c.elsewhere || (r.Main != nil) != (c.x > 0) || r.Main != nil && math.Abs(r.Main.Box.Center().X-c.x) > 60 {
			t.Errorf("%s: %+v", c.name, r)
		}
		if c.elsewhere && r.Count() != 0 {
			t.Errorf("%s: %d faces are the participant's", c.name, r.Count())
		}
	}
	tr := NewTracker(newStage(t))
	tr.Near(vision.Rect{X0: 0.12, X1: 0.27, Y0: 0.32, Y1: 0.6})
	if r, ok, err := tr.Process(vision.FromImage(background(640, 480), 0)); err != nil || !ok || r.Elsewhere || r.Main != nil {
		t.Errorf("an empty picture: %+v, %v, %v", r, ok, err)
	}
}
