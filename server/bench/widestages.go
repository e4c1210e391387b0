package main

import (
	"errors"
	"fmt"
	"time"

	"bonafide/models"
	"bonafide/server/analysis"
	"bonafide/server/app"
	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
	"bonafide/server/speech"
)

// The two people who are heard, and how often a second the packets of one come.
var voices = []struct{ participant, role string }{{"candidate", "candidate"}, {"host", "interviewer"}}

const packetRate = float64(time.Second / packetEvery)

const packetEvery = 20 * time.Millisecond

// seen is what the picture's stages leave for the detectors of wider scope.
type seen struct {
	faces  []analysis.FaceReading   // of the film, landmarkRate a second
	prints []analysis.StreamPicture // of every picture of it
}

// at gives the readings of faces in 100 ms of a call in which the film is shown
// over and over.
func (s seen) at(now time.Duration) (out []analysis.FaceReading) {
	for _, f := range s.faces {
		if f.AtMS/100 == now.Milliseconds()%videoLength.Milliseconds()/100 {
			f.AtMS += now.Truncate(videoLength).Milliseconds()
			if f.Gaze != nil {
				moved := *f.Gaze
				moved.At += now.Truncate(videoLength)
				f.Gaze = &moved
			}
			out = append(out, f)
		}
	}
	return out
}

// second gives a second of the camera's stream.
func (s seen) second(n int64, v *talkingHead) analysis.StreamReading {
	r := analysis.StreamReading{
		AtMS: 1000 * n, LengthMS: 1000, Source: string(media.SourceCamera), Transport: true,
		Packets: 4 * videoFPS, Width: v.width, Height: v.height,
	}
	for _, p := range s.prints {
		if int64(p.AtMS)/1000 == n%int64(videoLength/time.Second) {
			p.AtMS += float64(time.Duration(n).Truncate(videoLength/time.Second)) * 1000
			r.Pictures = append(r.Pictures, p)
		}
	}
	return r
}

// measureWide measures what is heard, and the detectors that look at more than
// one track, over half a minute of a call of two.
func measureWide(set *models.Set, v *talkingHead, s seen) (_ []*stageTimes, err error) {
	var (
		decode = &stageTimes{name: "decode sound, two voices", rate: packetRate * float64(len(voices))}
		find   = &stageTimes{name: "find speech, two voices", rate: packetRate * float64(len(voices))}
		look   = &stageTimes{name: "gaze over time, lips, waits, stream and page facts", rate: 10}
	)
	scene, err := newBenchScene(set)
	if err != nil {
		return nil, err
	}
	ears := make([]*ear, len(voices))
	for i := range voices {
		if ears[i], err = newEar(set, i == 1); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, ears[i].vad.Close()) }()
		if err := scene.OpenVoice(voices[i].participant, voices[i].role, 0); err != nil {
			return nil, err
		}
	}
	const length = 30 * time.Second
	for now := time.Duration(0); now < length; now += 100 * time.Millisecond {
		var readings []analysis.SceneReading
		for at := now; at < now+100*time.Millisecond; at += packetEvery {
			for i, e := range ears {
				r, err := e.hear(at, decode, find)
				if err != nil {
					return nil, err
				}
				readings = append(readings, analysis.SceneReading{AtMS: r.AtMS, Participant: voices[i].participant, Role: voices[i].role, Sound: r})
			}
		}
		err := look.time(func() error {
			for _, r := range readings {
				if err := scene.Add(r); err != nil {
					return err
				}
			}
			for _, f := range s.at(now) {
				if err := scene.Faces(f); err != nil {
					return err
				}
			}
			if now%time.Second == 0 {
				if err := scene.Stream(s.second(int64(now/time.Second), v)); err != nil {
					return err
				}
			}
			return scene.Advance(now)
		})
		if err != nil {
			return nil, err
		}
	}
	return []*stageTimes{decode, find, look}, scene.Finish(length)
}

// newBenchScene makes the detectors of wider scope without the model that finds
// speech, which is measured apart from them.
func newBenchScene(set *models.Set) (*analysis.ScenePipeline, error) {
	cfg := (&app.Config{DetectRate: detectRate, LandmarkRate: landmarkRate}).Pipeline()
	cfg.Detectors = append([]analysis.Descriptor(nil), cfg.Detectors...)
	for i := range cfg.Detectors {
		cfg.Detectors[i].Models = nil
	}
	gate := analysis.Gate{}
	for _, v := range voices {
		gate.Heard = append(gate.Heard, v.participant)
	}
	return analysis.NewScenePipeline(cfg, set, nil, evidence.Subject{Interview: "bench", Participant: "candidate", Run: evidence.RunLive}, gate, 0,
		analysis.Emit{Finding: func(evidence.Finding) {}, Coverage: func([]evidence.Coverage) {}, Still: func(evidence.Still, []byte) {}})
}

// ear decodes one microphone and finds speech in it.
type ear struct {
	packets [][]byte
	opus    *codec.OpusDecoder
	rate    codec.Decimator
	vad     *speech.VAD
	voice   *speech.Voice
}

func newEar(set *models.Set, second bool) (*ear, error) {
	talk, err := newTalk(second)
	if err != nil {
		return nil, err
	}
	e := &ear{voice: speech.NewVoice(speech.VoiceConfig{})}
	for _, f := range talk {
		e.packets = append(e.packets, f.Data)
	}
	if e.opus, err = codec.NewOpusDecoder(); err != nil {
		return nil, err
	}
	e.vad, err = speech.NewVAD(set)
	return e, err
}

// hear is one packet's way to the detectors.
func (e *ear) hear(at time.Duration, decode, find *stageTimes) (*analysis.SoundReading, error) {
	r := &analysis.SoundReading{AtMS: at.Milliseconds(), Source: string(media.SourceMicrophone)}
	err := decode.time(func() error {
		blocks, err := e.opus.Decode(e.packets[int(at/packetEvery)%len(e.packets)], at)
		if err != nil || len(blocks) != 1 {
			return fmt.Errorf("a packet gave %d runs of sound: %w", len(blocks), err)
		}
		r.PCM = e.rate.Next(blocks[0].PCM)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.LengthMS = int64(len(r.PCM)) * 1000 / analysis.SoundRate
	return r, find.time(func() (err error) {
		r.Frames, err = e.vad.Add(media.Block{At: at, Rate: analysis.SoundRate, PCM: r.PCM})
		for _, f := range r.Frames {
			e.voice.Add(f)
		}
		r.Speech = e.voice.Take()
		return err
	})
}
