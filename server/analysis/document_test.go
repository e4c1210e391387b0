package analysis

import (
	"image"
	"image/color"
	"image/draw"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/vision"
	"bonafide/vision/document/doctest"
)

// The made-up zone of Doc 9303, and the same with one digit of the birth date
// changed.
var (
	zoneTD3   = []string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"}
	zoneTD1   = []string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F3104150UTO<<<<<<<<<<<2", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}
	zoneWrong = []string{zoneTD3[0], strings.Replace(zoneTD3[1], "740812", "740813", 1)}
)

// docRig is a camera's picture of somebody before a plain wall, and the models.
type docRig struct {
	engine *engine
	cfg    Config
	check  *showID // of the step that is on
	room   *image.RGBA
	own    image.Image // the same person's portrait
	other  image.Image // another person's
}

// docFace cuts one face with its hair out of a sample photo.
func docFace(t *testing.T, name string, around image.Rectangle) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join(models.Dir(), name))
	if err != nil {
		t.Fatalf("%v (run: make samples)", err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewRGBA(image.Rect(0, 0, around.Dx(), around.Dy()))
	draw.Draw(out, out.Rect, m, around.Min, draw.Src)
	return out
}

func newDocRig(t *testing.T) *docRig {
	t.Helper()
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v\n(run: make models)", err)
	}
	r := &docRig{}
	about := ShowID(DocumentConfig{
		Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }, Log: slog.New(slog.DiscardHandler),
	})
	make := about.New
	about.New = func(o evidence.StepOrder) StepCheck {
		r.check = make(o).(*showID)
		return r.check
	}
	r.cfg = Config{Detectors: []Descriptor{Identity(IdentityConfig{})}, Steps: []StepDescriptor{about}}
	if r.engine, err = newEngine(set, r.cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.engine.close(); err != nil {
			t.Error(err)
		}
		set.Close()
	})
	live := docFace(t, "sample3.jpg", image.Rect(440, 170, 930, 800))
	r.own = doctest.Square(live, image.Rect(90, 80, 410, 490))
	r.other = doctest.Square(docFace(t, "sample6.jpg", image.Rect(150, 330, 570, 880)), image.Rect(20, 80, 400, 545))
	r.room = image.NewRGBA(image.Rect(0, 0, 1280, 720))
	draw.Draw(r.room, r.room.Rect, image.NewUniform(color.RGBA{R: 120, G: 132, B: 128, A: 255}), image.Point{}, draw.Src)
	draw.Draw(r.room, image.Rect(240, 70, 730, 700), live, image.Point{}, draw.Src)
	return r
}

// presented is what is held into the picture, and how its hand trembles.
type presented struct {
	room    image.Image // nil = somebody before a wall
	card    image.Image // nil = nothing
	pose    doctest.Pose
	still   bool // nailed to the wall
	from    int  // the first picture with it, at five a second
	damaged bool
	order   evidence.StepOrder
	noStill bool
	enrol   bool // somebody is enrolled before the step
	seconds int  // until the interviewer ends the step; 0 = 8
	known   bool // somebody was watched for half a minute before, alone
}

const docFPS = 5

// run plays one to the pipeline and gives the step's result, the stills by
// what they show, and all hints in the order of their coming.
func (r *docRig) run(t *testing.T, a presented) (evidence.StepResult, map[string]int, []string) {
	t.Helper()
	var result *evidence.StepResult
	var hints []string
	stills := map[string]int{}
	p, err := NewPipeline(r.cfg, r.engine.tracker(), evidence.Subject{Interview: "i", Participant: "p", Models: r.engine.models()}, Gate{NoStills: a.noStill}, 0, Emit{
		Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {}, Still: func(evidence.Still, []byte) {},
		StepHint: func(h evidence.StepHint) {
			if n := len(hints); n == 0 || hints[n-1] != h.Hint {
				hints = append(hints, h.Hint)
			}
		},
		StepResult: func(s evidence.StepResult) { result = &s },
	})
	if err != nil {
		t.Fatal(err)
	}
	var room image.Image = r.room
	if a.room != nil {
		room = a.room
	}
	bare := vision.FromImage(room, 0)
	var held []*vision.Frame
	for i := range 3 {
		if a.card == nil {
			break
		}
		pose := a.pose
		if !a.still {
			pose.X += 7 * math.Sin(float64(i)*2.1)
			pose.Y += 5 * math.Cos(float64(i)*1.7)
		}
		pose.Seed, pose.Noise, pose.Quality = uint64(i), 2, 85
		held = append(held, vision.FromImage(doctest.Hold(room, a.card, pose), 0))
	}
	before := 1
	if a.enrol {
		before = 8 * docFPS
	}
	if a.known {
		before = 30 * docFPS
	}
	n := 0
	next := func() {
		f := &vision.Frame{Image: bare.Image, At: time.Duration(n) * time.Second / docFPS}
		if i := n - before; i >= a.from && held != nil {
			f.Image = held[n%len(held)].Image
			f.Damaged = a.damaged
		}
		if r.check != nil && r.check.reader != nil {
			for began := time.Now(); r.check.reader.Busy() && time.Since(began) < 10*time.Second; {
				time.Sleep(2 * time.Millisecond) // reading takes real time, and the pictures' time is made up
			}
		}
		if err := p.Frame(f); err != nil {
			t.Fatal(err)
		}
		n++
	}
	r.check = nil
	for n < before {
		next()
	}
	a.order.Step, a.order.Card = "id-1", evidence.CardShowID
	if err := p.BeginStep(a.order, time.Duration(n)*time.Second/docFPS); err != nil {
		t.Fatal(err)
	}
	if a.seconds == 0 {
		a.seconds = 8
	}
	for n < before+a.seconds*docFPS && result == nil {
		next()
	}
	if result == nil {
		if err := p.EndStep("id-1", time.Duration(n)*time.Second/docFPS); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Finish(time.Duration(n) * time.Second / docFPS); err != nil {
		t.Fatal(err)
	}
	if result == nil {
		t.Fatal("no result")
	}
	for _, s := range result.Stills {
		stills[s.Shows]++
	}
	return *result, stills, hints
}

func unreadOf(d *evidence.DocumentResult, what string) evidence.Reason {
	for _, u := range d.Unread {
		if u.What == what {
			return u.Reason
		}
	}
	return ""
}

func unreadAll(d *evidence.DocumentResult) []evidence.Unread {
	if d == nil {
		return nil
	}
	return d.Unread
}

// A name in the zone is told to be another one than the candidate's only where
// readings agree on it: a misread one is another one too.
func TestNameOfDocument(t *testing.T) {
	zone := func(name string) string {
		return "P<UTO" + name + strings.Repeat("<", 39-len(name)) + "\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
	}
	for _, c := range []struct {
		written string
		read    []string
		want    string
		unread  evidence.Reason
	}{
		{"Anna Maria Eriksson", []string{"ERIKSSON<<ANNA<MARIA"}, "same", ""},
		{"Anna Maria Eriksson", []string{"ERIKSSON<<ANNACMARIA"}, "nearly", ""},
		{"Anna Maria Eriksson", []string{"ERIKSSON<<ANMAPMARLA", "ERTKSSON<<AWNA<MARIAX"}, "", evidence.ReasonUnsteady},
		{"Eva Svensson", []string{"ERIKSSON<<ANNA<MARIA"}, "", evidence.ReasonUnsteady},
		{"Eva Svensson", []string{"ERIKSSON<<ANNA<MARIA", "ERIKSSON<<ANNA<MARTA", "ERIKSSON<<ANNA<MARIA"}, "different", ""},
		{"Anna Svensson", []string{"ERIKSSON<<ANNA<MARIA", "ERIKSSON<<ANNA<MARIA"}, "partly", ""},
		{"李雷", []string{"LI<<LEI", "LI<<LEI"}, "", evidence.ReasonNotAvailable},
	} {
		d := newShowID(DocumentConfig{Now: time.Now, Log: slog.New(slog.DiscardHandler)}, evidence.StepOrder{Step: "id-1", Document: evidence.DocumentHint{Name: c.written}})
		for _, name := range c.read {
			if !d.vote.Add(zone(name)) {
				t.Fatalf("not taken: %s", name)
			}
		}
		doc := &evidence.DocumentResult{}
		d.readZone(doc)
		if doc.Name != c.want || unreadOf(doc, "name") != c.unread {
			t.Errorf("%q, read %q: %q, unread %v", c.written, c.read, doc.Name, doc.Unread)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// beside is where a document is held by default, in a picture of 1280×720.
var beside = doctest.Pose{X: 985, Y: 420, Width: 500, Roll: 0.06, Turn: 0.08}

// testDocument holds documents up to a real pipeline. The person is a real
// photo; the document is drawn, and laid into the picture.
func testDocument(t *testing.T) { documents(t, false) }

// TestLongDocument holds up what is no good document, or none.
func TestLongDocument(t *testing.T) {
	if os.Getenv("BONAFIDE_LONG") == "" {
		t.Skip("a long test: BONAFIDE_LONG=1 runs it")
	}
	documents(t, true)
}

func documents(t *testing.T, long bool) {
	r := newDocRig(t)
	card := doctest.Card(1000, r.own, zoneTD3)
	named := func(name, side string) evidence.StepOrder {
		return evidence.StepOrder{Document: evidence.DocumentHint{Name: name, Side: side}}
	}
	pose := func(change func(*doctest.Pose)) doctest.Pose {
		p := beside
		change(&p)
		return p
	}

	for _, c := range []struct {
		name   string
		long   bool // of TestLongDocument
		in     presented
		want   evidence.StepOutcome
		reason evidence.Reason
		hint   string // that must be among those given
		check  func(t *testing.T, d *evidence.DocumentResult, stills map[string]int)
	}{
		{"one's own, as it should be", false, presented{card: card, pose: beside, from: 10, enrol: true, order: named("Anna Maria Eriksson", "")},
			evidence.StepDone, "", "done", func(t *testing.T, d *evidence.DocumentResult, stills map[string]int) {
				if d.Found != "second_face" || d.Frames != 5 || d.Side != "front" || d.PortraitPX < 56 || !d.Rectified || len(d.Unread) > 0 {
					t.Errorf("%+v", d)
				}
				if d.SameFrame == nil || d.SameFrame.Result != "alike" || d.WithEnrolled == nil || d.WithEnrolled.Result != "alike" || d.SameFrame.Frames < 3 {
					t.Errorf("matches %+v %+v", d.SameFrame, d.WithEnrolled)
				}
				if d.Zone != "TD3" || d.CheckDigits != 5 || d.Checked != 5 || d.Votes < 2 || d.Name != "same" || d.Expired != "expired" {
					t.Errorf("zone %+v", d)
				}
				if d.Read == nil || d.Read.Number != "L898902C3" || d.Read.BirthDate != "1974-08-12" || d.Read.Surname != "ERIKSSON" || d.Read.ExpiryDate != "2012-04-15" {
					t.Errorf("read %+v", d.Read)
				}
				if stills["frame"] != 1 || stills["document"] != 1 || stills["portrait"] != 1 {
					t.Errorf("stills %v", stills)
				}
			}},
		{"another person's, and no stills allowed", false, presented{card: doctest.Card(1000, r.other, zoneTD3), pose: beside, from: 10, noStill: true, order: named("Peter Stevens", "")},
			evidence.StepDone, "", "good", func(t *testing.T, d *evidence.DocumentResult, stills map[string]int) {
				if d.SameFrame == nil || d.SameFrame.Result != "unlike" || d.WithEnrolled != nil || unreadOf(d, "match with the enrolled face") != evidence.ReasonNoBaseline {
					t.Errorf("matches %+v %+v, unread %v", d.SameFrame, d.WithEnrolled, d.Unread)
				}
				if d.Name != "different" || len(stills) != 0 {
					t.Errorf("name %q, stills %v", d.Name, stills)
				}
			}},
		{"one wrong digit in the zone, and a name of 10,000 characters", false, presented{card: doctest.Card(1000, r.own, zoneWrong), pose: beside, from: 10, order: named(strings.Repeat("x", 10000), "")},
			evidence.StepDone, "", "done", func(t *testing.T, d *evidence.DocumentResult, _ map[string]int) {
				if d.CheckDigits != 3 || d.Checked != 5 || d.Read.BirthDate != "" || d.Read.ExpiryDate == "" {
					t.Errorf("%+v %+v", d, d.Read)
				}
				if unreadOf(d, "birth date of the zone") != evidence.ReasonCheckDigit || unreadOf(d, "name") != evidence.ReasonNotAvailable || d.Name != "" {
					t.Errorf("unread %v", d.Unread)
				}
			}},
		{"the back, without a portrait", false, presented{card: doctest.Card(1000, nil, zoneTD1), pose: beside, from: 10, order: named("A. M. Eriksson", "back")},
			evidence.StepDone, "", "turn_over", func(t *testing.T, d *evidence.DocumentResult, stills map[string]int) {
				if d.Found != "zone" || d.Zone != "TD1" || d.Expired != "valid" || d.Name != "partly" || unreadOf(d, "portrait") != evidence.ReasonNotFound || stills["frame"] != 1 {
					t.Errorf("%+v %v", d, stills)
				}
			}},
		{"held up before the card began, in a room that was empty", true, presented{card: card, pose: beside, from: -5 * docFPS, known: true},
			evidence.StepDone, "", "done", func(t *testing.T, d *evidence.DocumentResult, stills map[string]int) {
				if d.Found != "second_face" || d.SameFrame == nil || d.SameFrame.Result != "alike" || stills["portrait"] != 1 {
					t.Errorf("%+v, stills %v", d, stills)
				}
			}},
		{"held up before the card began, in a room that is not known", true, presented{card: doctest.Card(1000, r.own, nil), pose: beside, from: -5 * docFPS},
			evidence.StepNotSeen, "", "show_again", nil},
		{"a portrait on the wall that came into view before the card", true, presented{card: doctest.Card(1000, r.own, nil), pose: beside, still: true, from: -5 * docFPS, known: true},
			evidence.StepNotSeen, "", "show", nil},
		{"no zone", true, presented{card: doctest.Card(1000, r.own, nil), pose: beside, from: 10},
			evidence.StepDone, "", "done", func(t *testing.T, d *evidence.DocumentResult, _ map[string]int) {
				if d.Zone != "" || d.Read != nil || unreadOf(d, "zone") != evidence.ReasonNotFound || d.Expired != "" || d.Name != "" {
					t.Errorf("%+v", d)
				}
			}},
		{"a photo of a photo, without a document around it", true, presented{card: r.own, pose: pose(func(p *doctest.Pose) { p.Width = 150 }), from: 10},
			evidence.StepDone, "", "", func(t *testing.T, d *evidence.DocumentResult, _ map[string]int) {
				if d.Rectified || unreadOf(d, "edges") != evidence.ReasonNotFound || unreadOf(d, "zone") != evidence.ReasonNotFound {
					t.Errorf("%+v", d)
				}
			}},
		{"too far away", true, presented{card: card, pose: pose(func(p *doctest.Pose) { p.Width = 210 }), from: 10},
			evidence.StepNotMeasurable, evidence.ReasonSmall, "closer", func(t *testing.T, d *evidence.DocumentResult, stills map[string]int) {
				if d.SameFrame != nil || d.WithEnrolled != nil || unreadOf(d, "portrait") != evidence.ReasonSmall || stills["frame"] != 1 {
					t.Errorf("%+v %v", d, stills)
				}
			}},
		{"a reflection", true, presented{card: doctest.Card(1000, r.own, nil), pose: pose(func(p *doctest.Pose) { p.Glare = 0.4 }), from: 10},
			evidence.StepNotMeasurable, evidence.ReasonGlare, "less_glare", nil},
		{"turned away by 70 degrees", true, presented{card: card, pose: pose(func(p *doctest.Pose) { p.Turn = 70 * math.Pi / 180 }), from: 10},
			evidence.StepNotSeen, "", "show", nil},
		{"nothing", false, presented{}, evidence.StepNotSeen, "", "show", func(t *testing.T, d *evidence.DocumentResult, stills map[string]int) {
			if d.Found != "" || unreadOf(d, "portrait") != evidence.ReasonNotFound || stills["frame"] != 1 || len(stills) != 1 {
				t.Errorf("%+v %v", d, stills)
			}
		}},
		{"nobody", true, presented{room: doctest.Fit(doctest.Card(1280, nil, nil), 1280, 720)}, evidence.StepNotSeen, "", "show", nil},
		{"a portrait on the wall", true, presented{card: doctest.Card(1000, r.own, nil), pose: beside, still: true, from: -100}, evidence.StepNotSeen, "", "show", nil},
		{"a portrait on the wall that comes into view", true, presented{card: card, pose: beside, still: true, from: 10}, "", "", "", func(t *testing.T, d *evidence.DocumentResult, _ map[string]int) {
			// It is taken for a document until it has been motionless for long
			// enough: what is kept until then shows people what it was.
			if d.Found == "second_face" && d.Frames > 5 {
				t.Errorf("%+v", d)
			}
		}},
		{"a second person as large as the first", true, presented{card: r.other, pose: pose(func(p *doctest.Pose) { p.Width = 420; p.Y = 380 }), from: 10},
			evidence.StepNotSeen, "", "show", nil},
		{"torn pictures", true, presented{card: card, pose: beside, damaged: true, from: 0}, evidence.StepNotMeasurable, evidence.ReasonDamaged, "", nil},
	} {
		if c.long != long {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			result, stills, hints := r.run(t, c.in)
			if result.Document == nil && c.check != nil {
				t.Fatalf("no document in %+v", result)
			}
			if c.want != "" && (result.Outcome != c.want || result.Reason != c.reason) {
				t.Errorf("outcome %s %s, want %s %s; %+v, values %v", result.Outcome, result.Reason, c.want, c.reason, result.Document, result.Values)
			}
			if c.hint != "" && !slices.Contains(hints, c.hint) {
				t.Errorf("hints %v, want %s among them", hints, c.hint)
			}
			if c.check != nil {
				c.check(t, result.Document, stills)
			}
			for _, u := range unreadAll(result.Document) {
				if u.Reason == "" {
					t.Errorf("%s is unread without a reason", u.What)
				}
			}
		})
	}
}

// Without the program that recognises characters all else is measured.
func TestDocumentWithoutRecogniser(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	about := ShowID(DocumentConfig{Log: slog.New(slog.DiscardHandler)})
	check := about.New(evidence.StepOrder{Step: "id-1", Card: evidence.CardShowID})
	defer check.Close()
	if err := check.Take(FaceReading{AtMS: 100, Detected: true, Picture: vision.FromImage(image.NewGray(image.Rect(0, 0, 3, 3)), 0)}); err != nil {
		t.Fatal(err)
	}
	result, _ := check.Result(0, sec)
	if why := unreadOf(result.Document, "zone"); why != evidence.ReasonNotAvailable {
		t.Errorf("the zone is unread for %q, want %s", why, evidence.ReasonNotAvailable)
	}
}

// TestWhyNoEdges has edges found in a few pictures, in one place or in several.
func TestWhyNoEdges(t *testing.T) {
	for _, c := range []struct {
		found int
		agree bool
		want  evidence.Reason
	}{
		{0, false, evidence.ReasonNotFound}, {1, false, evidence.ReasonTooShort}, {2, false, evidence.ReasonTooShort},
		{3, false, evidence.ReasonUnsteady}, {24, false, evidence.ReasonUnsteady}, {3, true, evidence.ReasonNotFound},
	} {
		if got := whyNoEdges(c.found, c.agree); got != c.want {
			t.Errorf("found in %d pictures, agreeing %v: %s, want %s", c.found, c.agree, got, c.want)
		}
	}
}
