package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"bonafide/models"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
)

// ear keeps what a detector of wider scope is given.
type ear struct {
	got    []SceneReading
	closed bool
}

func (l *ear) Detect(in SceneReading) ([]evidence.Observation, error) {
	l.got = append(l.got, in)
	if s := in.Sound; s != nil && in.Role == roleCandidate {
		return observe(evidence.SpeechPause, in.AtMS, 1, 1, s.Reason), nil
	}
	return nil, nil
}
func (l *ear) Close() error { l.closed = true; return nil }

// said writes a reading in short.
func said(r SceneReading) string {
	who, what := r.Role[:1], ""
	switch {
	case r.Sound != nil && r.Sound.Muted:
		what = "muted"
	case r.Sound != nil && r.Sound.Reason != "":
		what = string(r.Sound.Reason)
	case r.Sound != nil && r.Sound.Lost:
		what = "lost"
	case r.Sound != nil && r.Sound.DTX:
		what = "quiet"
	case r.Sound != nil:
		what = "sound"
	case r.Faces != nil && r.Faces.Reason != "":
		what = "faces:" + string(r.Faces.Reason)
	case r.Faces != nil:
		what = "faces"
	case r.Fact != nil:
		what = string(r.Fact.Fact)
	case r.Mark != nil:
		what = string(r.Mark.Phase)
	}
	return fmt.Sprintf("%d %s %s", r.AtMS, who, what)
}

func newTestScene(t *testing.T, scope Scope, g Gate) (*ScenePipeline, *ear, *[]evidence.Coverage) {
	t.Helper()
	l, coverage := &ear{}, &[]evidence.Coverage{}
	cfg := Config{Detectors: []Descriptor{{
		Name: "ear", Scope: scope,
		Rules: []evidence.Rule{{Kind: evidence.SpeechPause, Measure: "x", On: 2, Off: 2, MaxStep: time.Second}},
		Scene: func(*models.Set) (Detector[SceneReading], error) { return l, nil },
	}}}
	p, err := NewScenePipeline(cfg, nil, nil, evidence.Subject{Interview: "i", Participant: "c", Run: "r"}, g, 0, Emit{
		Finding: func(evidence.Finding) {}, Coverage: func(cs []evidence.Coverage) { *coverage = append(*coverage, cs...) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, l, coverage
}

func mustAll(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// pcm is some sound of that many milliseconds.
func pcm(n int) []float32 { return make([]float32, n*SoundRate/1000) }

func TestSceneReadingsComeInOrder(t *testing.T) {
	both := Gate{Heard: []string{"c", "i"}}
	for _, c := range []struct {
		scope Scope
		want  string
	}{
		{ScopeInterview, "100 i sound, 120 c sound, 130 c faces, 140 i asked, 150 c network, 160 i sound, 180 c sound"},
		{ScopeParticipant, "120 c sound, 130 c faces, 150 c network, 180 c sound"},
	} {
		p, l, _ := newTestScene(t, c.scope, both)
		mustAll(t, p.OpenVoice("c", roleCandidate, 0), p.OpenVoice("i", roleInterviewer, 0),
			p.Sound("c", roleCandidate, ms(120), pcm(20), false, false), p.Sound("c", roleCandidate, ms(180), pcm(20), false, false),
			p.Add(SceneReading{AtMS: 150, Participant: "c", Role: roleCandidate, Fact: &evidence.FactPayload{Participant: "c", Fact: evidence.FactNetwork}}),
			p.Sound("i", roleInterviewer, ms(100), pcm(20), false, false), p.Faces(FaceReading{AtMS: 130}),
			p.Add(SceneReading{AtMS: 140, Participant: "i", Role: roleInterviewer, Mark: &MarkReading{AtMS: 140, Phase: evidence.QuestionAsked}}),
			p.Sound("i", roleInterviewer, ms(160), pcm(20), false, false),
			p.Advance(ms(100)))
		if len(l.got) != 0 {
			t.Fatalf("%d readings were given before others could have come", len(l.got))
		}
		mustAll(t, p.Advance(ms(200)+reorder))
		var got []string
		for _, r := range l.got {
			got = append(got, said(r))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: got %s\nwant %s", c.scope, s, c.want)
		}
		mustAll(t, p.Finish(ms(250)))
		if !l.closed {
			t.Error("the detector was not closed")
		}
	}
}

func TestSilenceIsExplained(t *testing.T) {
	p, l, coverage := newTestScene(t, ScopeInterview, Gate{Heard: []string{"c"}})
	mustAll(t, p.OpenVoice("c", roleCandidate, 0), p.OpenVoice("i", roleInterviewer, 0),
		p.Sound("c", roleCandidate, 0, pcm(200), false, false), // then nothing arrives
		p.Sound("i", roleInterviewer, 0, pcm(200), false, false),
		p.MuteVoice("c", roleCandidate, true, ms(2000)), p.Sound("c", roleCandidate, ms(2100), pcm(20), false, false),
		p.MuteVoice("c", roleCandidate, false, ms(3000)), p.Sound("c", roleCandidate, ms(3000), pcm(1000), false, false),
		p.CloseVoice("c", roleCandidate, ms(4000)), p.Finish(ms(5000)))
	kinds := map[string][]int64{}
	for _, r := range l.got {
		what := strings.SplitN(said(r), " ", 2)[1]
		kinds[what] = append(kinds[what], r.AtMS)
	}
	for what, span := range map[string][2]int64{"c packet_loss": {500, 2000}, "c muted": {2000, 3000}, "c disconnected": {4000, 5000}, "i no_consent": {250, 5000}} {
		at := kinds[what]
		if len(at) == 0 || at[0] < span[0] || at[0] > span[0]+300 || at[len(at)-1] > span[1] || at[len(at)-1] < span[1]-300 {
			t.Errorf("%s at %v, want it from %d to %d ms", what, at, span[0], span[1])
		}
	}
	if kinds["i sound"] != nil || len(kinds["c sound"]) != 2 {
		t.Errorf("sound of the interviewer %v, of the candidate %v; want none without consent, and two runs without the muted one", kinds["i sound"], kinds["c sound"])
	}
	var reasons []string
	for _, c := range *coverage {
		if c.Source != "microphone" || c.Participant != "c" {
			t.Errorf("coverage of %s of %s, want the candidate's microphone", c.Source, c.Participant)
		}
		reasons = append(reasons, string(c.Reason))
	}
	if !slices.Contains(reasons, "packet_loss") || !slices.Contains(reasons, "disconnected") {
		t.Errorf("coverage has the reasons %q, want packet_loss and disconnected among them", reasons)
	}
}

func TestFacesNeedTheirOwnConsent(t *testing.T) {
	p, l, _ := newTestScene(t, ScopeInterview, Gate{})
	mustAll(t, p.Faces(FaceReading{AtMS: 100, Width: 640}), p.SetGate(Gate{Refused: []evidence.Consent{evidence.ConsentFace}}, ms(150)),
		p.Faces(FaceReading{AtMS: 200, Width: 640}), p.Finish(ms(400)))
	if len(l.got) != 2 || said(l.got[0]) != "100 c faces" || said(l.got[1]) != "200 c faces:no_consent" || l.got[1].Faces.Width != 0 {
		t.Errorf("got %v; want faces, and after the withdrawal the reason alone", l.got)
	}
}

func TestDeviceChangeIsMarked(t *testing.T) {
	p, l, _ := newTestScene(t, ScopeInterview, Gate{Heard: []string{"c"}})
	mustAll(t, p.OpenVoice("c", roleCandidate, 0), p.Sound("c", roleCandidate, 0, pcm(20), false, false),
		p.Add(SceneReading{AtMS: 10, Participant: "c", Role: roleCandidate, Fact: &evidence.FactPayload{
			Participant: "c", Fact: evidence.FactDevice, Source: "microphone", Changed: true}}),
		p.Sound("c", roleCandidate, ms(20), pcm(20), false, false), p.Sound("c", roleCandidate, ms(40), pcm(20), false, false), p.Finish(ms(100)))
	var changed []bool
	for _, r := range l.got {
		if r.Sound != nil {
			changed = append(changed, r.Sound.DeviceChanged)
		}
	}
	if !slices.Equal(changed, []bool{false, true, false}) {
		t.Errorf("changed %v, want the first sound after the change alone", changed)
	}
}

// TestSoundThroughLoss sends beeps through Opus, RTP and a lossy, reordering
// link, and wants them at 16 kHz where they were, with what is missing marked.
func TestSoundThroughLoss(t *testing.T) {
	beeps := mediatest.Every(500*time.Millisecond, 250*time.Millisecond, 10*time.Second)
	frames, err := mediatest.Beeps(10*time.Second, beeps)
	mustAll(t, err)
	for _, loss := range []int{0, 20, 50} { // a packet of so many is lost; 0: none
		p, l, _ := newTestScene(t, ScopeInterview, Gate{Heard: []string{"c"}})
		mustAll(t, p.OpenVoice("c", roleCandidate, 0))
		receiver, err := media.NewReceiver(media.Track{MimeType: "audio/opus", ClockRate: 48000}, media.NewParticipantClock(), media.ReceiverConfig{})
		mustAll(t, err)
		pay, err := mediatest.NewPacketizer("audio/opus", 1, 65500, 4_294_900_000)
		mustAll(t, err)
		var voice voiceDecoder
		voice.opus, err = codec.NewOpusDecoder()
		mustAll(t, err)
		pop := func(now time.Duration) {
			for s, ok := receiver.Pop(now); ok; s, ok = receiver.Pop(now) {
				for _, r := range voice.decode(s.Data, s.At, s.LostBefore > 0) {
					mustAll(t, p.Sound("c", roleCandidate, r.at, r.pcm, r.lost, r.dtx))
				}
			}
			mustAll(t, p.Advance(now))
		}
		dropped := 0
		var held *rtp.Packet
		for i, f := range frames {
			for _, pkt := range pay.Packets(f) {
				switch {
				case loss > 0 && i%loss == loss-1:
					dropped++
				case i%7 == 3:
					held = pkt // it comes after the next one
				default:
					receiver.Push(pkt, f.At+ms(50))
					if held != nil {
						receiver.Push(held, f.At+ms(55))
						held = nil
					}
				}
			}
			pop(f.At + ms(60))
		}
		receiver.Flush()
		pop(11 * time.Second)
		mustAll(t, p.Finish(11*time.Second))
		checkBeeps(t, fmt.Sprintf("one of %d lost", loss), l.got, beeps, dropped)
	}
}

// checkBeeps compares the tones in what was heard with those that were sent.
func checkBeeps(t *testing.T, name string, got []SceneReading, want []time.Duration, dropped int) {
	t.Helper()
	var starts []float64
	lost, loud, before := 0.0, false, int64(-1)
	for _, r := range got {
		s := r.Sound
		if s == nil || s.PCM == nil {
			continue
		}
		if s.AtMS < before {
			t.Fatalf("%s: sound of %d ms comes after that of %d ms", name, s.AtMS, before)
		}
		before = s.AtMS
		if s.Lost {
			lost += float64(s.LengthMS)
			continue
		}
		for i, v := range s.PCM {
			if is := math.Abs(float64(v)) > 0.2; is && !loud {
				starts = append(starts, float64(s.AtMS)+float64(i)*1000/SoundRate)
				loud = true
			}
		}
		if !slices.ContainsFunc(s.PCM, func(v float32) bool { return v > 0.2 }) {
			loud = false
		}
	}
	found := 0
	for _, w := range want {
		at := w.Seconds()*1000 + 50 // the link's delay is part of interview time
		if slices.ContainsFunc(starts, func(s float64) bool { return math.Abs(s-at) < 15 }) {
			found++
		}
	}
	// A beep whose first packet is lost begins later.
	if found < len(want)-dropped/4-1 {
		t.Errorf("%s: %d of %d beeps were heard where they were sent; starts %v", name, found, len(want), starts)
	}
	if d := lost - float64(dropped)*20; math.Abs(d) > 40 {
		t.Errorf("%s: %.0f ms are marked as lost, %d packets of 20 ms were", name, lost, dropped)
	}
}

// About a change of microphone nothing is heard: neither what arrives nor a
// hole counts.
func TestNewMicrophoneIsNoSilence(t *testing.T) {
	p, l, coverage := newTestScene(t, ScopeInterview, Gate{Heard: []string{"c"}})
	mustAll(t, p.OpenVoice("c", roleCandidate, 0))
	changed := evidence.FactPayload{Participant: "c", Fact: evidence.FactDevice, Source: "microphone", Changed: true}
	for at := 0; at < 9000; at += 20 {
		if at == 4000 { // a change of the camera is of no account
			other := changed
			other.Source = "camera"
			mustAll(t, p.Add(SceneReading{AtMS: 4000, Participant: "c", Role: roleCandidate, Fact: &other}))
		}
		if at == 6000 {
			mustAll(t, p.Add(SceneReading{AtMS: 6000, Participant: "c", Role: roleCandidate, Fact: &changed}))
		}
		if at < 5600 || at >= 6200 {
			mustAll(t, p.Sound("c", roleCandidate, ms(at), pcm(20), false, false))
		}
		mustAll(t, p.Advance(ms(at)))
	}
	mustAll(t, p.Finish(ms(9000)))
	device := 0
	for _, r := range l.got {
		if r.Sound == nil || r.Sound.AtMS == 5500 { // given before that was known, or after
			continue
		}
		within := r.Sound.AtMS+r.Sound.LengthMS > 5500 && r.Sound.AtMS < 7000
		if is := r.Sound.Reason == evidence.ReasonDevice; is != within {
			t.Errorf("the sound from %d ms for %d ms has the reason %q", r.Sound.AtMS, r.Sound.LengthMS, r.Sound.Reason)
		} else if is {
			device++
		}
	}
	if device < 40 {
		t.Errorf("%d readings about the change, want those of 0.9 s", device)
	}
	if s := stateAt(*coverage, evidence.SpeechPause, ms(6500)); s != "not_measurable/new_device" {
		t.Errorf("after the change the coverage is %s", s)
	}
	if s := stateAt(*coverage, evidence.SpeechPause, ms(8000)); s != "measured" {
		t.Errorf("two seconds later the coverage is %s", s)
	}
}
