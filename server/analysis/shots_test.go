package analysis

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/identity"
)

// writeFilm has ffmpeg encode pictures of the scene's size, ten a second, with
// the further arguments.
func writeFilm(t *testing.T, path string, pictures []*image.YCbCr, args ...string) {
	t.Helper()
	all := []string{"-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", fmt.Sprintf("%dx%d", sceneW, sceneH), "-r", "10",
		"-color_range", "tv", "-i", "-"}
	cmd := exec.Command("ffmpeg", append(append(all, args...), path)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, pic := range pictures {
		for _, plane := range [][]byte{pic.Y, pic.Cb, pic.Cr} {
			if _, err := in.Write(plane); err != nil {
				t.Fatal(err)
			}
		}
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// part is a piece of a film: whom it shows, and until when.
type part struct {
	until time.Duration
	shows string // "one", "other", "both" or "nobody"
}

// speakerView draws a call that is cut from person to person: before walls of
// their own, or side by side.
func speakerView(t *testing.T, parts []part) (out []*image.YCbCr) {
	t.Helper()
	s, err := newScene()
	if err != nil {
		t.Fatal(err)
	}
	end := parts[len(parts)-1].until
	for at := time.Duration(0); at < end; at += 100 * time.Millisecond {
		shows := ""
		for _, p := range parts {
			if shows == "" && at < p.until {
				shows = p.shows
			}
		}
		pic := s.draw(lookEmpty, at)
		move := int(at/(200*time.Millisecond)) % 20
		switch shows {
		case "one":
			paste(pic, s.face, 200+move, 100)
		case "other":
			repaint(pic, 0, sceneW, 170)
			paste(pic, s.other, 240-move, 90)
		case "both":
			repaint(pic, 0, sceneW, 20)
			paste(pic, s.other, 340+move/2, 110)
			paste(pic, s.face, 20+move/2, 100)
		case "nobody":
			repaint(pic, 0, sceneW, 70)
		}
		out = append(out, pic)
	}
	return out
}

// repaint makes another wall, about as bright as level, of some columns.
func repaint(m *image.YCbCr, from, to, level int) {
	for y := range m.Rect.Dy() {
		row := m.Y[y*m.YStride+from : y*m.YStride+to]
		for x := range row {
			row[x] = uint8(level + (x/40+y/30)%3*20 + int(row[x])%8)
		}
	}
}

// testSpeakerView reads a call that is cut from person to person, as a file of
// H.264 and AAC: one is measured in their shots alone, no cut is another face,
// and people side by side are not counted.
func testSpeakerView(t *testing.T) {
	const sec = time.Second
	parts := []part{{3 * sec, "other"}, {10 * sec, "one"}, {12 * sec, "other"}, {14 * sec, "nobody"}, {16 * sec, "both"}, {18 * sec, "one"}}
	path := filepath.Join(t.TempDir(), "call.mp4")
	writeFilm(t, path, speakerView(t, parts), "-f", "lavfi", "-i", "sine=f=300:d=18", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
		"-c:a", "aac", "-shortest")
	opts := options()
	opts.Config.LandmarksEvery = 500 * time.Millisecond
	opts.Sound = SoundMixed
	got, err := AnalyzeFile(context.Background(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	checkFindings(t, got.Findings, nil, 0)
	checkCoverage(t, got.Coverage, options().Config.Kinds(), 0, 18_000)
	var shows []string
	for _, s := range got.Shots {
		shows = append(shows, fmt.Sprintf("%.0f %s", s.From.Seconds(), s.Shows))
	}
	want := "0 other, 3 person, 10 other, 12 unclear, 14 person, 16 person"
	if s := strings.Join(shows, ", "); s != want {
		t.Errorf("shots %s; want %s", s, want)
	}
	for at, states := range map[time.Duration]map[evidence.Kind]string{
		1 * sec:                 {evidence.FaceAbsent: "not_measurable/other_shown", evidence.CameraOff: "not_measurable/other_shown", evidence.MediaFrozen: "not_measurable/other_shown"},
		9500 * time.Millisecond: {evidence.FaceAbsent: "measured", evidence.IdentityMismatch: "measured", evidence.FaceMultiple: "measured", evidence.CameraOff: "measured"},
		11 * sec:                {evidence.FaceAbsent: "not_measurable/other_shown", evidence.IdentityMismatch: "not_measurable/other_shown"},
		13 * sec:                {evidence.FaceAbsent: "not_measurable/unclear"},
		15 * sec:                {evidence.FaceAbsent: "measured", evidence.FaceMultiple: "not_measurable/other_shown"},
		17 * sec:                {evidence.FaceAbsent: "measured", evidence.FaceMultiple: "measured"},
	} {
		for k, state := range states {
			if s := stateAt(got.Coverage, k, at); s != state {
				t.Errorf("at %v %s is %s, want %s", at, k, s, state)
			}
		}
	}
	if said := strings.Join(got.Unmeasured, "\n"); !strings.Contains(said, "somebody else for 5 s") || !strings.Contains(said, "cut") {
		t.Errorf("what was not measured does not tell of the cuts:\n%s", said)
	}
	path = filepath.Join(t.TempDir(), "nobody.mp4")
	writeFilm(t, path, speakerView(t, []part{{sec, "nobody"}}), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
	opts.ShownAt = sec / 2
	if _, err := AnalyzeFile(context.Background(), path, opts); !errors.Is(err, ErrShownAt) || !strings.Contains(err.Error(), "no face could be recognised") {
		t.Errorf("a time at which nobody is shown: error %v", err)
	}
}

// TestDecodingIsBrokenOff has the caller give up while a picture is on its way:
// what came until then is not told as a file that ended early. What stands in
// for ffmpeg gives one picture of two by two and half of another, and waits.
func TestDecodingIsBrokenOff(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\nprintf 'YUV4MPEG2 W2 H2\\nFRAME\\n123456FRAME\\n123'\nexec sleep 100\n"
	if err := os.WriteFile(filepath.Join(dir, "ffmpeg"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	ctx, cancel := context.WithCancel(t.Context())
	n, said, err := decodeForeign(ctx, "call.mp4", func(int, *vision.Frame) error { cancel(); return nil })
	if n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d pictures, ended early: %q, error %v; want one, and that it was broken off", n, said, err)
	}
}

// plain is a picture of one grey level, brighter to the right by slope.
func plain(level, slope int) *image.YCbCr {
	m := image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = uint8(level + slope*(i%64)/64)
	}
	return m
}

func TestCutsAreFound(t *testing.T) {
	const step = 100 * time.Millisecond
	for _, c := range []struct {
		name     string
		level    func(i int) int
		from, to time.Duration // 0: no cut
	}{
		{"steady", func(int) int { return 90 }, 0, 0},
		{"hard", func(i int) int { return 90 + 40*min(i/20, 1) }, 19 * step, 20 * step},
		{"light that comes up in ten seconds", func(i int) int { return 90 + i/3 }, 0, 0},
		{"fade within 0.4 s", func(i int) int { return 90 + 10*max(min(i-20, 4), 0) }, 20 * step, 24 * step},
		{"slow fade", func(i int) int { return 90 + 8*max(min(i-20, 4), 0) }, 20 * step, 24 * step},
	} {
		f, shots := cutFinder{}, []seenShot{{}}
		for i := range 60 {
			if from, to, ok := f.add(plain(c.level(i), 30), time.Duration(i)*step); ok {
				shots = cutShot(shots, from, to)
			}
		}
		switch {
		case c.to == 0 && len(shots) > 1, c.to > 0 && len(shots) != 2:
			t.Errorf("%s: shots %+v", c.name, shots)
		case c.to > 0 && (shots[0].to > c.from || shots[1].from < c.to || shots[1].from-shots[0].to > 2*cutWithin):
			t.Errorf("%s: a cut from %v to %v, want from %v to %v", c.name, shots[0].to, shots[1].from, c.from, c.to)
		}
	}
	// Somebody who walks through half of the picture is no cut.
	a, b := plain(90, 0), plain(90, 0)
	for i := range b.Y {
		if i%64 < 32 {
			b.Y[i] = 200
		}
	}
	f := cutFinder{}
	for i, m := range []*image.YCbCr{a, b, a, a, b} {
		if _, _, ok := f.add(m, time.Duration(i)*step); ok {
			t.Errorf("half of picture %d changed, which is taken for a cut", i)
		}
	}
}

// axis is the face of one of a few people, alike others by a share.
func axis(n int, alike float32) identity.Vector {
	v := make(identity.Vector, 8)
	v[n], v[7] = 1, alike
	return identity.Pool(v)
}

func TestShotsByPerson(t *testing.T) {
	const sec = time.Second
	look := func(all ...identity.Vector) (l seenFaces) {
		for i, v := range all {
			x := 0.2 * float64(i)
			l.faces = append(l.faces, seenFace{v, vision.Rect{X0: x, X1: x + 0.1, Y1: 0.2}})
		}
		l.count, l.largest = len(l.faces), len(l.faces) > 0
		return l
	}
	one, other, between := axis(0, 0), axis(1, 0), identity.Pool(axis(0, 0), axis(0, 0), axis(2, 0), axis(2, 0), axis(2, 0), axis(2, 0))
	if c := identity.Cosine(one, between); c <= shotAnother || c >= shotSame {
		t.Fatalf("the face in between is %.2f like the first", c)
	}
	seen := []seenShot{
		{0, 4 * sec, []seenFaces{look(other), look(other)}},
		{4 * sec, 9600 * time.Millisecond, []seenFaces{look(one), look(one)}},
		{9600 * time.Millisecond, 10 * sec, []seenFaces{look(), look()}},
		{10 * sec, 11 * sec, []seenFaces{look(other, one), look(other, one)}},
		{11 * sec, 12 * sec, []seenFaces{look(between)}},
		{12 * sec, 13 * sec, []seenFaces{look(other), look(one), look(other), look(other)}},
		{13 * sec, 13*sec + 1, nil},
	}
	for at, want := range map[time.Duration]string{
		0:        "other person unclear person unclear unclear unclear", // who is shown the longest
		5 * sec:  "other person unclear person unclear unclear unclear",
		2 * sec:  "person other unclear person other person unclear",
		10 * sec: "person other unclear person other person unclear", // the larger of two
	} {
		who, err := whoIsMeant(seen, at)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i, s := range shotsOf(seen, who) {
			got += " " + string(s.Shows)
			if s.Several != (i == 3) || (len(s.seats) == 1) != (i == 3) {
				t.Errorf("shot %d: several %v, at %v", i, s.Several, s.seats)
			}
			if i == 3 && (s.seats[0].near.X0 > 0.1) != (at == 0 || at == 5*sec) {
				t.Errorf("at %v the person is at %v", at, s.seats)
			}
		}
		if got != " "+want {
			t.Errorf("with the person of %v: %s; want %s", at, got, want)
		}
	}
	for at, why := range map[time.Duration]string{9800 * time.Millisecond: "no face could be recognised", time.Hour: "its pictures end at 13s"} {
		if _, err := whoIsMeant(seen, at); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("at %v: error %v", at, err)
		}
	}
	if who, err := whoIsMeant(seen[2:3], 0); who != nil || err != nil {
		t.Errorf("nobody was seen: %v, %v", who, err)
	}
}
