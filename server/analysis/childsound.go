package analysis

import (
	"errors"
	"fmt"
	"time"

	"github.com/pion/rtp"

	"bonafide/server/codec"
	"bonafide/server/evidence"
	"bonafide/server/media"
)

// maxSounds bounds the runs of sound that wait for the worker: a quarter of a
// minute of three people's, far behind which pictures were dropped already.
const maxSounds = 2000

// childSound turns one microphone's packets into sound for the detectors of
// wider scope. The reader owns it.
type childSound struct {
	c        *child
	handle   uint16
	open     openTrack
	receiver *media.Receiver
	voice    voiceDecoder
	meter    *streamMeter
}

func newChildSound(c *child, handle uint16, open openTrack, clock *media.ParticipantClock, at time.Duration) (*childSound, error) {
	receiver, err := media.NewReceiver(media.Track{
		Participant: open.Participant, Source: media.Source(open.Source), MimeType: open.MimeType, ClockRate: open.ClockRate,
	}, clock, media.ReceiverConfig{})
	if err != nil {
		return nil, fmt.Errorf("opening a track: %w", err)
	}
	t := &childSound{c: c, handle: handle, open: open, receiver: receiver, meter: newStreamMeter(open.Source, true, open.ClockRate, at)}
	if t.voice.opus, err = codec.NewOpusDecoder(); err != nil {
		receiver.Close()
		return nil, fmt.Errorf("opening a track: %w", err)
	}
	return t, nil
}

// push takes a packet and passes on the sound that is complete now.
func (t *childSound) push(p *rtp.Packet, arrival time.Duration) {
	t.meter.packet(p.Timestamp, arrival)
	t.receiver.Push(p, arrival)
	t.pop(arrival)
}

// pop decodes the packets that are in their place, or given up, at this time.
func (t *childSound) pop(now time.Duration) {
	for {
		s, ok := t.receiver.Pop(now)
		if !ok {
			break
		}
		t.meter.sample(s.At, s.Arrival, s.LostBefore)
		for _, r := range t.voice.decode(s.Data, s.At, s.LostBefore > 0) {
			t.c.inbox.put(entry{sound: func() error {
				return t.c.scene.Sound(t.open.Participant, t.open.Role, r.at, r.pcm, r.lost, r.dtx)
			}, lost: func() error { return t.c.scene.DropVoice(t.open.Participant, t.open.Role, r.at) }})
		}
	}
	t.receiver.TakeGaps() // the recorder tells of them
}

// end decodes what is left.
func (t *childSound) end(at time.Duration) {
	t.receiver.Flush()
	t.pop(at)
}

// close takes the track off its participant's clock.
func (t *childSound) close() { t.receiver.Close() }

// scenePart queues something to be done to the detectors of wider scope, once
// there are any.
func (c *child) scenePart(do func(*ScenePipeline) error) {
	c.inbox.put(entry{do: func() error {
		if c.scene == nil {
			return nil
		}
		return do(c.scene)
	}})
}

// streams hands on what is known of the seconds of a stream.
func (c *child) streams(all []StreamReading) {
	if len(all) == 0 {
		return
	}
	c.scenePart(func(p *ScenePipeline) error {
		for _, r := range all {
			if err := p.Stream(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// openScene makes the detectors of wider scope when the first track of the
// candidate is known; before that there is nobody whom findings could be about.
// Voices that were opened before are opened again.
func (c *child) openScene(candidate string, at time.Duration) error {
	if c.scene != nil || !c.hello.Config.wide() {
		return nil
	}
	var err error
	c.scene, err = NewScenePipeline(c.hello.Config, c.set, c.engine.modelsOf, evidence.Subject{
		Interview: c.hello.Interview, Participant: candidate, Run: c.hello.Run,
	}, c.gate, at, Emit{
		Finding:  func(f evidence.Finding) { c.say(result{Say: sayFinding, Finding: &f}) },
		Coverage: func(cs []evidence.Coverage) { c.say(result{Say: sayCoverage, Coverage: cs}) },
		Still:    func(_ evidence.Still, jpeg []byte) { c.send(msgStill, jpeg) },
		Series:   func(all []evidence.Series) { c.say(result{Say: saySeries, Series: all}) },
	})
	if err == nil {
		c.scene.SetCamera(evidence.ReasonCameraOff, at) // until a track of it is opened
	}
	for _, v := range c.voices {
		if err == nil {
			err = v(c.scene, at)
		}
	}
	return err
}

// openSound makes a microphone's receiver and decoder.
func (c *child) openSound(ctl control, clock *media.ParticipantClock) error {
	open, at, muted := *ctl.Open, ctl.At, ctl.Muted
	t, err := newChildSound(c, ctl.Track, open, clock, at)
	if err != nil {
		return fmt.Errorf("analysis process: %w", err)
	}
	t.receiver.SetMuted(muted, at)
	c.sounds[ctl.Track] = t
	voice := func(p *ScenePipeline, at time.Duration) error {
		return errors.Join(p.OpenVoice(open.Participant, open.Role, at), p.MuteVoice(open.Participant, open.Role, muted, at))
	}
	c.inbox.put(entry{do: func() error {
		if err := c.source(open, ctl.Track, true, at); err != nil {
			return err
		}
		c.voices[open.Participant] = voice
		c.newest[open.Participant] = t.handle
		if c.scene == nil {
			return nil
		}
		return voice(c.scene, at)
	}})
	return nil
}

// controlSound does what the parent tells of a microphone. done is false for
// what concerns more than that.
func (c *child) controlSound(t *childSound, ctl control) (done bool, err error) {
	who, role := t.open.Participant, t.open.Role
	switch ctl.Do {
	case doClose:
		delete(c.sounds, ctl.Track)
		t.end(ctl.At)
		t.close()
		c.scenePart(func(p *ScenePipeline) error {
			if c.newest[who] != t.handle {
				return nil // another took its place
			}
			delete(c.voices, who)
			return p.CloseVoice(who, role, ctl.At)
		})
	case doMute:
		t.receiver.SetMuted(ctl.Muted, ctl.At)
		c.scenePart(func(p *ScenePipeline) error { return p.MuteVoice(who, role, ctl.Muted, ctl.At) })
	case doReport:
		t.receiver.SenderReport(ctl.RTPTime, ctl.NTP)
	case doDropped:
		t.receiver.Dropped(ctl.N)
		t.meter.drop(ctl.At)
		c.scenePart(func(p *ScenePipeline) error { return p.DropVoice(who, role, ctl.At) })
	default:
		return false, nil
	}
	return true, nil
}
