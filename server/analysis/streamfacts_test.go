package analysis

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bonafide/server/codec"
	"bonafide/server/evidence"
)

// swaying draws a person-like shape that moves smoothly and, from one seed to
// the next, differently.
func swaying(at time.Duration, seed uint64) *image.YCbCr {
	pic := image.NewYCbCr(image.Rect(0, 0, 160, 120), image.YCbCrSubsampleRatio420)
	s := at.Seconds()
	phase := float64(seed)
	cx := 80 + 14*math.Sin(1.1*s+phase) + 6*math.Sin(2.7*s+2*phase)
	cy := 60 + 6*math.Sin(0.7*s+3*phase)
	for y := range 120 {
		for x := range 160 {
			v := 70 + float64(x)/4
			if d := math.Hypot((float64(x)-cx)/25, (float64(y)-cy)/35); d < 1 {
				v = 190 - 40*d
			}
			pic.Y[y*pic.YStride+x] = byte(v)
		}
	}
	for i := range pic.Cb {
		pic.Cb[i], pic.Cr[i] = 120, 140
	}
	return pic
}

// TestLoopIsFound sends moving pictures through VP8, once as they are and once
// with a stretch of them played over and over, whose length is no multiple of
// the distance at which they are compared.
func TestLoopIsFound(t *testing.T) {
	const round = 4330 * time.Millisecond
	for _, c := range []struct {
		name   string
		at     func(time.Duration) time.Duration
		noise  bool
		seed   uint64
		loops  bool
		states func(loopState) bool
	}{
		{"live", func(d time.Duration) time.Duration { return d }, true, 1, false, func(s loopState) bool { return s.share < 0.9 }},
		{"looped", func(d time.Duration) time.Duration { return d % round }, false, 2, true, nil},
		{"still", func(time.Duration) time.Duration { return 0 }, false, 3, false, func(s loopState) bool { return !s.known }},
	} {
		enc, err := codec.NewVP8Encoder(160, 120, 25, 300)
		mustAll(t, err)
		dec, err := codec.NewVP8Decoder()
		mustAll(t, err)
		rng := rand.New(rand.NewPCG(c.seed, 1))
		var f loopFinder
		found := 0
		for i := range 25 * 16 {
			at := time.Duration(i) * 40 * time.Millisecond
			pic := swaying(c.at(at), c.seed)
			if c.noise {
				for j := range pic.Y {
					pic.Y[j] += byte(rng.IntN(4))
				}
			}
			data, err := enc.Encode(pic, false)
			mustAll(t, err)
			got, _, err := dec.Decode(data)
			mustAll(t, err)
			f.add(StreamPicture{AtMS: at.Seconds() * 1000, Print: NewPrint(got)})
			s := f.state()
			if at > 12*time.Second && c.states != nil && !c.states(s) {
				t.Fatalf("%s: at %v the state is %+v", c.name, at, s)
			}
			if s.share >= 0.9 && math.Abs(math.Mod(s.lagMS+50, float64(round.Milliseconds()))-50) < 100 {
				found++
			}
		}
		enc.Close()
		dec.Close()
		if c.loops && found < 25*3 {
			t.Errorf("%s: held for %d of the last 200 pictures, want 75 or more; state %+v", c.name, found, f.state())
		}
	}
}

func TestStreamMeter(t *testing.T) {
	m := newStreamMeter("camera", true, 90000, 0)
	for i := range 60 { // three seconds at 20 a second, 40 ms late, the last second uneven
		at := time.Duration(i) * 50 * time.Millisecond
		arrival := at + 40*time.Millisecond
		if i >= 40 && i%2 == 0 {
			arrival += 30 * time.Millisecond
		}
		m.packet(uint32(at*90000/time.Second), arrival)
		lost := 0
		if i == 25 {
			lost = 2
		}
		m.sample(at, arrival, lost)
		m.picture(at, i == 25, &Print{}, 640, 480)
	}
	got := m.take(4 * time.Second)
	if len(got) != 4 {
		t.Fatalf("%d seconds, want 4", len(got))
	}
	if s := got[0]; len(s.Pictures) != 20 || s.Lost != 0 || s.Damage() || math.Abs(s.LateMS-40) > 1 || s.Width != 640 || s.JitterMS > 1 {
		t.Errorf("first second %+v, want 20 pictures 40 ms late without loss or jitter", s)
	}
	if s := got[1]; s.Lost != 2 || !s.Damage() {
		t.Errorf("second second: %d lost, damage %v; want 2 and true", s.Lost, s.Damage())
	}
	if s := got[2]; s.JitterMS < 10 {
		t.Errorf("third second: jitter %.1f ms, want it to grow towards 30", s.JitterMS)
	}
	if s := got[3]; s.Packets > 1 || len(s.Pictures) != 0 || s.Width != 640 {
		t.Errorf("fourth second: %d packets, %d pictures, width %d; want none, and the width of before", s.Packets, len(s.Pictures), s.Width)
	}
}

// factScene runs a detector of facts and collects what it gives out.
func factScene(t *testing.T, d Descriptor) (*ScenePipeline, map[string]evidence.Finding, *[]evidence.Series) {
	t.Helper()
	found, series := map[string]evidence.Finding{}, &[]evidence.Series{}
	p, err := NewScenePipeline(Config{Detectors: []Descriptor{d}}, nil, nil, evidence.Subject{Interview: "i", Participant: "c", Run: "r"}, Gate{}, 0, Emit{
		Finding: func(f evidence.Finding) { found[f.ID] = f }, Coverage: func([]evidence.Coverage) {},
		Series: func(all []evidence.Series) { *series = append(*series, all...) },
	})
	mustAll(t, err)
	return p, found, series
}

func tell(t *testing.T, p *ScenePipeline, at int64, f evidence.FactPayload) {
	t.Helper()
	f.Participant = "c"
	mustAll(t, p.Add(SceneReading{AtMS: at, Participant: "c", Role: roleCandidate, Fact: &f}))
}

func TestPageFacts(t *testing.T) {
	p, found, _ := factScene(t, PageFacts())
	tell(t, p, 0, evidence.FactPayload{Fact: evidence.FactWindow, Width: 1280, Height: 720, Screens: 1})
	tell(t, p, 0, evidence.FactPayload{Fact: evidence.FactClock, OffsetMS: 1500, ZoneMin: 540, ClaimedZoneMin: 60, State: evidence.FactZoneClaimed})
	for at := int64(0); at < 60_000; at += 5000 {
		tell(t, p, at, evidence.FactPayload{Fact: evidence.FactNetwork, State: "host", Changed: at == 30_000})
	}
	tell(t, p, 11_000, evidence.FactPayload{Fact: evidence.FactVisible, State: "hidden"})
	tell(t, p, 14_000, evidence.FactPayload{Fact: evidence.FactVisible, State: "visible"})
	tell(t, p, 20_000, evidence.FactPayload{Fact: evidence.FactFocus, State: "blurred"})
	tell(t, p, 20_400, evidence.FactPayload{Fact: evidence.FactFocus, State: "focused"})
	tell(t, p, 22_000, evidence.FactPayload{Fact: evidence.FactWindow, Width: 1279, Height: 720, Screens: 1})
	tell(t, p, 24_000, evidence.FactPayload{Fact: evidence.FactWindow, Width: 640, Height: 720, Screens: 1})
	for i, what := range evidence.ClipboardStates {
		tell(t, p, 40_000+int64(i), evidence.FactPayload{Fact: evidence.FactClipboard, State: what})
	}
	tell(t, p, 45_000, evidence.FactPayload{Fact: evidence.FactWindow, Width: 640, Height: 720, Screens: 2})
	mustAll(t, p.Finish(time.Minute))
	got := map[evidence.Kind][]evidence.Finding{}
	for _, f := range found {
		if f.Open || f.Source != "page" {
			t.Errorf("%s: open %v, of %s", f.Kind, f.Open, f.Source)
		}
		got[f.Kind] = append(got[f.Kind], f)
	}
	for kind, span := range map[evidence.Kind][2]int64{
		evidence.ClientHidden: {11_000, 14_000}, evidence.ClientWindow: {24_000, 24_000}, evidence.ClientClipboard: {40_000, 40_003},
		evidence.ClientScreens: {45_000, 55_000},
		evidence.NetworkPath:   {30_000, 30_000}, evidence.ClientClock: {0, 55_000},
	} {
		if fs := got[kind]; len(fs) != 1 || fs[0].StartMS != span[0] || fs[0].EndMS != span[1] {
			t.Errorf("%s: %+v, want one from %d to %d ms", kind, fs, span[0], span[1])
		}
	}
	if len(got) != 6 {
		t.Errorf("kinds %v, want six", got)
	}
	if v := got[evidence.ClientClipboard]; len(v) == 1 {
		names := map[string]float64{}
		for _, m := range v[0].Values {
			names[m.Name] = m.Value
		}
		for _, what := range evidence.ClipboardStates {
			if names[what] != 1 {
				t.Errorf("%s was used %v times, want once", what, names[what])
			}
		}
	}
	if v := got[evidence.ClientClock]; len(v) == 1 && v[0].Values[0].Value != 480 {
		t.Errorf("clock: %v minutes apart, want the 480 of the zones", v[0].Values[0].Value)
	}
}

func TestStreamFacts(t *testing.T) {
	p, found, series := factScene(t, StreamFacts(StreamConfig{}))
	tell(t, p, 0, evidence.FactPayload{Fact: evidence.FactDevice, Source: "camera", Width: 1280, Height: 720, FrameRate: 30, Virtual: true})
	tell(t, p, 20_500, evidence.FactPayload{Fact: evidence.FactDevice, Source: "camera", Width: 640, Height: 480, FrameRate: 15, Changed: true})
	for s := range int64(60) {
		r := StreamReading{AtMS: s * 1000, LengthMS: 1000, Source: "camera", Transport: true, Packets: 100, Width: 640, Height: 480, LateMS: 80}
		if s < 20 {
			r.Height = 360
		}
		for i := range 15 {
			at := float64(s*1000) + float64(i)*66.7
			if s >= 35 && i%2 == 1 {
				at += 55 // pictures in pairs
			}
			r.Pictures = append(r.Pictures, StreamPicture{AtMS: at, Print: NewPrint(swaying(time.Duration(at)*time.Millisecond, 1))})
		}
		if s == 50 {
			r.Lost = 10
		}
		mustAll(t, p.Stream(r))
		sound := StreamReading{AtMS: s * 1000, LengthMS: 1000, Source: "microphone", Transport: true, Packets: 50, LateMS: 30}
		mustAll(t, p.Stream(sound), p.Advance(time.Duration(s+1)*time.Second))
	}
	mustAll(t, p.Finish(time.Minute))
	at := map[evidence.Kind][]int64{}
	for _, f := range found {
		at[f.Kind] = append(at[f.Kind], f.StartMS, f.EndMS)
	}
	near := func(k evidence.Kind, from, to, within int64) {
		t.Helper()
		if v := at[k]; len(v) != 2 || max(v[0]-from, from-v[0], v[1]-to, to-v[1]) > within {
			t.Errorf("%s at %v ms, want about %d to %d", k, v, from, to)
		}
	}
	near(evidence.StreamVirtual, 1000, 20_000, 1000)
	near(evidence.StreamDevice, 20_500, 20_500, 0)
	near(evidence.StreamSettings, 1000, 20_000, 2000)
	near(evidence.StreamTimes, 40_000, 50_000, 6000)
	if at[evidence.StreamRepeated] != nil {
		t.Errorf("pictures that do not come again: %v", at[evidence.StreamRepeated])
	}
	names := map[string]int{}
	for _, s := range *series {
		names[s.Name] += len(s.Points)
		if s.Name == "signal.av_offset" && s.Points[0].Value != 50 {
			t.Errorf("sound %v ms before the picture, want 50", s.Points[0].Value)
		}
		if s.Name == "signal.loss" && slices.ContainsFunc(s.Points, func(p evidence.SeriesPoint) bool { return p.AtMS == 50_000 && math.Abs(p.Value-9.09) > 0.01 }) {
			t.Errorf("loss %+v, want 9.09 %% at 50 s", s.Points)
		}
	}
	for _, want := range []string{"signal.loss", "signal.jitter", "signal.rate", "signal.freeze", "signal.damaged", "signal.av_offset", "signal.interval_spread", "signal.sound_loss"} {
		if names[want] < 55 {
			t.Errorf("%s has %d readings of 60 seconds", want, names[want])
		}
	}
}

func TestFindingsNameDamage(t *testing.T) {
	d := damage{}
	for _, at := range []int64{2500, 2600, 4000, 9000} {
		d.note(at)
	}
	for _, c := range []struct {
		from, to int64
		want     float64
	}{{0, 1999, 0}, {2999, 3000, 1}, {1000, 4000, 2}, {5000, 20_000, 1}} {
		got := 0.0
		if m := d.within(evidence.Finding{StartMS: c.from, EndMS: c.to}); len(m) == 1 {
			got = m[0].Value
		}
		if got != c.want {
			t.Errorf("%d to %d ms: %v damaged seconds, want %v", c.from, c.to, got, c.want)
		}
	}
}

// A file tells of no lost packets; the log does, second by second.
func TestMissingFromTheLog(t *testing.T) {
	m := newFileMeter("camera", 0, true, []evidence.Gap{
		{StartMS: 1500, EndMS: 1750, Cause: "loss"}, {StartMS: 1900, EndMS: 3200, Cause: "queue"}, {StartMS: 4000, EndMS: 5000, Cause: "silence_on_wire"},
	})
	q := newSignalSeries()
	var damaged []int64
	for _, r := range m.take(6 * time.Second) {
		q.add(r)
		if r.Damage() {
			damaged = append(damaged, r.AtMS)
		}
	}
	if fmt.Sprint(damaged) != "[1000 2000 3000]" {
		t.Errorf("damaged seconds %v", damaged)
	}
	var missing []float64
	for _, s := range q.take() {
		if s.Name == "signal.loss" || s.Name == "signal.jitter" {
			t.Errorf("%s of a file is made up", s.Name)
		}
		if s.Name == "signal.missing" {
			for _, p := range s.Points {
				missing = append(missing, p.Value)
			}
		}
	}
	if fmt.Sprint(missing) != "[0 35 100 20 0 0]" {
		t.Errorf("missing %v percent, want 0, 35, 100, 20, 0, 0", missing)
	}
}
