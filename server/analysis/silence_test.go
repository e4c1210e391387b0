package analysis

import (
	"math"
	"testing"
	"time"

	"bonafide/models"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/media/mediatest"
	"bonafide/server/speech"
)

// TestSilenceIsToldApart sends the same sound through Opus and RTP, with nothing
// to be heard from 2 to 4 s for another reason each time: the person is silent,
// and the sender keeps sending or stops (discontinuous transmission); packets are
// lost; the microphone is switched off, or replaced by another.
func TestSilenceIsToldApart(t *testing.T) {
	set, err := models.Open(models.Dir())
	if err != nil {
		t.Fatalf("%v (run: make models)", err)
	}
	defer set.Close()
	const from, to, end = 2 * time.Second, 4 * time.Second, 6 * time.Second
	sound := func(silent bool) []float32 { // a hum, so that the encoder finds something to send
		out := make([]float32, int(end.Seconds()*48000))
		for i := range out {
			if at := time.Duration(i) * time.Second / 48000; !silent || at < from || at >= to {
				out[i] = float32(0.2 * math.Sin(float64(i)*0.03) * (1 + math.Sin(float64(i)*0.0011)))
			}
		}
		return out
	}
	for _, c := range []struct {
		name  string
		quiet bool // the sound is silent in between
		dtx   bool // the sender leaves out what it has nothing to say about
		lose  bool
		do    func(p *ScenePipeline, at time.Duration) error
		state speech.State
		why   evidence.Reason
	}{
		{name: "silent", quiet: true, state: speech.Silent},
		{name: "silent, and nothing is sent", quiet: true, dtx: true, state: speech.Silent},
		{name: "lost", lose: true, state: speech.Unheard, why: evidence.ReasonLoss},
		{name: "lost while nothing is said", quiet: true, lose: true, state: speech.Unheard, why: evidence.ReasonLoss},
		{name: "switched off", quiet: true, do: func(p *ScenePipeline, at time.Duration) error {
			if at == from || at == to {
				return p.MuteVoice("c", roleCandidate, at == from, at)
			}
			return nil
		}, state: speech.Unheard, why: evidence.ReasonMuted},
		{name: "another microphone", quiet: true, do: func(p *ScenePipeline, at time.Duration) error {
			if at != 3*time.Second {
				return nil
			}
			return p.Add(SceneReading{AtMS: at.Milliseconds(), Participant: "c", Role: roleCandidate, Fact: &evidence.FactPayload{
				Participant: "c", Fact: evidence.FactDevice, Source: "microphone", Changed: true}})
		}, state: speech.Unheard, why: evidence.ReasonDevice},
	} {
		frames, err := mediatest.EncodeOpus(sound(c.quiet), c.dtx)
		mustAll(t, err)
		l := &ear{}
		p, err := NewScenePipeline(Config{Detectors: []Descriptor{{
			Name: "ear", Scope: ScopeInterview, Models: []string{models.SpeechVAD},
			Rules: []evidence.Rule{{Kind: evidence.SpeechPause, Measure: "x", On: 2, Off: 2, MaxStep: time.Second}},
			Scene: func(*models.Set) (Detector[SceneReading], error) { return l, nil },
		}}}, set, nil, evidence.Subject{Interview: "i", Participant: "c", Run: "r"}, Gate{Heard: []string{"c"}}, 0,
			Emit{Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {}})
		mustAll(t, err, p.OpenVoice("c", roleCandidate, 0))
		receiver, err := media.NewReceiver(media.Track{MimeType: "audio/opus", ClockRate: 48000}, media.NewParticipantClock(), media.ReceiverConfig{})
		mustAll(t, err)
		pay, err := mediatest.NewPacketizer("audio/opus", 1, 100, 1000)
		mustAll(t, err)
		voice := voiceDecoder{}
		voice.opus, err = codec.NewOpusDecoder()
		mustAll(t, err)
		unsent, quiet, lost := 0, 0, 0
		pop := func(now time.Duration) {
			for s, ok := receiver.Pop(now); ok; s, ok = receiver.Pop(now) {
				for _, r := range voice.decode(s.Data, s.At, s.LostBefore > 0) {
					if n := len(r.pcm) * 1000 / SoundRate; r.dtx {
						quiet += n
					} else if r.lost {
						lost += n
					}
					mustAll(t, p.Sound("c", roleCandidate, r.at, r.pcm, r.lost, r.dtx))
				}
			}
			mustAll(t, p.Advance(now))
		}
		tiny := 0
		for _, f := range frames {
			if c.do != nil {
				mustAll(t, c.do(p, f.At))
			}
			// Of the packets that say nothing, a sender sends one in a while.
			if len(f.Data) <= 2 {
				if tiny++; tiny%20 != 1 {
					unsent++
					continue
				}
			} else {
				tiny = 0
			}
			for _, pkt := range pay.Packets(f) {
				if !c.lose || f.At < from || f.At >= to {
					receiver.Push(pkt, f.At+20*time.Millisecond)
				}
			}
			pop(f.At + 20*time.Millisecond)
		}
		receiver.Flush()
		pop(end + time.Second)
		mustAll(t, p.Finish(end))
		if c.dtx != (unsent > 50) || c.dtx != (quiet > 1000) {
			t.Errorf("%s: %d packets were not sent, %d ms are taken for that", c.name, unsent, quiet)
		}
		if c.lose != (lost > 500) && c.state != speech.Unheard || c.dtx && lost > 0 {
			t.Errorf("%s: %d ms are taken for lost", c.name, lost)
		}
		checkState(t, c.name, l.got, 2600*time.Millisecond, 3400*time.Millisecond, c.state, c.why)
	}
}

// checkState wants a voice to be in one state all of a time.
func checkState(t *testing.T, name string, got []SceneReading, from, to time.Duration, state speech.State, why evidence.Reason) {
	t.Helper()
	var covered int64
	for _, r := range got {
		if r.Sound == nil {
			continue
		}
		for _, s := range r.Sound.Speech {
			a, b := max(s.StartMS, from.Milliseconds()), min(s.EndMS, to.Milliseconds())
			if a >= b {
				continue
			}
			covered += b - a
			if s.State != state || s.Reason != why {
				t.Errorf("%s: from %d to %d ms the voice is %v %q, want %v %q", name, s.StartMS, s.EndMS, s.State, s.Reason, state, why)
			}
		}
	}
	if want := (to - from).Milliseconds(); covered < want-40 {
		t.Errorf("%s: %d of %d ms are told of", name, covered, want)
	}
}
